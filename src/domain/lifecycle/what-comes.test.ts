import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { JobFile, JobHeaders } from "../jobfile/job-file.ts";
import { decideLifecycle } from "./decide-lifecycle.ts";
import { type OutlookFacts, whatComes } from "./what-comes.ts";

const DAY = 86_400_000;
const now = Date.UTC(2026, 10, 24, 12);
const policy = { graceDays: 14, cleanupAfterDays: 90, optOutAction: "Leave", healMissingFiles: true } as const;
const { cleanupAfterDays: _never, ...keeping } = policy;

const job = (change: Partial<JobHeaders> = {}): JobFile => ({
  headers: {
    vm: "web01",
    uuid: "014c5892-5efb-4efb-bd60-4e038800475d",
    datacenter: "datacenter1",
    openstack: "openstack1",
    client: "bacula-dc1-os1-fd",
    status: "active",
    ...change,
  },
  directives: { name: "backup-dc1-os1-web01", enabled: true },
});
const absent = (change: Partial<JobHeaders>): OutlookFacts => ({
  job: job(change),
  sighting: "absent",
  blindMs: 0,
  isContradicted: false,
});

describe("what comes for a VM if nothing changes", () => {
  it("disables it when its grace is over, and purges it later where that is asked for", () => {
    const facts = absent({ missingSince: now - 4 * DAY });
    const disable = { step: "disable", atMs: now + 10 * DAY };
    expect(whatComes(facts, policy, now, now + 10 * DAY - 1)).toEqual([]);
    expect(whatComes(facts, policy, now, now + 10 * DAY)).toEqual([disable]);
    expect(whatComes(facts, policy, now, Infinity)).toEqual([disable, { step: "purge", atMs: now + 100 * DAY }]);
    expect(whatComes(facts, keeping, now, Infinity)).toEqual([disable]);
  });

  it("counts from now what the next pass marks as missing", () => {
    expect(whatComes(absent({}), policy, now, Infinity)).toEqual([
      { step: "disable", atMs: now + 14 * DAY },
      { step: "purge", atMs: now + 104 * DAY },
    ]);
  });

  it("takes at once what is over due, and waits from then for the purge", () => {
    expect(whatComes(absent({ missingSince: now - 200 * DAY }), policy, now, Infinity)).toEqual([
      { step: "disable", atMs: now },
      { step: "purge", atMs: now + 90 * DAY },
    ]);
  });

  it("counts a stamp in the future as now, as a pass does", () => {
    expect(whatComes(absent({ missingSince: now + 900 * DAY }), keeping, now, Infinity)).toEqual([
      { step: "disable", atMs: now + 14 * DAY },
    ]);
  });

  it("is the opt-out of a tenant where policy lets that disable", () => {
    const optedOut: OutlookFacts = { ...absent({}), sighting: "live", wishes: { kind: "read", optedOut: true } };
    expect(whatComes(optedOut, policy, now, Infinity)).toEqual([]);
    expect(whatComes(optedOut, { ...policy, optOutAction: "Disable" }, now, Infinity)).toEqual([
      { step: "disable", atMs: now },
    ]);
  });

  it.each([
    ["held", absent({ missingSince: now - 200 * DAY, hold: "legal" })],
    ["suspended", absent({ missingSince: now - 200 * DAY, suspend: "move" })],
    ["contradicted by a backup", { ...absent({ missingSince: now - 200 * DAY }), isContradicted: true }],
    ["not looked for", { ...absent({ missingSince: now - 200 * DAY }), sighting: "unseen" as const }],
    ["listed", { ...absent({ missingSince: now - 200 * DAY }), sighting: "live" as const }],
    ["without a job", { ...absent({}), job: undefined }],
  ])("is nothing while it is %s", (_case, facts: OutlookFacts) => {
    expect(whatComes(facts, policy, now, Infinity)).toEqual([]);
  });
});

describe("an outlook", () => {
  const day = fc.integer({ min: -400, max: 10 }).map((days) => now + days * DAY);
  const facts: fc.Arbitrary<OutlookFacts> = fc.record({
    job: fc
      .record({
        missingSince: fc.option(day, { nil: undefined }),
        disabled: fc.option(day, { nil: undefined }),
        status: fc.constantFrom("active" as const, "disabled" as const),
        hold: fc.option(fc.constant("legal"), { nil: undefined, freq: 4 }),
        suspend: fc.option(fc.constant("move"), { nil: undefined, freq: 4 }),
      })
      .map(job),
    sighting: fc.constantFrom("absent" as const, "live" as const, "unseen" as const),
    wishes: fc.constantFrom({ kind: "ambiguous" as const }, { kind: "read" as const, optedOut: true }),
    blindMs: fc.integer({ min: 0, max: 30 }).map((days) => days * DAY),
    isContradicted: fc.boolean(),
  });
  const policies = fc.record({
    graceDays: fc.constantFrom(0, 0.5, 14),
    cleanupAfterDays: fc.option(fc.constantFrom(0.5, 90), { nil: undefined }),
    optOutAction: fc.constantFrom("Leave" as const, "Disable" as const),
    healMissingFiles: fc.boolean(),
  });

  it("until an earlier moment is the beginning of that until a later one", () => {
    fc.assert(
      fc.property(facts, policies, fc.integer({ min: 0, max: 600 }), (vm, limits, days) => {
        const untilMs = now + days * DAY;
        const all = whatComes(vm, limits, now, Infinity);
        expect(whatComes(vm, limits, now, untilMs)).toEqual(all.filter(({ atMs }) => atMs <= untilMs));
        expect(all.length).toBeLessThanOrEqual(2);
      }),
    );
  });

  it("is what a pass at that very moment decides, and not a moment before", () => {
    // Only an absence that was marked before, by a clock that was right, is the same for a pass of another moment.
    const past = fc.integer({ min: -400, max: 0 }).map((days) => now + days * DAY);
    const status = fc.constantFrom("active" as const, "disabled" as const);
    const headers = fc.record({ missingSince: past, disabled: past, status });
    const marked = fc.record({ headers, blindMs: fc.integer({ min: 0, max: 30 }).map((days) => days * DAY) });
    fc.assert(
      fc.property(marked, policies, (vm, limits) => {
        const [first] = whatComes({ ...absent(vm.headers), blindMs: vm.blindMs }, limits, now, Infinity);
        const comes = vm.headers.status === "active" || limits.cleanupAfterDays !== undefined;
        expect(first !== undefined).toBe(comes);
        if (first === undefined) return;
        const { blindMs } = vm;
        const sighting = { kind: "absent" } as const;
        const lifecycle = {
          sighting,
          job: job(vm.headers),
          knownToCatalog: true,
          blindMs,
          backedUpSinceMissing: false,
        };
        const decided = (atMs: number) => decideLifecycle(lifecycle, limits, atMs).kind;
        // What is due now may have been due before.
        const before = first.atMs > now ? decided(first.atMs - 1) : "unchanged";
        expect([before, decided(first.atMs)]).toEqual(["unchanged", first.step]);
      }),
    );
  });
});
