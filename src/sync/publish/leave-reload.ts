import { z } from "zod";
import type { BatchContext } from "../batch-context.ts";
import type { PublishOutcome } from "../pass-report.ts";

/** When the Director had last taken a configuration, in its own words, when files were put in place; null: not known. */
const document = z.strictObject({ lastConfigured: z.string().nullable() });
const DOCUMENT = "left-reload";

export type LeftReload =
  /** Somebody had the Director reload, or started it, since the files are as they are. */
  { readonly kind: "done" } | Extract<PublishOutcome, { kind: "reloadLeft" }>;

/**
 * RELOAD_AFTER_SYNC=0: the files are in place and the reload is somebody else's. Remembers when the Director had taken
 * its configuration, so that a later pass sees that it has taken these files. `changes`: whether this pass put anything
 * in place.
 */
export async function leaveReload(
  changes: boolean,
  { tree, director, signal }: Pick<BatchContext, "tree" | "director" | "signal">,
): Promise<LeftReload> {
  const configured = await director.lastConfigured(signal);
  const now = configured.kind === "answered" ? configured.value : null;
  const before = document.safeParse(await tree.readState(DOCUMENT)).data;
  const isKnown = before !== undefined && before.lastConfigured !== null;
  if (!changes && isKnown && now !== null && now !== before.lastConfigured) return { kind: "done" };
  if (changes || !isKnown) await tree.writeState(DOCUMENT, { lastConfigured: now } satisfies z.infer<typeof document>);
  return { kind: "reloadLeft", detail: "The files are in place, and the Director has not read them yet" };
}
