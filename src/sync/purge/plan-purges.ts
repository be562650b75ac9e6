import { deadlines } from "../../domain/lifecycle/deadlines.ts";
import { choosePurges, type DuePurge, type PurgeDelay } from "../../domain/purge/choose-purges.ts";
import { judgeProof, judgeSurvey, type PurgeObstacle } from "../../domain/purge/judge-purge.ts";
import { announce, begunLately, isAnnounced, type PurgeNotices } from "../../domain/purge/purge-notice.ts";
import type { BatchContext } from "../batch-context.ts";
import type { BatchItem } from "../batch-item.ts";
import { judgeObservation } from "../decide/judge-observation.ts";
import type { PlannedVm } from "../decide/plan-client.ts";
import type { ClientTree } from "../ports.ts";
import { namesOfOthers } from "./names-of-others.ts";
import { readPurgeNotices, savePurgeNotices } from "./purge-state.ts";

export interface PlannedPurges {
  readonly planned: readonly PlannedVm[];
  /** Remembers what was announced, and what begins now; to be called before anything begins. */
  save(begun: readonly string[]): Promise<void>;
}

type PurgeContext = Pick<BatchContext, "tree" | "purge" | "signal">;

/**
 * Which of the purges that are due may begin or go on in this pass: announced for long enough, within the limits of rule
 * 5, and with nothing that speaks against them (spec section 6). The others stay as they are, with the reason. Only
 * looks, also in a dry run, which so shows the same plan.
 */
export async function planPurges(
  planned: readonly PlannedVm[],
  { policy, observation }: Pick<BatchItem, "policy" | "observation">,
  { clientTree, now }: { readonly clientTree: ClientTree; readonly now: number },
  context: PurgeContext,
): Promise<PlannedPurges> {
  const before = await readPurgeNotices(policy, context.tree);
  // A blind pass shows what was shown before, and announces nothing.
  const isClear = judgeObservation(observation).kind === "clear";
  const notices = isClear ? announce(before, policy, shownPurges(planned, policy), now) : before;
  const save = async (begun: readonly string[]) => {
    const all = [...(notices?.begun ?? []), ...begun.map((uuid) => ({ uuid, atMs: now }))];
    const next = notices === undefined ? undefined : { ...notices, begun: all };
    if (isClear) await savePurgeNotices(policy, before, next, context.tree);
  };
  const due = planned.filter(({ decision }) => decision.kind === "purge");
  if (due.length === 0) return { planned, save };
  const verdicts = await judgeAll(due, notices, { clientTree, policy, now }, context);
  return { planned: planned.map((vm) => verdicts.get(vm.uuid) ?? vm), save };
}

/** VMs whose `purgeAt` people can see. */
function shownPurges(planned: readonly PlannedVm[], policy: BatchItem["policy"]) {
  if (policy.cleanupAfterDays === undefined) return [];
  return planned.flatMap(({ uuid, job, blindMs }) => {
    if (job === undefined || job.headers.hold !== undefined || job.headers.suspend !== undefined) return [];
    const { purgeAt } = deadlines(job.headers, policy, blindMs);
    return purgeAt === undefined ? [] : [{ uuid, purgeAtMs: purgeAt }];
  });
}

async function judgeAll(
  due: readonly PlannedVm[],
  notices: PurgeNotices | undefined,
  { clientTree, policy, now }: { clientTree: ClientTree; policy: BatchItem["policy"]; now: number },
  { purge, signal }: PurgeContext,
): Promise<ReadonlyMap<string, PlannedVm>> {
  const verdicts = new Map<string, PlannedVm>();
  const byUuid = new Map(due.map((vm) => [vm.uuid, vm]));
  const put = (uuid: string, because: PurgeDelay | PurgeObstacle) => {
    const vm = byUuid.get(uuid);
    if (vm === undefined) return;
    const decision =
      typeof because === "string"
        ? ({ kind: "purgeLater", because } as const)
        : ({ kind: "purgeBlocked", obstacle: because } as const);
    verdicts.set(uuid, { ...vm, decision });
  };
  const limits = { perPass: purge?.perPass ?? 0 };
  const candidates = due.map(
    ({ uuid, job, isPurging }): DuePurge => ({
      uuid,
      isUnderWay: isPurging === true,
      isAnnounced: isAnnounced(notices, uuid, now),
      disabledMs: job?.headers.disabled ?? now,
    }),
  );
  const chosen = choosePurges(candidates, begunLately(notices, now).length, limits);
  const running = purge === undefined ? undefined : await runningWhenNeeded(chosen.order, byUuid, purge, signal);
  let all = 0;
  let begins = 0;
  for (const uuid of chosen.order) {
    const vm = byUuid.get(uuid);
    const delay = chosen.later.get(uuid);
    if (vm?.job === undefined || vm.slug === undefined || purge === undefined) put(uuid, "CatalogUnknown");
    else if (all >= chosen.most) put(uuid, "TooManyThisPass");
    else if (vm.isPurging === true) all++;
    else if (begins >= chosen.mostNew) put(uuid, delay ?? "TooManyThisPass");
    else if (running?.kind !== "answered") put(uuid, "DirectorUnknown");
    else {
      const folder = { slug: vm.slug, job: vm.job };
      const proof = judgeProof(folder, policy, namesOfOthers(clientTree.folders, vm.slug));
      const survey =
        proof === undefined ? await purge.ports.catalog.survey(policy, vm.job.directives.name, signal) : proof;
      const against =
        survey.kind === "unknown"
          ? "CatalogUnknown"
          : survey.kind === "answered"
            ? judgeSurvey(survey.value, running.value)
            : survey;
      if (against !== undefined) put(uuid, against);
      else {
        all++;
        begins++;
      }
    }
  }
  for (const [uuid, delay] of chosen.later) if (delay === "NotAnnounced") put(uuid, delay);
  return verdicts;
}

/** The Director is asked only when a purge may begin. */
async function runningWhenNeeded(
  order: readonly string[],
  byUuid: ReadonlyMap<string, PlannedVm>,
  { ports }: NonNullable<BatchContext["purge"]>,
  signal: AbortSignal,
) {
  const begins = order.some((uuid) => byUuid.get(uuid)?.isPurging !== true);
  return begins ? ports.director.runningJobs(signal) : undefined;
}
