import { failureDetail } from "../domain/discovery/failure-detail.ts";
import type { ReloadOutcome } from "../sync/ports.ts";

/**
 * What the console says to `reload` (Bacula 15, dird.c reload_config). A good one says nothing; any other text is a
 * failure. The text of a refused one is the same whether a file is wrong or the catalog is down; the reason stands only
 * in the Director's messages and in `bacula-dir -t`.
 *
 * The order matters: the failure that used the last of the 32 slots says both that the file is wrong and that the slots
 * are gone, and from then on no file can be blamed for anything.
 */
export function reloadOutcome(answer: string): ReloadOutcome {
  const said = answer.trim();
  if (said === "") return { kind: "reloaded" };
  const detail = failureDetail(said);
  if (/^reload: is an invalid command/m.test(said)) return { kind: "unknown", reason: "NotAuthorized", detail };
  if (/Too many \(\d+\) open reload requests/.test(said)) return { kind: "busy", reason: "TooManyReloads", detail };
  if (said.includes("Out of reload table entries")) return { kind: "busy", reason: "OutOfReloadSlots", detail };
  return { kind: "refused", detail };
}
