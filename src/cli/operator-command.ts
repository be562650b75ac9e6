import process from "node:process";
import { createLog } from "../observability/log.ts";
import { parseSettings } from "../settings/settings.ts";
import { startOperator } from "./operator.ts";

/**
 * `operator`: runs until SIGTERM or SIGINT. Exit codes of spec section 8: 0 stopped as asked, 1 it failed or lost its
 * lease, 2 wrong settings (nothing was done).
 */
export async function runOperator(env: NodeJS.ProcessEnv): Promise<number> {
  const parsed = parseSettings(env, "operator");
  if (parsed.kind === "invalid") {
    for (const problem of parsed.problems) process.stderr.write(`ERROR: ${problem}\n`);
    return 2;
  }
  const { settings } = parsed;
  const log = createLog(settings.log.level, settings.log.format);
  const stop = new AbortController();
  // Not `once`: while a bconsole runs, execa listens too, and ends the process when it finds itself the only listener,
  // which a listener that is gone after its call makes it. The lease would then be left to expire.
  for (const signal of ["SIGTERM", "SIGINT"] as const)
    process.on(signal, () => stop.abort(new Error(`stopped by ${signal}`)));

  const end = await startOperator(
    settings,
    { serviceHost: env["KUBERNETES_SERVICE_HOST"], servicePort: env["KUBERNETES_SERVICE_PORT"] },
    log,
    stop.signal,
  );
  switch (end.kind) {
    case "stopped":
      log.info({ isDrained: end.isDrained }, "stopped");
      return end.isDrained ? 0 : 1;
    case "lease-lost":
      // Another may lead already: nothing that is still under way may go on.
      log.error({ err: end.error }, "lease lost");
      return process.exit(1);
    case "failed":
      log.error({ err: end.error }, "the operator failed");
      return 1;
    default:
      return end satisfies never;
  }
}
