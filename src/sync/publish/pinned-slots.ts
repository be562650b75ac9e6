import { z } from "zod";
import type { BatchContext } from "../batch-context.ts";
import type { PublishOutcome } from "../pass-report.ts";

/**
 * A reload that is taken keeps the configuration of before in one of the Director's 32 slots for as long as a job of that
 * time runs (Bacula 15, dird.c), so reloads in the course of a long job use them up for everybody.
 */
const MOST_WHILE_ONE_RUNS = 12;
const DOCUMENT = "reloads-while-jobs-run";

/** By JobId: how many of our reloads were taken since that job was first seen to run. A JobId is never given twice. */
const document = z.record(z.string().regex(/^\d+$/), z.int().nonnegative());
type Counts = z.infer<typeof document>;
type PinContext = Pick<BatchContext, "tree" | "director" | "signal" | "onPinnedSlots">;

export type Pinned =
  /** Another reload may be made, beside these jobs. */
  | { readonly kind: "free"; readonly running: ReadonlySet<number> }
  | { readonly kind: "full"; readonly outcome: PublishOutcome & { kind: "busy" } };

/**
 * At most 12 reloads while one job runs (rule 7). A Director that cannot say what runs is asked to reload all the same:
 * its own "Too many open reload requests" harms nobody, and a VM without a job is unprotected.
 */
export async function slotsPinned(context: PinContext): Promise<Pinned> {
  const { director, signal } = context;
  const current = await director.currentJobs(signal);
  if (current.kind === "unknown") return { kind: "free", running: new Set() };
  const running = current.value;
  const counts = running.size === 0 ? {} : await readCounts(context);
  const [longest, reloads] = [...running]
    .map((jobId) => [jobId, counts[jobId] ?? 0] as const)
    .reduce((most, one) => (one[1] > most[1] ? one : most), [0, 0]);
  context.onPinnedSlots?.(reloads);
  if (reloads < MOST_WHILE_ONE_RUNS) return { kind: "free", running };
  const detail = `${reloads} reloads were made while JobId ${longest} runs, and each keeps one of the Director's 32 configurations until that job ends; more are not made before.`;
  return { kind: "full", outcome: { kind: "busy", reason: "SlotsPinnedByJobs", detail } };
}

/** Counts a reload that was taken, for each job that ran before it. Those that have ended are forgotten. */
export async function notePinned(running: ReadonlySet<number>, context: PinContext): Promise<void> {
  const before = await readCounts(context);
  if (running.size === 0 && Object.keys(before).length === 0) return;
  const counts: Counts = {};
  for (const jobId of running) counts[jobId] = (before[jobId] ?? 0) + 1;
  await context.tree.writeState(DOCUMENT, counts);
  context.onPinnedSlots?.(Math.max(0, ...Object.values(counts)));
}

async function readCounts({ tree }: PinContext): Promise<Counts> {
  return document.safeParse(await tree.readState(DOCUMENT)).data ?? {};
}
