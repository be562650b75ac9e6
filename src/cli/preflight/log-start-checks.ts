import type { Log } from "../../observability/log.ts";
import type { PreflightInput } from "./preflight-input.ts";
import { runStartChecks } from "./run-preflight.ts";

/**
 * Logs what `preflight` would WARN of or FAIL at, beside the operator's start: none of it stops the operator, which waits
 * for a Director or catalog that is not up yet. Never rejects.
 */
export async function logStartChecks(
  input: Pick<PreflightInput, "env" | "settings" | "ports" | "signal">,
  log: Log,
): Promise<void> {
  try {
    for await (const { section, checks } of runStartChecks(input)) {
      for (const check of checks) {
        if (!("cause" in check)) continue;
        const { level, line, cause, remedy } = check;
        log.warn({ section, check: level, finding: line, cause, remedy }, "preflight found trouble");
      }
    }
  } catch (error) {
    if (!input.signal.aborted) log.warn({ err: error }, "preflight did not end");
  }
}
