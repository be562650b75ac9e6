import { judgeClaims } from "../../domain/client/claims.ts";
import { type Check, fail, ok, type SectionChecks, skip } from "../../domain/preflight/check.ts";
import { judgeClaimOf } from "../../domain/preflight/judge-clients.ts";
import { judgeOpenStack } from "../../domain/preflight/judge-open-stack.ts";
import { inspectOpenStack } from "../../openstack/inspect.ts";
import type { ConfiguredClient } from "../read-clients.ts";
import { checkCatalog } from "./check-catalog.ts";
import { checkBconsole, checkQueries, checkResources, checkRuntime, type DirectorSight } from "./check-director.ts";
import { checkBaseDir, checkBinary, checkDedup, checkInclude } from "./check-host.ts";
import type { PreflightClients, PreflightInput } from "./preflight-input.ts";

/**
 * Every section, each as soon as it and those before it are done. What does not depend on each other is asked at the
 * same time, so that one thing that hangs costs its own time only. Nothing is changed anywhere.
 */
export async function* runPreflight(input: PreflightInput, read: PreflightClients): AsyncGenerator<SectionChecks> {
  const clients = read.kind === "ok" ? read.clients : [];
  const sight = checkBconsole(input, true);
  const afterBconsole = async (check: (seen: DirectorSight) => Promise<readonly Check[]> | readonly Check[]) =>
    check(await sight);
  const sections: readonly (readonly [SectionChecks["section"], Promise<readonly Check[]>])[] = [
    ["Binary", checkBinary(input.env)],
    ["clients.conf", Promise.resolve(checkClients(input.settings.clientsConf, read))],
    ["BASE_DIR", checkBaseDir(input)],
    ["bconsole", afterBconsole(({ checks }) => checks)],
    ["PostgreSQL catalog", checkCatalog(input)],
    ["OpenStack API", checkOpenStack(input)],
    [".query per client", afterBconsole((seen) => checkQueries(input, clients, seen))],
    ["Runtime config", checkRuntime(input)],
    ["Director resources", afterBconsole((seen) => checkResources(input, clients, seen))],
    ["Director include", checkInclude(input)],
    ["Deduplication", checkDedup(input, clients)],
  ];
  // All are under way: one that rejects while an earlier one is waited for must not be nobody's.
  for (const [, checks] of sections) checks.catch(() => undefined);
  for (const [section, checks] of sections) yield { section, checks: await checks };
}

/**
 * What an operator's start looks at: one bconsole session, one connection to the catalog, the Director's configuration
 * where it can be read. Nothing is written, not even for a moment, since a client may be in DryRun.
 */
export async function* runStartChecks(
  input: Pick<PreflightInput, "env" | "settings" | "ports" | "signal">,
): AsyncGenerator<SectionChecks> {
  yield { section: "bconsole", checks: (await checkBconsole(input, false)).checks };
  yield { section: "PostgreSQL catalog", checks: await checkCatalog(input) };
  yield { section: "Director include", checks: await checkInclude(input) };
}

/** When settings are wrong, looking with others than are meant would mislead: only they are told. */
export async function* refusedSettings(
  env: PreflightInput["env"],
  problems: readonly string[],
): AsyncGenerator<SectionChecks> {
  const notLooked = (section: SectionChecks["section"]): SectionChecks => ({
    section,
    checks: [skip("not looked at: see section Runtime config")],
  });
  yield { section: "Binary", checks: await checkBinary(env) };
  for (const section of [
    "clients.conf",
    "BASE_DIR",
    "bconsole",
    "PostgreSQL catalog",
    "OpenStack API",
    ".query per client",
  ] as const)
    yield notLooked(section);
  const checks = problems.map((problem) =>
    fail("a setting is wrong", problem, "correct it in the environment file; sync does nothing before that"),
  );
  yield { section: "Runtime config", checks };
  for (const section of ["Director resources", "Director include", "Deduplication"] as const) yield notLooked(section);
}

function checkClients(file: string, read: PreflightClients): readonly Check[] {
  if (read.kind === "invalid") {
    return read.problems.map((problem) =>
      fail(
        "clients.conf cannot be used",
        problem,
        "correct it: datacenter openstack client proxy_server job_prefix [jobdefs]",
      ),
    );
  }
  const { clients } = read;
  if (clients.length === 0)
    return [
      fail(
        "clients.conf names no client",
        `${file} has only comments and empty lines`,
        "add a line for each OpenStack",
      ),
    ];
  const verdicts = judgeClaims(
    clients.map(({ place, policy, line }) => ({
      id: place,
      identity: policy,
      createdAtMs: line.line,
      hasFiles: false,
    })),
  );
  const found = clients.flatMap(({ place }: ConfiguredClient) => {
    const verdict = verdicts.get(place);
    return verdict === undefined ? [] : judgeClaimOf(place, verdict);
  });
  return [ok(`${file}: ${clients.length} client${clients.length === 1 ? "" : "s"}`), ...found];
}

async function checkOpenStack({ env, ports, signal }: PreflightInput): Promise<readonly Check[]> {
  return judgeOpenStack(await inspectOpenStack(env, () => ports.clock.now(), signal));
}
