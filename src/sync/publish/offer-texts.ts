import type { BatchContext } from "../batch-context.ts";
import type { PublishOutcome } from "../pass-report.ts";
import type { RefusedConfiguration, ReloadOutcome } from "../ports.ts";
import { leaveReload } from "./leave-reload.ts";
import type { PartialText } from "./partial-text.ts";
import { notePinned, slotsPinned } from "./pinned-slots.ts";
import type { Candidate } from "./publish-candidate.ts";
import { noteReload, slotsUsedUp } from "./reload-slots.ts";
import { askWhatIsOld, changedJobs, someJobs } from "./show-jobs.ts";

/**
 * `new`: the texts of a pass. `trial`: some of them, to find out which are refused. `inForce`: what is published and was
 * taken before, to find out whether it still would be.
 */
type Purpose = "new" | "trial" | "inForce";

export type Offered =
  /** Reloaded, and what the Director's list of jobs says of each candidate. */
  | { readonly kind: "taken"; readonly seen: ReadonlyMap<Candidate, Seen>; readonly isProven: boolean }
  /** The last good bytes are back; `foundBy` test: no reload slot was lost. */
  | ({ readonly kind: "refused"; readonly foundBy: "test" | "reload" } & RefusedConfiguration)
  /** Nothing can be said of the texts; what is in force is as it was. */
  | { readonly kind: "stopped"; readonly outcome: PublishOutcome };

/** Whether the Director was seen to have every job of a text and none that was withdrawn; or whether nobody reloads it. */
export type Seen =
  | { readonly kind: "complete"; readonly jobs: number }
  | Extract<PublishOutcome, { kind: "busy" | "reloadLeft" }>;

/**
 * One swap, one test where there is a command for it, and one reload. What is not loaded is put back, so that a Director
 * which restarts now would start. `needsTest`: without a test that could tell, nothing is reloaded.
 */
export async function offerTexts(
  texts: readonly PartialText[],
  purpose: Purpose,
  context: BatchContext,
  { needsTest = false }: { readonly needsTest?: boolean } = {},
): Promise<Offered> {
  const { tree, director, memory, signal } = context;
  const usedUp = await slotsUsedUp(context);
  if (usedUp !== undefined) return { kind: "stopped", outcome: usedUp };
  const pinned = await slotsPinned(context);
  if (pinned.kind === "full") return { kind: "stopped", outcome: pinned.outcome };

  const files = texts.flatMap(({ candidate, text }) =>
    text === undefined ? [] : [[candidate.client.item.policy, text] as const],
  );
  const swap = await tree.swapPublished(new Map(files), signal);
  const test = await director.testConfiguration(signal);
  if (test.kind === "broken") {
    await putBack();
    return { ...test, kind: "refused", foundBy: "test" };
  }
  if (needsTest && test.kind === "unknown") {
    await putBack();
    return { kind: "stopped", outcome: { kind: "failed", reason: "PublishFailed", detail: test.detail } };
  }
  // Nothing is new to the Director: its answer would cost a reload and say no more.
  if (purpose === "inForce" && test.kind === "sound") return { kind: "taken", seen: new Map(), isProven: true };
  if (context.leavesReload) {
    const left = await leaveReload(
      texts.some(({ candidate }) => candidate.isChanged),
      context,
    );
    if (left.kind === "reloadLeft")
      return { kind: "taken", seen: new Map(texts.map(({ candidate }) => [candidate, left])), isProven: true };
  }
  const reload: ReloadOutcome = context.leavesReload ? RELOADED : await director.reload(signal);
  // Such a reload goes through by itself later; what is only tried must not stay for a Director that restarts meanwhile.
  const isUntouched = purpose === "new" && reload.kind === "busy" && reload.reason === "TooManyReloads";
  if (reload.kind !== "reloaded" && !isUntouched) await putBack();
  await noteReload(reload, purpose === "trial" && test.kind !== "sound", context);
  switch (reload.kind) {
    case "refused":
      return {
        ...reload,
        foundBy: "reload",
        detail: test.kind === "unknown" ? `${reload.detail}; ${test.detail}` : reload.detail,
      };
    case "unknown":
      return { kind: "stopped", outcome: { kind: "failed", reason: reload.reason, detail: reload.detail } };
    case "busy":
      return { kind: "stopped", outcome: { kind: "busy", reason: reload.reason, detail: reload.detail } };
    case "reloaded":
      if (!context.leavesReload) await notePinned(pinned.running, context);
      break;
    default:
      return reload satisfies never;
  }
  const jobs = await director.backupJobs(signal);
  if (jobs.kind === "unknown")
    return { kind: "stopped", outcome: { kind: "failed", reason: jobs.reason, detail: jobs.detail } };
  const toShow = texts.map((text) => [text.candidate, jobsToShow(text, context)] as const);
  const old = await askWhatIsOld(new Map(toShow), context);
  if (old.kind === "unknown")
    return { kind: "stopped", outcome: { kind: "failed", reason: old.reason, detail: old.detail } };
  const seen = new Map(texts.map((text) => [text.candidate, look(text, jobs.value, old.value.get(text.candidate))]));
  for (const [{ client }, { kind }] of seen) {
    memory.noteSeenInDirector(client.item.policy.client, kind === "complete");
    if (kind === "complete") memory.noteDoubt(client.item.policy.client, false);
  }
  // While a job of any client is not there (a stale mount, another configuration), the reload stays owed: what this
  // batch proves says nothing of another client's jobs, and the next pass tries again.
  const isProven = memory.areAllSeenInDirector();
  if (isProven) await swap.commit();
  return { kind: "taken", seen, isProven };

  async function putBack(): Promise<void> {
    await swap.putBack();
    // What the Director was not seen to have is not in force any more.
    memory.forgetUnseen();
  }
}

/** Somebody else's. */
const RELOADED: ReloadOutcome = { kind: "reloaded" };

/** What changed, and what was found to be old without any change. */
function jobsToShow(text: PartialText, { memory }: BatchContext) {
  const isDoubted = memory.isDoubted(text.candidate.client.item.policy.client);
  return [...(isDoubted ? someJobs(text.blocks) : []), ...changedJobs(text)];
}

/**
 * After a good reload every published job is on the Director's list, no withdrawn one is, and changed ones are there as
 * they are published (rule 7).
 */
function look({ jobNames, withdrawnJobNames }: PartialText, jobs: ReadonlySet<string>, old: string | undefined): Seen {
  const absent = jobNames.filter((name) => !jobs.has(name));
  const stale = withdrawnJobNames.filter((name) => jobs.has(name));
  if (absent.length === 0 && stale.length === 0 && old === undefined)
    return { kind: "complete", jobs: jobNames.length };
  const parts = [
    old ?? "",
    absent.length > 0 ? `${absent.length} published jobs are not on its list, such as ${absent[0]}` : "",
    stale.length > 0 ? `${stale.length} withdrawn jobs still are, such as ${stale[0]}` : "",
  ].filter((part) => part !== "");
  const remedy =
    "Check that the Director's configuration includes include.conf of this BASE_DIR and sees the same files.";
  return {
    kind: "busy",
    reason: absent.length === 0 && stale.length === 0 ? "JobsUnchanged" : "JobListUnchanged",
    detail: `the Director reloaded, but ${parts.join(" and ")}. ${remedy}`,
  };
}
