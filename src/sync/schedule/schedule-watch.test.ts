import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { JobDirectives, JobFile } from "../../domain/jobfile/job-file.ts";
import type { VmPublishing } from "../pass-report.ts";
import type { Answer, NextRun } from "../ports.ts";
import { scheduleGroup } from "./schedule-group.ts";
import { ScheduleWatch } from "./schedule-watch.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const never = new AbortController().signal;
const away = { kind: "unknown", reason: "DirectorUnreachable", detail: "connection refused" } as const;
const scheduled: NextRun = { kind: "scheduled" };
const noSchedule: NextRun = { kind: "none", because: { kind: "noSchedule" } };
const SCHEDULED = { kind: "scheduled" };
const DISABLED = { kind: "notScheduled", because: { kind: "jobDisabled" } };

function job(name: string, directives: Partial<JobDirectives> = {}, status: "active" | "disabled" = "active"): JobFile {
  const headers = { vm: name, uuid: name, datacenter: "dc", openstack: "os", client: "fd", status };
  return { headers, directives: { name, jobDefs: "Gold", client: "fd", schedule: "Weekly", ...directives } };
}

/** A Director of which a test says what it answers. */
function bed() {
  const clock = { at: 1_000_000, now: () => clock.at };
  const director = {
    disabled: new Set<string>() as ReadonlySet<string>,
    isAway: false,
    runOf: (_name: string): NextRun => scheduled,
    /** What was asked for: `disabled`, and the jobs of each question for runs. */
    asked: [] as string[],
    disabledJobs: async (): Promise<Answer<ReadonlySet<string>>> => {
      director.asked.push("disabled");
      return director.isAway ? away : { kind: "answered", value: director.disabled };
    },
    nextRuns: async (names: readonly string[]): Promise<Answer<ReadonlyMap<string, NextRun>>> => {
      director.asked.push(names.join(","));
      if (director.isAway) return away;
      return { kind: "answered", value: new Map(names.map((name) => [name, director.runOf(name)])) };
    },
  };
  const told: string[] = [];
  const watch = new ScheduleWatch(director, clock, (detail) => told.push(detail));
  const pass = async (client: string, jobs: readonly JobFile[], publishing: VmPublishing = { kind: "published" }) => {
    watch.noteJobs(
      client,
      jobs.map((one) => ({ job: one, publishing })),
    );
    await watch.askWhenDue(never);
  };
  return { clock, director, told, watch, pass };
}

describe("rule 7: whether the Director runs a job by itself", () => {
  it("is not known before it was asked", () => {
    expect(bed().watch.verdictOf(job("web01"))).toBeUndefined();
  });

  it("is asked of one enabled job of each group", async () => {
    const { director, watch, pass } = bed();
    director.disabled = new Set(["web01"]);
    director.runOf = (name) => (name === "db01" ? noSchedule : scheduled);
    const jobs = [job("web01"), job("web02"), job("db01", { schedule: undefined }), job("web03")];
    await pass("fd", jobs);
    expect(director.asked).toEqual(["disabled", "web02,db01"]);
    expect(jobs.map((one) => watch.verdictOf(one))).toEqual([
      DISABLED,
      SCHEDULED,
      { kind: "notScheduled", because: { kind: "noSchedule" } },
      SCHEDULED,
    ]);
  });

  it("has no next run to be asked for when its own file disables it, or the Director does not have it", async () => {
    const { director, watch, pass } = bed();
    const disabled = [job("paused", { enabled: false }), job("gone", {}, "disabled")];
    director.disabled = new Set(["paused", "gone"]);
    await pass("fd", [job("gone", {}, "disabled")]);
    await pass("fd", [job("waiting"), job("paused", { enabled: false })], {
      kind: "pending",
      lastGoodPublished: false,
    });
    expect(director.asked).toEqual([]);
    await pass("fd", [...disabled, job("web01")]);
    expect(director.asked).toEqual(["disabled", "web01"]);
    expect(disabled.map((one) => watch.verdictOf(one))).toEqual([{ kind: "disabledInFile" }, undefined]);
  });

  it("is known of one that its own file disables and the console enabled, not of one that its file disabled since", async () => {
    const { clock, director, watch, pass } = bed();
    const [gone, since] = [job("gone", { enabled: false }, "disabled"), job("since")];
    await pass("fd", [gone, since]);
    expect(watch.verdictOf(gone)).toEqual({ kind: "enabledInConsole" });
    const paused = job("since", { enabled: false });
    await pass("fd", [gone, paused]);
    expect(watch.verdictOf(paused)).toBeUndefined();
    director.disabled = new Set(["gone", "since"]);
    clock.at += HOUR;
    await pass("fd", [gone, paused]);
    expect([gone, paused].map((one) => watch.verdictOf(one)?.kind)).toEqual(["disabledInFile", "disabledInFile"]);
    // Its file enables it again: what was asked of the disabled one says nothing of it.
    expect(watch.verdictOf(job("gone"))?.kind).not.toBe("disabledInFile");
  });

  it("is asked once an hour, whatever number of passes and clients there is", async () => {
    const { clock, director, watch, pass } = bed();
    for (let minute = 0; minute < 60; minute += 5) {
      await pass("a", [job("web01")]);
      await pass("b", [job("web02")]);
      clock.at += 5 * MINUTE;
    }
    clock.at -= 1;
    await pass("a", [job("web01")]);
    clock.at += 1;
    expect(director.asked).toEqual(["disabled", "web01"]);
    director.disabled = new Set(["web02"]);
    await pass("a", [job("web01")]);
    expect(director.asked).toEqual(["disabled", "web01", "disabled", "web01"]);
    expect(watch.verdictOf(job("web02"))).toEqual(DISABLED);
    director.disabled = new Set();
    clock.at += HOUR;
    await pass("a", [job("web01")]);
    expect(watch.verdictOf(job("web02"))).toEqual(SCHEDULED);
  });

  it("is asked at once when a pass brings a group that it was never asked about", async () => {
    const { director, watch, pass } = bed();
    await pass("a", [job("web01")]);
    await pass("b", [job("web02", { client: "other" })]);
    expect(director.asked).toEqual(["disabled", "web01", "disabled", "web01,web02"]);
    const moved = job("web02", { client: "other", schedule: "Never" });
    expect(watch.verdictOf(moved)).toBeUndefined();
    director.runOf = (name) => (name === "web02" ? noSchedule : scheduled);
    await pass("b", [moved]);
    expect(watch.verdictOf(moved)).toMatchObject({ kind: "notScheduled" });
  });

  it("is not asked again and again for a group of which nothing can be said", async () => {
    const { director, watch, pass } = bed();
    director.runOf = () => ({ kind: "unknown" });
    director.disabled = new Set(["db01"]);
    const jobs = [job("web01"), job("db01", { schedule: undefined })];
    for (let passes = 0; passes < 3; passes++) await pass("a", jobs);
    expect(director.asked).toEqual(["disabled", "web01"]);
    expect(watch.verdictOf(job("web01"))).toBeUndefined();
  });

  it("is what was known when the Director does not answer, which is said, and tried again after ten minutes", async () => {
    const { clock, director, told, watch, pass } = bed();
    director.disabled = new Set(["web01"]);
    await pass("a", [job("web01")]);
    clock.at += HOUR;
    director.isAway = true;
    director.disabled = new Set();
    await pass("a", [job("web01")]);
    await pass("b", [job("new", { schedule: "Other" })]);
    expect(told).toEqual(["connection refused"]);
    expect(watch.verdictOf(job("web01"))).toEqual(DISABLED);
    director.isAway = false;
    clock.at += 10 * MINUTE - 1;
    await pass("a", [job("web01")]);
    expect(watch.verdictOf(job("web01"))).toEqual(DISABLED);
    clock.at += 1;
    await pass("a", [job("web01")]);
    expect(watch.verdictOf(job("web01"))).toEqual(SCHEDULED);
  });

  it("of a job that came back is not what it was while its file disabled it", async () => {
    const { director, watch, pass } = bed();
    director.disabled = new Set(["web01"]);
    await pass("a", [job("web01", { enabled: false }), job("web02")]);
    expect(watch.verdictOf(job("web01", { enabled: true }))).toEqual(SCHEDULED);
  });

  it("is asked by one question at a time, which a pass does not wait for", async () => {
    const { director, watch } = bed();
    const open = Promise.withResolvers<Answer<ReadonlySet<string>>>();
    director.disabledJobs = () => {
      director.asked.push("disabled");
      return open.promise;
    };
    watch.noteJobs("a", [{ job: job("web01"), publishing: { kind: "published" } }]);
    const first = watch.askWhenDue(never);
    await watch.askWhenDue(never);
    expect(director.asked).toEqual(["disabled"]);
    open.resolve({ kind: "answered", value: new Set() });
    await first;
    expect(watch.verdictOf(job("web01"))).toEqual(SCHEDULED);
  });

  it("is asked again when the clock was set back, and after an error of ours", async () => {
    const { clock, director, told, pass } = bed();
    await pass("a", [job("web01")]);
    clock.at -= HOUR / 2;
    director.nextRuns = () => Promise.reject(new Error("a mistake"));
    await pass("a", [job("web01")]);
    expect(director.asked.filter((one) => one === "disabled")).toHaveLength(2);
    expect(told).toEqual(["Error: a mistake"]);
  });
});

describe("a group", () => {
  const name = fc.constantFrom(undefined, "a", "b", "-", "=a");
  const lines = fc.record({ schedule: name, client: name, jobDefs: name });
  it("is the same for jobs whose Schedule and Client come from the same place, and for no others", () => {
    fc.assert(
      fc.property(lines, lines, (one, two) => {
        const complete = one.schedule !== undefined && one.client !== undefined;
        const isSame =
          one.schedule === two.schedule && one.client === two.client && (complete || one.jobDefs === two.jobDefs);
        expect(scheduleGroup({ name: "x", ...one }) === scheduleGroup({ name: "y", ...two })).toBe(isSame);
      }),
    );
  });
});
