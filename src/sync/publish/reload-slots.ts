import { z } from "zod";
import type { BatchContext } from "../batch-context.ts";
import type { ReloadOutcome } from "../ports.ts";

/**
 * A reload that fails takes one of the Director's 32 reload slots until the Director restarts; without any it reloads
 * nothing more, for nobody (Bacula 15, dird.c reload_config). So we stop while some are left for the administrator.
 */
const MAX_BURNED = 24;
const ALL_SLOTS = 32;
const DOCUMENT = "reload-slots";
/** So many reloads of one Director may serve to find out whose fault a refusal is (rule 7). */
const MAX_TRIALS = 8;

/** `startTime`: of the Director that lost these slots; null while it could not be asked. `trials`: reloads as above. */
const document = z.strictObject({
  burned: z.int().nonnegative(),
  startTime: z.string().nullable(),
  trials: z.int().nonnegative().default(0),
});
type ReloadSlots = z.infer<typeof document>;
const NONE: ReloadSlots = { burned: 0, startTime: null, trials: 0 };
type SlotContext = Pick<BatchContext, "tree" | "director" | "signal" | "onReloadSlots">;

/**
 * Undefined while another reload may be tried. The Director is asked only when slots are known to be lost: one that was
 * started since has them all again.
 */
export async function slotsUsedUp(context: SlotContext): Promise<(ReloadOutcome & { kind: "busy" }) | undefined> {
  const { tree, director, signal } = context;
  const slots = await readSlots(context);
  context.onReloadSlots?.(slots.burned);
  if (slots.burned === 0) return undefined;
  const start = await director.startTime(signal);
  if (start.kind === "answered" && slots.startTime !== null && start.value !== slots.startTime) {
    await tree.writeState(DOCUMENT, { ...NONE, startTime: start.value } satisfies ReloadSlots);
    context.onReloadSlots?.(0);
    return undefined;
  }
  if (slots.burned < MAX_BURNED) return undefined;
  const unread = start.kind === "unknown" ? ` Whether it was restarted since cannot be seen: ${start.detail}.` : "";
  return {
    kind: "busy",
    reason: "OutOfReloadSlots",
    detail: `At least ${MAX_BURNED} reloads failed since the Director was started, and each took one of its ${ALL_SLOTS} reload slots; the rest is left to you. Restart the Director.${unread}`,
  };
}

/** How many trial reloads may still be made; to be asked after `slotsUsedUp`, which notices another Director. */
export async function trialsLeft(context: SlotContext): Promise<number> {
  return Math.max(0, MAX_TRIALS - (await readSlots(context)).trials);
}

/** Keeps count of what one reload cost, and of trials. */
export async function noteReload(reload: ReloadOutcome, isTrial: boolean, context: SlotContext): Promise<void> {
  const cost = costOf(reload);
  if (cost === 0 && !isTrial) return;
  const { tree, director, signal } = context;
  const before = await readSlots(context);
  const start = await director.startTime(signal);
  const isSameDirector = start.kind === "unknown" || before.startTime === null || start.value === before.startTime;
  const counted = isSameDirector ? before : NONE;
  const burned = Math.min(counted.burned + cost, ALL_SLOTS);
  const trials = counted.trials + (isTrial ? 1 : 0);
  const startTime = start.kind === "answered" ? start.value : before.startTime;
  await tree.writeState(DOCUMENT, { burned, startTime, trials } satisfies ReloadSlots);
  context.onReloadSlots?.(burned);
}

function costOf(reload: ReloadOutcome): number {
  switch (reload.kind) {
    case "reloaded":
      return 0;
    case "refused":
      return 1;
    case "busy":
      // The Director itself says that the last one is gone; the other reason passes by itself.
      return reload.reason === "OutOfReloadSlots" ? ALL_SLOTS : 0;
    case "unknown":
      // Whoever got in may have had it fail after our console was gone, as when the catalog is away.
      return reload.reason === "DirectorUnreachable" || reload.reason === "NotAuthorized" ? 0 : 1;
    default:
      return reload satisfies never;
  }
}

async function readSlots({ tree }: SlotContext): Promise<ReloadSlots> {
  return document.safeParse(await tree.readState(DOCUMENT)).data ?? NONE;
}
