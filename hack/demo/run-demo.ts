import { installOperator, OperatorProcess } from "../testbed/operator-process.ts";
import { type DemoBed, endDemoBed, OPERATOR_NAME, startDemoBed } from "./demo-bed.ts";
import { lookAround } from "./look-around.ts";
import { Stage } from "./stage.ts";
import { Terminal } from "./terminal.ts";
import { addVm, backUp, loseSight, protectFleet, showFiles } from "./tour.ts";
import { untilStopped } from "./until-stopped.ts";

/** What a shell answers for a program that was ended by SIGINT. */
const STOPPED = 130;

/**
 * Shows all of it in the claimed bed, and cleans up, also after a failure and Ctrl-C; `isKept`: unless all went well.
 * The exit code: 0 all was shown, 1 something failed, 130 stopped by a signal.
 */
export async function runDemo(isKept: boolean): Promise<number> {
  const terminal = new Terminal();
  const stop = stopSignal(terminal);
  const startMs = performance.now();
  let operator: OperatorProcess | undefined;
  let exitCode = 1;
  let bed: DemoBed | undefined;
  try {
    terminal.step("A real Bacula 15 (Director, File, Storage, catalog) and a real Kubernetes API server, on loopback");
    terminal.say(
      "About 10 seconds; the first time on a machine up to 8 minutes, since what is missing is installed or built.",
    );
    bed = await untilStopped(startDemoBed(isKept), stop);

    terminal.step("The operator, with its CRDs and a service account that has the least rights it needs");
    operator = await startOperator(bed, isKept, terminal, stop);

    const stage = new Stage(bed, terminal, stop);
    await protectFleet(stage);
    await showFiles(stage);
    await backUp(stage);
    await addVm(stage);
    await loseSight(stage);
    exitCode = 0;
  } catch (error) {
    if (stop.aborted) exitCode = STOPPED;
    else await tellFailure(error, bed, operator);
  }
  if (exitCode === 0 && isKept && bed !== undefined && operator !== undefined) {
    console.log(lookAround(bed, operator));
    return 0;
  }
  terminal.step("Cleaning up: all processes end, their state goes; the binaries stay in the cache");
  await operator?.stop();
  await endDemoBed();
  terminal.say(`done after ${Math.round((performance.now() - startMs) / 1000)} s`);
  return exitCode;
}

async function startOperator(
  { bacula, kubernetes }: DemoBed,
  isKept: boolean,
  terminal: Terminal,
  stop: AbortSignal,
): Promise<OperatorProcess> {
  terminal.command("kubectl apply -f crds -f hack/manifests/operator-rbac.yaml");
  await untilStopped(installOperator(kubernetes), stop);
  terminal.command("BASE_DIR=... BCONSOLE=... DB_HOST=... KUBECONFIG=... npx bacula-openstack-sync operator &");
  const operator = await OperatorProcess.prepare({ kubernetes, bacula, name: OPERATOR_NAME, outlivesCaller: isKept });
  await untilStopped(operator.start(), stop);
  return operator;
}

/** What the client says of itself is mostly the cause; the log has the rest. */
async function tellFailure(
  error: unknown,
  bed: DemoBed | undefined,
  operator: OperatorProcess | undefined,
): Promise<void> {
  console.error(`\nThe demo failed: ${error instanceof Error ? error.message : String(error)}`);
  const conditions = await bed?.kubernetes.kubectl(["get", "osc", "-A", "-o", CONDITIONS]).catch(() => undefined);
  if (conditions !== undefined) console.error(`What the OpenStackClient says:\n${conditions}`);
  const log = await operator?.log().catch(() => undefined);
  if (log !== undefined) console.error(`The end of the operator's log:\n${log.split("\n").slice(-15).join("\n")}`);
}

const CONDITIONS = 'jsonpath={range .items[*].status.conditions[*]}{.type}={.status} {.reason}: {.message}{"\\n"}{end}';

/** Aborts on Ctrl-C and SIGTERM; npm hands a Ctrl-C on, so it comes twice, and only the first one counts. */
function stopSignal(terminal: Terminal): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      if (controller.signal.aborted) return;
      terminal.say(`${signal}: stopping`);
      controller.abort(new Error(`stopped by ${signal}`));
    });
  }
  return controller.signal;
}
