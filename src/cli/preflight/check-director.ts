import { runConsole } from "../../bacula/bconsole.ts";
import { findProgram } from "../../bacula/find-program.ts";
import type { KnownJobDefs } from "../../domain/policy/known-job-defs.ts";
import { type Check, fail, ok, skip, warn } from "../../domain/preflight/check.ts";
import { judgeQuery } from "../../domain/preflight/judge-clients.ts";
import { judgeResources, type Referrer } from "../../domain/preflight/judge-resources.ts";
import { judgeRuntime } from "../../domain/preflight/judge-runtime.ts";
import type { Answer, DirectorResources } from "../../sync/ports.ts";
import type { ConfiguredClient } from "../read-clients.ts";
import type { PreflightInput } from "./preflight-input.ts";

/** What the Director answered, for the sections that rest on it; undefined: it did not answer. */
export interface DirectorSight {
  readonly checks: readonly Check[];
  readonly resources?: DirectorResources | undefined;
  readonly jobDefs: KnownJobDefs;
}

/** Section "bconsole". Without `withJobDefs` the slow `show all` is left out. */
export async function checkBconsole(
  { env, settings, ports, signal }: Pick<PreflightInput, "env" | "settings" | "ports" | "signal">,
  withJobDefs: boolean,
): Promise<DirectorSight> {
  const { bconsole } = settings;
  const path = await findProgram(bconsole.program, env["PATH"] ?? "/usr/bin:/bin");
  if (path === undefined) {
    const cause = bconsole.program.includes("/")
      ? `there is no executable ${bconsole.program}`
      : `there is no executable ${bconsole.program} on PATH ${env["PATH"] ?? ""}`;
    const check = fail("bconsole not found", cause, "set BCONSOLE to its full path, such as /opt/bacula/bin/bconsole");
    return { checks: [check], jobDefs: { kind: "unknown" } };
  }
  const found = ok(`bconsole is ${path}`);
  const resources = await ports.director.resources(signal);
  if (resources.kind === "unknown") return { checks: [found, notConnected(resources)], jobDefs: { kind: "unknown" } };
  const { clients, jobs } = resources.value;
  const connected = ok(`connected to the Director: it shows ${clients.size} Clients and ${jobs.size} Jobs`);
  const purge = await checkPurgeConsole({ settings, signal });
  if (!withJobDefs)
    return { checks: [found, connected, ...purge], resources: resources.value, jobDefs: { kind: "unknown" } };
  const jobDefs = await ports.director.jobDefs(signal);
  const shown =
    jobDefs.kind === "answered"
      ? ok(`the Director lists its JobDefs: ${jobDefs.value.length}`)
      : warn(
          "the Director does not list its JobDefs",
          jobDefs.detail,
          "let the Console use show (CommandACL) and all jobs (JobACL = *all*): tags of VMs choose JobDefs by it",
        );
  return {
    checks: [found, connected, shown, ...purge],
    resources: resources.value,
    jobDefs:
      jobDefs.kind === "answered"
        ? { kind: "known", resources: new Map(jobDefs.value.map((each) => [each.name, each])) }
        : { kind: "unknown" },
  };
}

function notConnected({ reason, detail }: Extract<Answer<never>, { kind: "unknown" }>): Check {
  switch (reason) {
    case "DirectorUnreachable":
    case "ConsoleFailed":
      return fail(
        "bconsole does not connect to the Director",
        detail,
        "start the Director; correct B_CONSOLE_CONF: address, port, the Console's name and password",
      );
    case "TimedOut":
    case "AnswerTooLarge":
      return fail(
        "the Director does not answer bconsole in time",
        detail,
        "look at the Director; raise BCONSOLE_TIMEOUT",
      );
    case "NotAuthorized":
    case "UnreadableAnswer":
      return fail(
        "the Console may not list the Director's resources",
        detail,
        "let it use .query, reload, .jobs, .clients, .pools, .storage, .schedule, .filesets, .msgs, .status, show (CommandACL), and everything by the other ACLs",
      );
    default:
      return reason satisfies never;
  }
}

/** PURGE_CONSOLE_CONF logs in; nothing is asked. */
async function checkPurgeConsole({
  settings,
  signal,
}: Pick<PreflightInput, "settings" | "signal">): Promise<readonly Check[]> {
  const { purgeConfigFile, program, timeoutMs, maxAnswerBytes } = settings.bconsole;
  if (purgeConfigFile === undefined) return [];
  const console = { bconsolePath: program, bconsoleConf: purgeConfigFile, timeoutMs, maxBytes: maxAnswerBytes };
  const run = await runConsole(console, [".clients"], { signal });
  if (run.kind === "completed") return [ok("the Console of PURGE_CONSOLE_CONF connects, too")];
  return [
    fail(
      "the Console of PURGE_CONSOLE_CONF does not connect",
      run.detail,
      "correct PURGE_CONSOLE_CONF; without it nothing is purged",
    ),
  ];
}

/** Section ".query per client": each is asked as a sync asks it, some at the same time. */
export async function checkQueries(
  { ports, signal }: Pick<PreflightInput, "ports" | "signal">,
  clients: readonly ConfiguredClient[],
  { resources }: DirectorSight,
): Promise<readonly Check[]> {
  if (resources === undefined) return [skip("no client was asked: see section bconsole")];
  if (clients.length === 0) return [skip("no client was asked: see section clients.conf")];
  return Promise.all(
    clients.map(async ({ policy }) => judgeQuery(policy, await ports.director.listVms(policy, signal))),
  );
}

/** Section "Director resources": what new jobs of these clients, and by the settings alone, would refer to. */
export function checkResources(
  { settings }: Pick<PreflightInput, "settings">,
  clients: readonly ConfiguredClient[],
  { resources, jobDefs }: DirectorSight,
): readonly Check[] {
  if (resources === undefined) return [skip("not looked at: see section bconsole")];
  const { clientDefaults } = settings;
  const byDefault: Referrer = {
    place: "the settings",
    policy: { ...clientDefaults, jobDefs: { name: clientDefaults.jobDefs, from: "Global" } },
  };
  const byClients = clients.map(({ place, policy }): Referrer => ({ place, policy, client: policy.client }));
  return judgeResources([...(clients.length === 0 ? [byDefault] : []), ...byClients], resources, jobDefs);
}

/** Section "Runtime config". */
export async function checkRuntime({
  settings,
  ports,
  signal,
}: Pick<PreflightInput, "settings" | "ports" | "signal">): Promise<readonly Check[]> {
  const { graceDays, cleanupAfterDays } = settings.clientDefaults;
  const { isDryRun, reloadAfterSync } = settings;
  const test = await ports.director.testConfiguration(signal);
  return judgeRuntime({ graceDays, cleanupAfterDays, isDryRun, reloadAfterSync, test });
}
