import type { JobFile } from "../../domain/jobfile/job-file.ts";
import { isMeantToRun } from "../../domain/status/is-meant-to-run.ts";
import type { ScheduleVerdict } from "../../domain/status/schedule-verdict.ts";
import type { VmReport } from "../pass-report.ts";
import type { Answer, Clock, Director, NextRun } from "../ports.ts";
import { scheduleGroup } from "./schedule-group.ts";

/** How often the Director is asked (rule 7: hourly). */
const ASK_AGAIN_MS = 60 * 60_000;
/** After a question that failed. */
const RETRY_MS = 10 * 60_000;

/** What the Director said when it was asked last. */
interface Schedule {
  /** Of the jobs that their files enabled at that time: another one's state may have changed since with its file. */
  readonly disabledJobs: ReadonlySet<string>;
  /** Every group that there was; undefined: nothing can be said of it. */
  readonly groups: ReadonlyMap<string, NextRun | undefined>;
  /** Of the jobs that their files disabled at that time, whether the Director runs them nevertheless. */
  readonly stopped: ReadonlyMap<string, "disabledInFile" | "enabledInConsole">;
}

type JobsByGroup = ReadonlyMap<string, readonly string[]>;

/** The published jobs of one client. */
interface NotedJobs {
  readonly groups: JobsByGroup;
  /** Names of those that their own files disable. */
  readonly stopped: readonly string[];
}

/**
 * Whether the Director would run the published jobs by itself (rule 7). It is asked beside the passes, never by one: a
 * pass takes what is known, and a first answer shows in the pass after it. Asked once an hour, and when a pass brings a
 * group of jobs that it was never asked about (the first pass, a new client, another Schedule): those few have no answer
 * that could be an hour old.
 *
 * A question that fails changes nothing: what was known stays in force, since a Director that is away has enabled no job.
 */
export class ScheduleWatch {
  readonly #director: Pick<Director, "disabledJobs" | "nextRuns">;
  readonly #clock: Clock;
  readonly #onUnknown: ((detail: string) => void) | undefined;
  readonly #clients = new Map<string, NotedJobs>();
  #schedule: Schedule | undefined;
  #nextMs = 0;
  #askedMs = 0;
  #isAsking = false;
  #hasFailed = false;

  /** `onUnknown` is told why a question failed. */
  constructor(
    director: Pick<Director, "disabledJobs" | "nextRuns">,
    clock: Clock,
    onUnknown: ((detail: string) => void) | undefined,
  ) {
    this.#director = director;
    this.#clock = clock;
    this.#onUnknown = onUnknown;
  }

  /** Whether the Director runs this published job by itself; undefined: not known. */
  verdictOf(job: JobFile): ScheduleVerdict | undefined {
    const schedule = this.#schedule;
    const { directives } = job;
    if (schedule === undefined) return undefined;
    if (!isMeantToRun(job)) {
      const kind = directives.enabled === false ? schedule.stopped.get(directives.name) : undefined;
      return kind && { kind };
    }
    if (schedule.disabledJobs.has(directives.name)) return DISABLED;
    const run = schedule.groups.get(scheduleGroup(directives));
    if (run === undefined || run.kind === "unknown") return undefined;
    return run.kind === "scheduled" ? SCHEDULED : { kind: "notScheduled", because: run.because };
  }

  /** The client's jobs as they stand in the Director after a pass. */
  noteJobs(client: string, vms: readonly Pick<VmReport, "job" | "publishing">[]): void {
    const groups = new Map<string, string[]>();
    const stopped: string[] = [];
    for (const { job, publishing } of vms) {
      if (job === undefined || publishing.kind !== "published") continue;
      if (job.directives.enabled === false) stopped.push(job.directives.name);
      if (!isMeantToRun(job)) continue;
      const group = scheduleGroup(job.directives);
      const names = groups.get(group);
      if (names === undefined) groups.set(group, [job.directives.name]);
      else names.push(job.directives.name);
    }
    this.#clients.set(client, { groups, stopped });
  }

  /** Begins to ask when it is time; the answer counts from then on. Resolves when it is there, and never rejects. */
  async askWhenDue(signal: AbortSignal): Promise<void> {
    const now = this.#clock.now();
    if (this.#isAsking || !this.#isDue(now)) return;
    this.#isAsking = true;
    this.#askedMs = now;
    try {
      const stopped = [...this.#clients.values()].flatMap((client) => client.stopped);
      const answer = await this.#ask(this.#allGroups(), stopped, signal);
      this.#hasFailed = answer.kind === "unknown";
      if (answer.kind === "answered") this.#schedule = answer.value;
      else this.#onUnknown?.(answer.detail);
    } catch (error) {
      this.#hasFailed = true;
      if (!signal.aborted) this.#onUnknown?.(String(error));
    } finally {
      this.#nextMs = now + (this.#hasFailed ? RETRY_MS : ASK_AGAIN_MS);
      this.#isAsking = false;
    }
  }

  #isDue(now: number): boolean {
    const clients = [...this.#clients.values()];
    const groups = clients.flatMap((client) => [...client.groups.keys()]);
    // A clock that was set back must not make the time longer than it is.
    if (now >= this.#nextMs || now < this.#askedMs)
      return groups.length > 0 || clients.some(({ stopped }) => stopped.length > 0);
    return !this.#hasFailed && groups.some((group) => this.#schedule?.groups.has(group) !== true);
  }

  #allGroups(): JobsByGroup {
    const all = new Map<string, readonly string[]>();
    for (const { groups } of this.#clients.values()) {
      for (const [group, names] of groups) all.set(group, [...(all.get(group) ?? []), ...names]);
    }
    return all;
  }

  async #ask(groups: JobsByGroup, stopped: readonly string[], signal: AbortSignal): Promise<Answer<Schedule>> {
    const disabled = await this.#director.disabledJobs(signal);
    if (disabled.kind === "unknown") return disabled;
    const samples = new Map<string, string>();
    for (const [group, names] of groups) {
      const enabled = names.find((name) => !disabled.value.has(name));
      if (enabled !== undefined) samples.set(group, enabled);
    }
    const runs = await this.#director.nextRuns([...samples.values()], signal);
    if (runs.kind === "unknown") return runs;
    const value: Schedule = {
      disabledJobs: new Set([...groups.values()].flat().filter((name) => disabled.value.has(name))),
      groups: new Map([...groups.keys()].map((group) => [group, runs.value.get(samples.get(group) ?? "")])),
      stopped: new Map(stopped.map((name) => [name, disabled.value.has(name) ? "disabledInFile" : "enabledInConsole"])),
    };
    return { kind: "answered", value };
  }
}

const SCHEDULED: ScheduleVerdict = { kind: "scheduled" };
const DISABLED: ScheduleVerdict = { kind: "notScheduled", because: { kind: "jobDisabled" } };
