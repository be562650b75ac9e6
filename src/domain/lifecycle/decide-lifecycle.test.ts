import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { JobFile, JobHeaders } from "../jobfile/job-file.ts";
import {
  type Decision,
  decideLifecycle,
  type LifecycleFacts,
  type LifecyclePolicy,
  type Sighting,
} from "./decide-lifecycle.ts";

const DAY_MS = 86_400_000;
const NOW = Date.UTC(2026, 10, 24, 12);
const policy: LifecyclePolicy = { graceDays: 14, cleanupAfterDays: 90, optOutAction: "Leave", healMissingFiles: true };

const live: Sighting = { kind: "live", vmHeader: "web01", wishes: { kind: "read", optedOut: false } };
const optedOut: Sighting = { kind: "live", vmHeader: "web01", wishes: { kind: "read", optedOut: true } };
const ambiguous: Sighting = { kind: "live", vmHeader: "web01", wishes: { kind: "ambiguous" } };
const absent: Sighting = { kind: "absent" };
const unseen: Sighting = { kind: "unseen" };

function job(headers: Partial<JobHeaders> = {}, enabled = headers.status !== "disabled"): JobFile {
  return {
    headers: {
      vm: "web01",
      uuid: "014c5892-5efb-4efb-bd60-4e038800475d",
      datacenter: "datacenter1",
      openstack: "openstack1",
      client: "bacula-dc1-os1-fd",
      status: "active",
      ...headers,
    },
    directives: { name: "backup-dc1-os1-web01", jobDefs: "DefaultJob", enabled },
  };
}

function decide(
  sighting: Sighting,
  file: JobFile | undefined,
  more: Partial<LifecycleFacts> = {},
  by: Partial<LifecyclePolicy> = {},
): Decision {
  const facts: LifecycleFacts = {
    sighting,
    job: file,
    knownToCatalog: false,
    blindMs: 0,
    backedUpSinceMissing: false,
    ...more,
  };
  return decideLifecycle(facts, { ...policy, ...by }, NOW);
}

const missingFor = (days: number, more: Partial<JobHeaders> = {}) =>
  job({ missingSince: NOW - days * DAY_MS, ...more });
const disabledFor = (days: number) => missingFor(days + 14, { status: "disabled", disabled: NOW - days * DAY_MS });

describe("the table of spec section 4", () => {
  it.each<[string, Decision, Partial<Decision> | { kind: string; because?: string[] }]>([
    ["new", decide(live, undefined), { kind: "create", knownToCatalog: false }],
    [
      "new, known to the catalog",
      decide(live, undefined, { knownToCatalog: true }),
      { kind: "create", knownToCatalog: true },
    ],
    [
      "new, known to the catalog, not healed",
      decide(live, undefined, { knownToCatalog: true }, { healMissingFiles: false }),
      { kind: "leaveMissingFile" },
    ],
    ["unchanged", decide(live, job()), { kind: "unchanged" }],
    [
      "changed policy",
      decide(live, job(), { policyDirectives: { pool: "Gold" } }),
      { kind: "edit", because: ["ChangedPolicy"], edit: { headers: {}, directives: { pool: "Gold" } } },
    ],
    [
      "returned",
      decide(live, missingFor(3)),
      { kind: "edit", because: ["Returned"], edit: { headers: { missingSince: null }, directives: {} } },
    ],
    [
      "restored",
      decide(live, disabledFor(5)),
      {
        kind: "edit",
        because: ["Returned", "Restored"],
        edit: { headers: { missingSince: null, status: "active", reenabled: NOW }, directives: { enabled: true } },
      },
    ],
    [
      "disappeared",
      decide(absent, job()),
      { kind: "markMissing", edit: { headers: { missingSince: NOW }, directives: {} } },
    ],
    ["within grace", decide(absent, missingFor(13.9)), { kind: "unchanged" }],
    [
      "after grace",
      decide(absent, missingFor(14)),
      { kind: "disable", edit: { headers: { status: "disabled", disabled: NOW }, directives: { enabled: false } } },
    ],
    ["opted out, new", decide(optedOut, undefined), { kind: "optedOut" }],
    ["opted out, has a job", decide(optedOut, job(), { policyDirectives: { pool: "Gold" } }), { kind: "unchanged" }],
    ["opted out, to be disabled", decide(optedOut, job(), {}, { optOutAction: "Disable" }), { kind: "disable" }],
    ["opted out, returned", decide(optedOut, missingFor(3)), { kind: "edit", because: ["Returned"] }],
    ["opted out, disabled before", decide(optedOut, disabledFor(3)), { kind: "edit", because: ["Returned"] }],
    ["held, after grace", decide(absent, missingFor(99, { hold: "legal" })), { kind: "unchanged" }],
    [
      "held, opted out, to be disabled",
      decide(optedOut, job({ hold: "legal" }), {}, { optOutAction: "Disable" }),
      { kind: "unchanged" },
    ],
    ["suspended, absent", decide(absent, job({ suspend: "migration" })), { kind: "unchanged" }],
    [
      "suspended, after grace",
      decide(absent, missingFor(99, { suspend: "migration" })),
      { kind: "edit", because: ["Suspended"], edit: { headers: { missingSince: null }, directives: {} } },
    ],
    [
      "suspended, live, policy changed",
      decide(live, job({ suspend: "migration" }), { policyDirectives: { pool: "Gold" } }),
      { kind: "unchanged" },
    ],
    [
      "suspended, returned",
      decide(live, missingFor(3, { suspend: "migration" })),
      { kind: "edit", because: ["Returned"] },
    ],
    ["purge due", decide(absent, disabledFor(90)), { kind: "purge" }],
    ["purge not due", decide(absent, disabledFor(89.9)), { kind: "unchanged" }],
    [
      "no cleanup configured",
      decide(absent, disabledFor(9_000), {}, { cleanupAfterDays: undefined }),
      { kind: "unchanged" },
    ],
    [
      "held, purge due",
      decide(absent, missingFor(200, { status: "disabled", disabled: NOW - 150 * DAY_MS, hold: "x" })),
      { kind: "unchanged" },
    ],
    [
      "renamed",
      decide({ ...live, vmHeader: "web02" }, job()),
      { kind: "edit", because: ["Renamed"], edit: { headers: { vm: "web02" }, directives: {} } },
    ],
    ["a person's pause stays", decide(live, job({}, false)), { kind: "unchanged" }],
    [
      "read in two ways, opted out and disabled before",
      decide(ambiguous, job({ status: "disabled" })),
      { kind: "unchanged" },
    ],
    [
      "read in two ways, disabled for absence",
      decide(ambiguous, disabledFor(3)),
      { kind: "edit", because: ["Returned", "Restored"] },
    ],
  ])("%s", (_row, decision, expected) => {
    expect(decision).toMatchObject(expected);
  });
});

describe("rule 1: unknown is not gone", () => {
  it.each([job(), missingFor(99), disabledFor(999)])("changes nothing of a job while nothing was seen", (file) => {
    expect(decide(unseen, file)).toEqual({ kind: "unchanged" });
  });
});

describe("rule 3", () => {
  it("does not count time in which discovery did not work", () => {
    expect(decide(absent, missingFor(14), { blindMs: DAY_MS })).toEqual({ kind: "unchanged" });
    expect(decide(absent, missingFor(15), { blindMs: DAY_MS })).toMatchObject({ kind: "disable" });
  });
  it("never disables a VM that was backed up after it went missing", () => {
    expect(decide(absent, missingFor(99), { backedUpSinceMissing: true })).toEqual({ kind: "unchanged" });
  });
});

describe("a person's wishes", () => {
  it("reach the headers in every situation", () => {
    for (const sighting of [live, absent, unseen, optedOut]) {
      const decision = decide(sighting, missingFor(1), { personalHeaders: { hold: "legal" } });
      expect(decision).toMatchObject({ edit: { headers: { hold: "legal" } } });
    }
  });
  it("hold and suspend count in the pass that brings them", () => {
    expect(decide(absent, missingFor(99), { personalHeaders: { hold: "legal" } }).kind).toBe("edit");
    expect(decide(absent, job(), { personalHeaders: { suspend: "move" } }).kind).toBe("edit");
  });
});

describe("for any facts", () => {
  const days = fc.double({ min: 0, max: 400, noNaN: true });
  const stamp = fc.option(
    days.map((d) => NOW - d * DAY_MS),
    { nil: undefined },
  );
  const text = fc.option(fc.constant("why"), { nil: undefined });
  const file = fc
    .record({
      missingSince: stamp,
      disabled: stamp,
      hold: text,
      suspend: text,
      status: fc.constantFrom("active" as const, "disabled" as const),
    })
    .map((headers) => job(headers));
  const anyFacts = fc.record({
    sighting: fc.constantFrom(live, optedOut, ambiguous, absent, unseen),
    job: fc.option(file, { nil: undefined }),
    knownToCatalog: fc.boolean(),
    blindMs: days.map((d) => d * DAY_MS),
    backedUpSinceMissing: fc.boolean(),
  });

  it("protection is only taken from a VM that is surely absent beyond grace, or opted out by request", () => {
    fc.assert(
      fc.property(anyFacts, (facts) => {
        const decision = decideLifecycle(facts, policy, NOW);
        if (decision.kind !== "disable" && decision.kind !== "purge") return;
        expect(facts.sighting.kind).toBe("absent");
        const { missingSince = NOW, hold, suspend } = facts.job?.headers ?? {};
        expect(NOW - missingSince - facts.blindMs).toBeGreaterThanOrEqual(policy.graceDays * DAY_MS - 1);
        expect([hold, suspend, facts.backedUpSinceMissing]).toEqual([undefined, undefined, false]);
      }),
    );
  });

  it("a sighting leaves no absence behind", () => {
    fc.assert(
      fc.property(anyFacts, (facts) => {
        if (facts.sighting.kind !== "live" || facts.job?.headers.missingSince === undefined) return;
        expect(decideLifecycle(facts, policy, NOW)).toMatchObject({
          kind: "edit",
          edit: { headers: { missingSince: null } },
        });
      }),
    );
  });
});

describe("#@first-backup", () => {
  it.each([
    ["live", live],
    ["absent", absent],
    ["unseen", unseen],
    ["opted out", optedOut],
  ])("goes when the run is in the catalog, also of a VM that is %s, with what else is due", (_case, sighting) => {
    const waiting = job({ firstBackup: "wanted", suspend: "a person's" });
    const seen = decide(sighting, waiting, { firstRunSeen: true });
    expect(seen).toMatchObject({ kind: "edit", because: ["FirstRunSeen"], edit: { headers: { firstBackup: null } } });
    expect(decide(sighting, waiting, { firstRunSeen: false })).toEqual({ kind: "unchanged" });
    expect(decide(sighting, job({ suspend: "a person's" }), { firstRunSeen: true })).toEqual({ kind: "unchanged" });
  });

  it("goes beside the mark of an absence", () => {
    const decision = decide(absent, job({ firstBackup: "wanted" }), { firstRunSeen: true });
    expect(decision).toMatchObject({
      kind: "markMissing",
      edit: { headers: { firstBackup: null, missingSince: NOW } },
      otherwise: { headers: { firstBackup: null } },
    });
  });
});
