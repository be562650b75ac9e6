import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ClientFacts } from "./client-facts.ts";
import { clientStatus } from "./client-status.ts";
import { CLIENT_CONDITIONS, CLIENT_REASONS } from "./reasons.ts";

const healthy: ClientFacts = {
  specProblems: [],
  claim: { kind: "granted", warnings: [] },
  suspended: false,
  mode: "Enforce",
  discovery: { kind: "listed", vms: { length: 12 }, looksLikePageLimit: false },
  catalog: { kind: "read" },
  clockSkewed: false,
  contradicted: [],
  unknownReferences: [],
  removals: { kind: "allowed" },
  publishing: { kind: "unchanged" },
  failedChanges: [],
};
const nothingYet: Partial<ClientFacts> = {
  discovery: undefined,
  catalog: undefined,
  removals: undefined,
  publishing: undefined,
};
const held: ClientFacts["removals"] = {
  kind: "held",
  reason: "TooManyMissing",
  names: Array.from({ length: 30 }, (_, index) => `vm${index}`),
  known: 100,
  token: "30-1a2b3c4d",
};

/** `Type=Status/Reason` of each condition. */
function shownBy(change: Partial<ClientFacts>): readonly string[] {
  return clientStatus({ ...healthy, ...change }).conditions.map(
    ({ type, status, reason }) => `${type}=${status}/${reason}`,
  );
}

const WELL = [
  "Ready=True/Succeeded",
  "Discovered=True/Listed",
  "CatalogReachable=True/CatalogRead",
  "Published=True/Published",
  "RemovalAllowed=True/WithinLimits",
];

describe("the conditions of an OpenStackClient", () => {
  it("are these when all is well", () => {
    expect(shownBy({})).toEqual(WELL);
    expect(shownBy({ publishing: { kind: "published", jobs: 3 } })).toEqual(WELL);
  });

  it.each<[string, Partial<ClientFacts>, readonly string[]]>([
    [
      "nothing is known yet",
      nothingYet,
      [
        "Ready=Unknown/Progressing",
        "Discovered=Unknown/Progressing",
        "CatalogReachable=Unknown/Progressing",
        "Published=Unknown/Progressing",
        "RemovalAllowed=Unknown/Progressing",
        "Reconciling=True/Progressing",
      ],
    ],
    [
      "the File Daemon is down",
      { discovery: { kind: "failed", reason: "ClientUnreachable", detail: "no connection" } },
      [
        "Ready=False/ClientUnreachable",
        "Discovered=False/ClientUnreachable",
        "RemovalAllowed=Unknown/DiscoveryUnavailable",
        "Reconciling=True/ProgressingWithRetry",
      ],
    ],
    [
      "the Director has no such Client",
      { discovery: { kind: "failed", reason: "ClientUnknown", detail: "no client" } },
      ["Ready=False/ClientUnknown", "Stalled=True/ClientUnknown"],
    ],
    [
      "answers differ",
      { discovery: { kind: "suspicious", reason: "AbsencesNotConfirmed", detail: "300, then 600 VMs" } },
      ["Ready=False/AbsencesNotConfirmed", "Discovered=False/AbsencesNotConfirmed"],
    ],
    [
      "the listing is as long as a page",
      { discovery: { kind: "listed", vms: { length: 1_000 }, looksLikePageLimit: true } },
      ["Ready=True/Succeeded", "Discovered=True/PageLimitSuspected"],
    ],
    ["clocks differ", { clockSkewed: true }, ["Ready=False/ClockSkew", "RemovalAllowed=Unknown/DiscoveryUnavailable"]],
    ["backups contradict", { contradicted: ["web01"] }, ["Discovered=False/ContradictedByBackups"]],
    [
      "the catalog is away",
      { catalog: { kind: "unknown", reason: "Unreachable", detail: "connection refused" } },
      [
        "Ready=False/CatalogUnreachable",
        "CatalogReachable=False/CatalogUnreachable",
        "Discovered=True/Listed",
        "RemovalAllowed=Unknown/DiscoveryUnavailable",
      ],
    ],
    [
      "the policy names what is not there",
      { unknownReferences: [{ resource: "Pool", name: "Gone", existing: ["Default"] }] },
      ["Ready=False/UnknownReference", "Published=False/UnknownReference", "Stalled=True/UnknownReference"],
    ],
    [
      "many VMs are gone at once",
      { removals: held },
      ["Ready=False/TooManyMissing", "RemovalAllowed=False/TooManyMissing", "Stalled=True/TooManyMissing"],
    ],
    ["a person holds all", { removals: { kind: "killSwitch" } }, ["Ready=True/Succeeded", "RemovalAllowed=False/Hold"]],
    [
      "Plugin lines wait for approval",
      { heldPluginEdits: { names: ["web01"], token: "60-1a2b3c4d" } },
      ["Ready=False/PluginChangeHeld", "Published=False/PluginChangeHeld", "Stalled=True/PluginChangeHeld"],
    ],
    [
      "more VMs are new than one pass protects",
      { newVmsWaiting: 5 },
      ["Ready=False/NewVmsWait", "Published=False/NewVmsWait", "Reconciling=True/ProgressingWithRetry"],
    ],
    [
      "the Director is busy",
      { publishing: { kind: "busy", reason: "TooManyReloads", detail: "32 reloads" } },
      ["Ready=False/DirectorBusy", "Published=False/DirectorBusy", "Reconciling=True/ProgressingWithRetry"],
    ],
    [
      "the Director refuses",
      { publishing: { kind: "refused", detail: "syntax" } },
      ["Published=False/DirectorRefused"],
    ],
    [
      "the Director refuses for others' errors",
      { publishing: { kind: "refused", detail: "syntax" }, directorConfigError: "Pool X" },
      ["Published=False/DirectorRefused", "DirectorConfigInvalid=True/ErrorOutsideOurFiles"],
    ],
    [
      "the Director does not answer",
      { publishing: { kind: "failed", reason: "DirectorUnreachable", detail: "x" } },
      ["Published=False/DirectorUnreachable"],
    ],
    [
      "it fails in a way without a name",
      { publishing: { kind: "failed", reason: "toString", detail: "x" } },
      ["Published=False/PublishFailed"],
    ],
    [
      "the volume is another one",
      { publishing: { kind: "volume", reason: "WrongVolume", detail: "no job files" } },
      ["Ready=False/WrongVolume", "Stalled=True/WrongVolume"],
    ],
    [
      "another writer holds the lock",
      { publishing: { kind: "volume", reason: "LockHeld", detail: "held by host a, pid 7" } },
      ["Published=False/LockHeld", "Reconciling=True/ProgressingWithRetry"],
    ],
    [
      "the volume is full",
      { failedChanges: [{ slug: "web01", reason: "NoSpace" }] },
      ["Ready=False/NoSpace", "Published=False/NoSpace"],
    ],
    [
      "it is a dry run",
      { mode: "DryRun", publishing: { kind: "dryRun" } },
      ["Ready=True/DryRun", "Published=False/DryRun", "RemovalAllowed=False/DryRun"],
    ],
    ["it is suspended", { suspended: true }, ["Ready=True/Suspended", "Paused=True/Suspended"]],
    [
      "another owns the client",
      { claim: { kind: "refused", claimed: "client", winner: "bacula/a", reason: "client x belongs to bacula/a" } },
      ["Ready=False/ClientTaken", "Stalled=True/ClientTaken", "Discovered=Unknown/ClientTaken"],
    ],
    [
      "the spec is wrong",
      { specProblems: ["interval is from 1s to 168h"], suspended: true },
      ["Ready=False/InvalidSpec", "Stalled=True/InvalidSpec"],
    ],
  ])("when %s", (_when, change, expected) => {
    expect(shownBy(change)).toEqual(expect.arrayContaining([...expected]));
  });

  it("show what waits for approval, and how to give it", () => {
    const { removal, conditions } = clientStatus({ ...healthy, removals: held });
    expect(removal).toEqual({ token: "30-1a2b3c4d", names: Array.from({ length: 20 }, (_, index) => `vm${index}`) });
    const message = conditions.find(({ type }) => type === "RemovalAllowed")?.message;
    expect(message).toContain("30 of 100 VMs are absent at once: vm0, vm1");
    expect(message).toContain("vm19 and 10 more");
    expect(message).toContain("approve-removal to 30-1a2b3c4d");
  });
  it("name what is missing and what there is", () => {
    const { conditions } = clientStatus({
      ...healthy,
      unknownReferences: [{ resource: "Pool", name: "Gone", existing: ["Default", "Full"] }],
    });
    expect(conditions.find(({ type }) => type === "Published")?.message).toContain("it has: Default, Full");
  });
  it("warn of a prefix that begins another", () => {
    const claim = { kind: "granted" as const, warnings: ["jobPrefix a begins with b"] };
    const [ready] = clientStatus({ ...healthy, claim }).conditions;
    expect(ready?.message).toContain("Note: jobPrefix a begins with b.");
  });
});

const detail = fc.constantFrom("no connection", "refused.", "");
const anyFacts: fc.Arbitrary<ClientFacts> = fc.record({
  specProblems: fc.constantFrom<readonly string[]>([], ["x is wrong"]),
  claim: fc.constantFrom<ClientFacts["claim"]>(
    { kind: "granted", warnings: [] },
    { kind: "granted", warnings: ["w"] },
    { kind: "refused", claimed: "folder", winner: "a", reason: "r" },
  ),
  suspended: fc.boolean(),
  mode: fc.constantFrom("Enforce", "DryRun"),
  discovery: fc.oneof(
    fc.constant(undefined),
    fc.record({
      kind: fc.constant("listed" as const),
      vms: fc.record({ length: fc.nat(2_000) }),
      looksLikePageLimit: fc.boolean(),
    }),
    fc.record({ kind: fc.constant("failed" as const), reason: fc.constantFrom("TimedOut", "EmptyAnswer"), detail }),
  ),
  catalog: fc.oneof(
    fc.constant(undefined),
    fc.constant({ kind: "read" as const }),
    fc.record({ kind: fc.constant("unknown" as const), reason: fc.constantFrom("TimedOut", "WrongSchema"), detail }),
  ),
  clockSkewed: fc.boolean(),
  contradicted: fc.array(fc.string(), { maxLength: 30 }),
  unknownReferences: fc.constantFrom<ClientFacts["unknownReferences"]>(
    [],
    [{ resource: "Pool", name: "p", existing: [] }],
  ),
  removals: fc.constantFrom<ClientFacts["removals"]>(undefined, { kind: "allowed" }, { kind: "killSwitch" }, held),
  publishing: fc.constantFrom<ClientFacts["publishing"]>(
    undefined,
    { kind: "unchanged" },
    { kind: "busy", reason: "x", detail: "d" },
    { kind: "dryRun" },
    { kind: "volume", reason: "NoSpace", detail: "d" },
  ),
  heldPluginEdits: fc.constantFrom(undefined, { names: ["web01"], token: "60-1a2b3c4d" }),
  newVmsWaiting: fc.nat(2),
  failedChanges: fc.constantFrom<ClientFacts["failedChanges"]>([], [{ slug: "a", reason: "NoSpace" }]),
  directorConfigError: fc.constantFrom(undefined, "Pool x"),
});

describe("whatever the facts are", () => {
  it("Ready is there, each type once, and every reason is documented", () => {
    fc.assert(
      fc.property(anyFacts, (facts) => {
        const { conditions } = clientStatus(facts);
        const types = conditions.map(({ type }) => type);
        expect(types[0]).toBe("Ready");
        expect(new Set(types).size).toBe(types.length);
        for (const { type, reason, message } of conditions) {
          expect(CLIENT_CONDITIONS).toHaveProperty(type);
          expect(CLIENT_REASONS).toHaveProperty(reason);
          expect(message).toMatch(/\S/u);
          expect(message.length).toBeLessThan(4_096);
        }
      }),
    );
  });
  it("Reconciling, Stalled, Paused and DirectorConfigInvalid are there only while True", () => {
    fc.assert(
      fc.property(anyFacts, (facts) => {
        const abnormal = new Set(["Reconciling", "Stalled", "Paused", "DirectorConfigInvalid"]);
        const shown = clientStatus(facts).conditions.filter(({ type }) => abnormal.has(type));
        expect(shown.every(({ status }) => status === "True")).toBe(true);
      }),
    );
  });
  it("a client is ready, on its way, or waits for a person: never none of them, and never Ready and Stalled", () => {
    fc.assert(
      fc.property(anyFacts, (facts) => {
        const { conditions } = clientStatus(facts);
        const isTrue = (wanted: string) => conditions.some(({ type, status }) => type === wanted && status === "True");
        expect(isTrue("Ready") || isTrue("Reconciling") || isTrue("Stalled")).toBe(true);
        expect(isTrue("Ready") && isTrue("Stalled")).toBe(false);
      }),
    );
  });
  it("the same facts give the same status", () => {
    fc.assert(
      fc.property(anyFacts, (facts) => {
        expect(clientStatus(structuredClone(facts))).toEqual(clientStatus(facts));
      }),
    );
  });
});

describe("another front end whose policy is in force", () => {
  const client = "bacula-dc1-os1-fd";
  const heldBy = "command line backup1:/etc/clients.conf";
  const messageOf = (change: Partial<ClientFacts>, type: string) =>
    clientStatus({ ...healthy, ...change }).conditions.find((condition) => condition.type === type)?.message;

  it("waits for a person, and nothing else is wrong", () => {
    const [, ...parts] = WELL;
    const shown = ["Ready=False/OtherFrontEnd", ...parts, "Stalled=True/OtherFrontEnd"];
    expect(shownBy({ frontEnd: { client, heldBy } })).toEqual(shown);
    expect(messageOf({ frontEnd: { client, heldBy } }, "Stalled")).toBe(
      `"${heldBy}" applied another policy to the existing job files last, so they stay as they are; new VMs are protected. Give both the same policy; or, if this one is to count from now on, set the annotation bacula-openstack-sync.io/take-over to ${client}.`,
    );
  });

  it("hides no other trouble, which has conditions of its own", () => {
    const shown = shownBy({ frontEnd: { client, heldBy }, removals: held });
    expect(shown).toContain("Ready=False/TooManyMissing");
    expect(shown).toContain("RemovalAllowed=False/TooManyMissing");
    expect(shown).toContain("Stalled=True/OtherFrontEnd");
  });

  it.each<[string, Partial<ClientFacts>, string]>([
    ["while it holds", { frontEnd: { client, heldBy, ignoredTakeOver: "yes" } }, "Stalled"],
    ["while all is well", { frontEnd: { client, ignoredTakeOver: "yes" } }, "Ready"],
    ["in a dry run", { frontEnd: { client, ignoredTakeOver: "yes" }, mode: "DryRun" }, "Ready"],
  ])("a take-over of something else is told %s", (_when, change, type) => {
    expect(messageOf(change, type)).toMatch(
      / Note: the annotation take-over is "yes" and is ignored: its value must be bacula-dc1-os1-fd\.$/u,
    );
  });

  it("is told in one short line, whatever its name and the annotation are", () => {
    const anything = fc.string({ unit: fc.constantFrom("\n", "\u007f", "\u0085", "\u2028", '"', "a"), maxLength: 400 });
    fc.assert(
      fc.property(anything, anything, (by, ignoredTakeOver) => {
        const message = messageOf({ frontEnd: { client, heldBy: by, ignoredTakeOver } }, "Stalled") ?? "";
        expect(message).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
        expect(message.length).toBeLessThan(2_200);
      }),
    );
  });
});
