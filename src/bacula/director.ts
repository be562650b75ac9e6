import * as z from "zod";
import type { Discovery } from "../domain/discovery/discovery.ts";
import { failureDetail } from "../domain/discovery/failure-detail.ts";
import { QueryValueError, queryCommand } from "../domain/discovery/query-command.ts";
import type { Answer, Clock, Director } from "../sync/ports.ts";
import { type ConsoleRun, type ConsoleSettings, runConsole } from "./bconsole.ts";
import { readConfigError } from "./config-error.ts";
import { quotedName } from "./console-command.ts";
import { type Admission, COUNT_CONSOLES, createConsoleWatch, FEW_CONSOLES } from "./console-watch.ts";
import { readCurrentJobs } from "./current-jobs.ts";
import { markLog } from "./director-log.ts";
import { readDisabledJobs } from "./disabled-jobs.ts";
import { LastAnswers } from "./last-answers.ts";
import { readNameList, refusedCommand } from "./name-list.ts";
import { nextRunCommands, readNextRuns, readNoNextRuns } from "./next-runs.ts";
import { createQueryGate } from "./query-gate.ts";
import { reloadOutcome } from "./reload-answer.ts";
import { RESOURCE_COMMANDS, readResources } from "./resource-lists.ts";
import { jobDefsLineFilter, readJobDefs } from "./show-all.ts";
import { readShownJobs } from "./shown-jobs.ts";
import { readLastConfigured, readStartTime } from "./start-time.ts";
import { type TestSettings, testConfiguration } from "./test-configuration.ts";

export interface DirectorSettings extends ConsoleSettings {
  readonly clock: Clock;
  /** DIRECTOR_TEST_COMMAND; undefined: nothing is tested. */
  readonly test?: TestSettings | undefined;
  /** DIRECTOR_LOG; undefined: why a reload was refused is not told. */
  readonly logFile?: string | undefined;
}

/**
 * The Director, asked by one bconsole session a question. Holds the gate of rule 9, so a process makes one of these.
 */
export function createDirector(settings: DirectorSettings): Director {
  const gate = createQueryGate(settings.clock);
  const listings = new LastAnswers();
  const consoles = createConsoleWatch(settings.clock);

  /** One command, with its answer read by `read`. */
  async function ask<T>(
    command: string,
    read: (answer: string) => Answer<T>,
    signal: AbortSignal,
    isWanted?: (line: string) => boolean,
  ): Promise<Answer<T>> {
    const run = await runConsole(settings, [command], { signal, isWanted });
    if (run.kind === "failed") return { kind: "unknown", reason: run.reason, detail: run.detail };
    const answer = run.answers[0] ?? "";
    return refusedCommand(command, answer) ?? read(answer);
  }

  /** Several commands in one session, with all of their answers read by `read`; none are answered by none. */
  async function askAll<T>(
    commands: readonly string[],
    read: (answers: readonly string[]) => Answer<T>,
    signal: AbortSignal,
  ): Promise<Answer<T>> {
    if (commands.length === 0) return read([]);
    const run = await runConsole(settings, commands, { signal });
    if (run.kind === "failed") return { kind: "unknown", reason: run.reason, detail: run.detail };
    for (const [at, command] of commands.entries()) {
      const refused = refusedCommand(command, run.answers[at] ?? "");
      if (refused !== undefined) return refused;
    }
    return read(run.answers);
  }

  /** Sends one `.query` if enough consoles are free; the answer is that of the query alone. */
  async function query(
    command: string,
    signal: AbortSignal,
  ): Promise<ConsoleRun | Exclude<Admission, { kind: "free" }>> {
    const admission = await consoles.admit(gate.hung(), () => runConsole(settings, [COUNT_CONSOLES], { signal }));
    if (admission.kind !== "free") return admission;
    if (!consoles.isCountDue()) return runConsole(settings, [command], { signal });
    const run = await runConsole(settings, [COUNT_CONSOLES, command], { signal });
    if (run.kind === "failed") return run;
    const [connected = "", ...answers] = run.answers;
    consoles.note(connected);
    return { kind: "completed", answers };
  }

  return {
    async listVms(client, signal) {
      let command: string;
      try {
        command = queryCommand(client);
      } catch (error) {
        if (!(error instanceof QueryValueError)) throw error;
        return { kind: "failed", reason: "ConsoleFailed", detail: failureDetail(`not asked: ${error.message}`) };
      }
      const gated = await gate.ask(
        client.client,
        () => query(command, signal),
        // A console that did not get in has asked the client nothing.
        (run) => run.kind === "failed" && run.reason === "TimedOut",
        signal,
      );
      if (gated.kind === "paused") return PAUSED;
      const run = gated.value;
      if (run.kind === "unknown") return { kind: "failed", reason: run.failure.reason, detail: run.failure.detail };
      if (run.kind === "few") return { kind: "failed", reason: "DirectorConsolesLow", detail: FEW_CONSOLES };
      if (run.kind === "failed") return { kind: "failed", reason: run.reason, detail: run.detail };
      return listings.read(client.client, run.answers[0] ?? "", client.allowEmpty);
    },

    async resources(signal) {
      const run = await runConsole(settings, RESOURCE_COMMANDS, { signal });
      if (run.kind === "failed") return { kind: "unknown", reason: run.reason, detail: run.detail };
      return readResources(run.answers);
    },

    jobDefs: (signal) => ask("show all", readJobDefs, signal, jobDefsLineFilter()),

    backupJobs: (signal) => ask(BACKUP_JOBS, (answer) => readNameList(BACKUP_JOBS, answer), signal),

    showJobs: (jobNames, signal) =>
      askAll(
        jobNames.map((name) => `show job=${quotedName(name)}`),
        readShownJobs,
        signal,
      ),

    disabledJobs: (signal) => ask("show disabled", readDisabledJobs, signal),

    async nextRuns(jobNames, signal) {
      const commands = nextRunCommands(jobNames);
      const scheduled = await askAll(commands, (answers) => readNextRuns(jobNames, answers), signal);
      if (scheduled.kind === "unknown") return scheduled;
      const others = jobNames.filter((name) => !scheduled.value.has(name));
      const shown = others.map((name) => `show job=${quotedName(name)}`);
      const reasons = await askAll(shown, (answers) => readNoNextRuns(others, answers), signal);
      if (reasons.kind === "unknown") return reasons;
      return { kind: "answered", value: new Map([...scheduled.value, ...reasons.value]) };
    },

    async reload(signal) {
      const log = settings.logFile === undefined ? undefined : await markLog(settings.logFile);
      const run = await runConsole(settings, ["reload"], { signal });
      if (run.kind === "failed") return { kind: "unknown", reason: run.reason, detail: run.detail };
      const outcome = reloadOutcome(run.answers[0] ?? "");
      if (outcome.kind !== "refused" || log === undefined) return outcome;
      const said = await log.appended((text) => readConfigError(text) !== undefined);
      return { ...outcome, ...readConfigError(said) };
    },

    testConfiguration: async (signal) =>
      settings.test === undefined ? { kind: "notConfigured" } : testConfiguration(settings.test, signal),

    currentJobs: (signal) => ask(".status dir current", readCurrentJobs, signal),

    startTime: (signal) => ask(".status dir header", readStartTime, signal),
    lastConfigured: (signal) => ask(".status dir header", readLastConfigured, signal),

    runJob: async (jobName, signal) => ask(`run job=${quotedName(jobName)} yes`, readQueuedJob, signal),
  };
}

const PAUSED: Discovery = {
  kind: "failed",
  reason: "TimedOut",
  detail: "not asked: the last .query to this client did not end, and one more could take the Director's last console",
};

const BACKUP_JOBS = ".jobs type=B";

const queued = z
  .string()
  .regex(/^Job queued\. JobId=[\d,]+$/)
  .transform((line) => Number(line.replace(/\D/g, "")))
  .pipe(z.int().positive());

function readQueuedJob(answer: string): Answer<{ readonly jobId: number }> {
  const line = answer.split("\n").find((one) => one.startsWith("Job queued."));
  const jobId = queued.safeParse(line);
  if (jobId.success) return { kind: "answered", value: { jobId: jobId.data } };
  return { kind: "unknown", reason: "UnreadableAnswer", detail: failureDetail(`run answered no JobId: ${answer}`) };
}
