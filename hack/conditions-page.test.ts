import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ANNOTATIONS } from "../src/api/group.ts";
import type { ClaimedName } from "../src/domain/client/claims.ts";
import type { DiscoveryFailure } from "../src/domain/discovery/discovery.ts";
import type { JobFile, JobHeaders } from "../src/domain/jobfile/job-file.ts";
import type { ClientFacts } from "../src/domain/status/client-facts.ts";
import { clientStatus } from "../src/domain/status/client-status.ts";
import type { Condition } from "../src/domain/status/condition.ts";
import { CLIENT_CONDITIONS, CLIENT_REASONS, VM_CONDITIONS, VM_REASONS } from "../src/domain/status/reasons.ts";
import type { Run, VmFacts } from "../src/domain/status/vm-facts.ts";
import { vmStatus } from "../src/domain/status/vm-status.ts";
import type { CatalogFailure, DirectorFailure, VolumeFailure } from "../src/sync/ports.ts";

const PROJECT = join(import.meta.dirname, "..");
const page = await readFile(join(PROJECT, "docs/conditions.md"), "utf8");
const steps = (
  await Promise.all(
    ["record-steps.ts", "record-purges.ts"].map((name) =>
      readFile(join(PROJECT, "src/controllers/open-stack-client", name), "utf8"),
    ),
  )
).join("\n");

const KINDS = [
  { kind: "OpenStackClient", types: CLIENT_CONDITIONS, reasons: CLIENT_REASONS },
  { kind: "ManagedVM", types: VM_CONDITIONS, reasons: VM_REASONS },
] as const;
type Kind = (typeof KINDS)[number]["kind"];

/** The text under a heading, up to the next one of any level. */
function section(heading: string): string {
  const start = page.indexOf(`\n${heading}\n`);
  if (start < 0) throw new Error(`docs/conditions.md has no heading ${heading}`);
  const text = page.slice(start + heading.length + 2);
  const end = text.search(/^#+ /m);
  return end < 0 ? text : text.slice(0, end);
}

/** The rows of the table in a text whose first cell is one or more names in backticks. */
function rows(text: string): readonly { readonly names: readonly string[]; readonly second: string }[] {
  return [...text.matchAll(/^\| (`[^|]+`) +\| ([^|]+?) *\|/gm)].map(([, first = "", second = ""]) => ({
    names: inBackticks(first),
    second,
  }));
}

function inBackticks(text: string): readonly string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name);
}

/** Condition types of a kind, as its table has them. */
function typesOnPage(kind: Kind): readonly string[] {
  return rows(section(`## ${kind}`)).flatMap(({ names }) => names);
}

/** `Type=Status/Reason` of each row of a kind. */
function conditionsOnPage(kind: Kind): readonly string[] {
  return typesOnPage(kind).flatMap((type) =>
    rows(section(`### ${kind}: ${type}`)).flatMap(({ names, second }) =>
      names.map((reason) => `${type}=${second}/${reason}`),
    ),
  );
}

function notProduced(line: string): readonly string[] {
  const text = section("## Named in the code, but not produced yet");
  return inBackticks(text.split("\n").find((one) => one.startsWith(`- ${line}:`)) ?? "");
}

const sorted = (names: Iterable<string>) => [...new Set(names)].sort();
const reasonOf = (shown: string) => shown.slice(shown.indexOf("/") + 1);

describe.each(KINDS)("the page on conditions of $kind", ({ kind, types, reasons }) => {
  it("has every condition type and every reason of the code, and no other", () => {
    const onPage = [...typesOnPage(kind), ...conditionsOnPage(kind).map(reasonOf), ...notProduced(kind)];
    expect(sorted(onPage)).toEqual(sorted([...Object.keys(types), ...Object.keys(reasons)]));
  });

  it("explains nothing that it says is not produced", () => {
    const explained = conditionsOnPage(kind).map(reasonOf);
    // All that is named for a ManagedVM is produced by now.
    expect(notProduced(kind).length > 0).toBe(kind === "OpenStackClient");
    expect(notProduced(kind).filter((name) => explained.includes(name) || typesOnPage(kind).includes(name))).toEqual(
      [],
    );
  });

  it("has each row once", () => {
    const onPage = conditionsOnPage(kind);
    expect(onPage).toHaveLength(new Set(onPage).size);
  });
});

/** The keys of a record that TypeScript keeps complete. */
function all<Name extends string>(names: Readonly<Record<Name, true>>): readonly Name[] {
  return Object.keys(names).filter((name): name is Name => Object.hasOwn(names, name));
}
const detail = "why";

describe("rows of an OpenStackClient", () => {
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
  const failures = all<DiscoveryFailure>({
    DirectorUnreachable: true,
    DirectorConsolesLow: true,
    ConsoleFailed: true,
    TimedOut: true,
    AnswerTooLarge: true,
    ClientUnknown: true,
    NotAuthorized: true,
    ClientUnreachable: true,
    PluginError: true,
    EmptyAnswer: true,
    UnreadableAnswer: true,
  });
  const catalogFailures = all<CatalogFailure>({
    Unreachable: true,
    NotAuthorized: true,
    WrongSchema: true,
    TimedOut: true,
    QueryFailed: true,
  });
  const directorFailures = all<DirectorFailure>({
    DirectorUnreachable: true,
    ConsoleFailed: true,
    TimedOut: true,
    AnswerTooLarge: true,
    NotAuthorized: true,
    UnreadableAnswer: true,
  });
  const volumeFailures = all<VolumeFailure | "LockHeld">({
    NotWritable: true,
    NotFound: true,
    NoSpace: true,
    WrongVolume: true,
    SymlinkRefused: true,
    ReadFailed: true,
    LockHeld: true,
  });
  const holds = all({ TooManyMissing: true, TooManyDisabled: true, PolicyOutage: true });

  /** What a pass finds today, one thing at a time. */
  const found: readonly Partial<ClientFacts>[] = [
    {},
    { discovery: { kind: "listed", vms: { length: 500 }, looksLikePageLimit: true } },
    ...failures.map((reason) => ({ discovery: { kind: "failed", reason, detail } }) as const),
    { discovery: { kind: "suspicious", reason: "AbsencesNotConfirmed", detail } },
    { clockSkewed: true },
    { contradicted: ["web-01"] },
    ...catalogFailures.map((reason) => ({ catalog: { kind: "unknown", reason, detail } }) as const),
    { removals: { kind: "killSwitch" } },
    ...holds.map((reason) => ({ removals: { kind: "held", reason, names: ["a"], known: 9, token: "1-a" } }) as const),
    { frontEnd: { client: "bacula-dc1-os1-fd", heldBy: "operator a/b" } },
    { unknownReferences: [{ resource: "Pool", name: "Nope", existing: [] }] },
    { heldPluginEdits: { names: ["a"], token: "1-a" } },
    { newVmsWaiting: 3 },
    { publishing: { kind: "busy", reason: "JobListUnchanged", detail } },
    { publishing: { kind: "refused", detail } },
    { publishing: { kind: "reloadLeft", detail } },
    ...directorFailures.map((reason) => ({ publishing: { kind: "failed", reason, detail } }) as const),
    { publishing: { kind: "failed", reason: "PublishFailed", detail } },
    { publishing: { kind: "failed", reason: "ErrorOutsideOurFiles", detail }, directorConfigError: detail },
    ...volumeFailures.map((reason) => ({ publishing: { kind: "volume", reason, detail } }) as const),
    { mode: "DryRun", publishing: { kind: "dryRun" } },
  ];
  const claims = all<ClaimedName>({ client: true, jobPrefix: true, folder: true });
  const stopped: readonly Partial<ClientFacts>[] = [
    { suspended: true },
    { specProblems: [detail] },
    ...claims.map((claimed) => ({ claim: { kind: "refused", claimed, winner: "a/b", reason: detail } }) as const),
  ];
  const conditionsOf = (change: Partial<ClientFacts>) => clientStatus({ ...healthy, ...change }).conditions;

  it("are the conditions that the code gives", () => {
    // Prose tells of Ready=False, whose reason is another condition's, and of the parts of a client that is stopped.
    const given = found.flatMap(conditionsOf).filter(({ type, status }) => type !== "Ready" || status === "True");
    const ofStopped = stopped
      .flatMap(conditionsOf)
      .filter(({ type, status }) => ["Ready", "Stalled", "Paused"].includes(type) && status === "True");
    expect(sorted(conditionsOnPage("OpenStackClient"))).toEqual(sorted([...given, ...ofStopped].map(shown)));
  });
});

describe("rows of a ManagedVM", () => {
  const now = Date.UTC(2026, 10, 24, 12);
  const headers: JobHeaders = {
    vm: "web-01",
    uuid: "014c5892-5efb-4efb-bd60-4e038800475d",
    datacenter: "datacenter1",
    openstack: "openstack1",
    client: "bacula-dc1-os1-fd",
    status: "active",
  };
  const job = (change: Partial<JobHeaders> = {}, enabled = true): JobFile => ({
    headers: { ...headers, ...change },
    directives: { name: "backup-dc1-os1-web-01", jobDefs: "Gold", fileSet: "fs", enabled },
  });
  const good: Run = { jobId: 7, level: "F", status: "T", endTimeMs: now - 9, bytes: 7, files: 3, fileSet: "fs" };
  const active: VmFacts = {
    job: job(),
    sighting: "live",
    wishes: { kind: "read", optedOut: false },
    decision: { kind: "unchanged" },
    jobDefs: { name: "Gold", from: "Client", basis: "judged" },
    publishing: { kind: "published" },
    history: { lastGood: good, lastRun: good },
    blindMs: 0,
    policy: { graceDays: 14, maxBackupAgeMs: 1_000 },
  };
  const jobless = { job: undefined, publishing: { kind: "none" } } as const;
  const refusals = all({ NotAllowed: true, NotFound: true, NotBackup: true });

  const found: readonly Partial<VmFacts>[] = [
    {},
    { sighting: "absent", wishes: undefined, job: job({ missingSince: now - 9 }) },
    { sighting: "absent", wishes: undefined, job: job({ missingSince: now - 9, status: "disabled" }, false) },
    { ...jobless, wishes: { kind: "read", optedOut: true }, decision: { kind: "optedOut" } },
    { ...jobless, decision: { kind: "leaveMissingFile" } },
    { ...jobless, decision: { kind: "create" } },
    { publishing: { kind: "rejected", reason: detail, lastGoodPublished: true } },
    { publishing: { kind: "pending" } },
    { history: {} },
    { history: { lastRun: { ...good, status: "f" } } },
    { history: { lastGood: { ...good, fileSet: "other" } } },
    { history: { lastGood: { ...good, endTimeMs: now - 9_000 } } },
    { history: undefined },
    ...refusals.map((reason) => {
      const refused = { name: "Silver", from: "Tag", reason } as const;
      return { jobDefs: { name: "Gold", from: "Client", basis: "judged", refused } } as const;
    }),
    {
      wishes: { kind: "read", optedOut: false, jobDefsTag: "Silver" },
      jobDefs: { name: "Gold", from: "Client", basis: "kept" },
    },
    { shadowed: ["pool"] },
    { tagChangeWaitsUntilMs: now + 9 },
    { job: job({ suspend: "migration" }) },
    { job: job({}, false) },
    { isPurging: true },
    { schedule: { kind: "notScheduled", because: { kind: "jobDisabled" } } },
    { job: job({}, false), schedule: { kind: "enabledInConsole" } },
  ];

  it("are the conditions that the code gives", () => {
    const given = found.flatMap((change) => vmStatus({ ...active, ...change }, now).conditions);
    expect(sorted(conditionsOnPage("ManagedVM"))).toEqual(sorted(given.map(shown)));
  });
});

function shown({ type, status, reason }: Condition): string {
  return `${type}=${status}/${reason}`;
}

describe("the page on events", () => {
  it("has every event of a step with its type, and no other", () => {
    const recorded = [...steps.matchAll(/type: "(Normal|Warning)",\s+reason: "(\w+)"/g)].map(
      ([, type = "", reason = ""]) => `${type} ${reason}`,
    );
    expect(recorded).toHaveLength(steps.match(/\breason: "/g)?.length ?? 0);
    const onPage = rows(section("## Events")).flatMap(({ names, second }) => names.map((name) => `${second} ${name}`));
    expect(sorted(onPage)).toEqual(sorted(recorded));
  });
});

describe("the page on annotations", () => {
  it("has every annotation, and no other", () => {
    const onPage = [...rows(section("## Annotations")).flatMap(({ names }) => names), ...notProduced("Annotations")];
    const known = Object.values(ANNOTATIONS).map((name) => name.slice(name.indexOf("/") + 1));
    expect(sorted(onPage)).toEqual(sorted(known));
  });
});
