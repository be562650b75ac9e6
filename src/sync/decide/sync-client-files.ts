import { seenAt } from "../../domain/lifecycle/absence-clock.ts";
import type { RemovalVerdict } from "../../domain/lifecycle/judge-removals.ts";
import { fileSetName, jobName } from "../../domain/naming/resource-names.ts";
import {
  type FrontEndVerdict,
  judgeFrontEnd,
  type LastApplied,
  nextLastApplied,
} from "../../domain/policy/judge-front-end.ts";
import type { MissingReference } from "../../domain/publishing/references.ts";
import type { BatchContext } from "../batch-context.ts";
import type { BatchItem } from "../batch-item.ts";
import type { ClientTree, FailedChange, FileChange } from "../ports.ts";
import { publishedBlocks } from "../publish/published-blocks.ts";
import { planPurges } from "../purge/plan-purges.ts";
import { beginsPurge, underWayChanges } from "../purge/purge-changes.ts";
import { withoutRemains } from "../purge/without-remains.ts";
import { startTimeSlice } from "../time-slice.ts";
import { acceptWishes, joinVerdicts } from "./accept-wishes.ts";
import { loadAppliedFileSets, saveAppliedFileSets } from "./applied-file-sets.ts";
import { loadApplied, saveApplied } from "./applied-state.ts";
import { capNewVms } from "./cap-new-vms.ts";
import { readDirectorLists, whatIsNeeded } from "./director-needs.ts";
import { changesFor } from "./file-changes.ts";
import { foreseenFiles, handEditsOf } from "./foresee.ts";
import type { Foreseen } from "./foreseen.ts";
import { judgeObservation } from "./judge-observation.ts";
import { type PlannedVm, planClient } from "./plan-client.ts";
import { type FileSetPlan, planFileSets } from "./plan-file-sets.ts";
import { policyKeyOf } from "./policy-key.ts";
import { policyReferences } from "./policy-references.ts";
import { judgeClientRemovals } from "./removals.ts";
import { requireRightVolume } from "./require-right-volume.ts";
import { readSightLog, saveSightLog } from "./sight-state.ts";

/** One client after its files were written and before they are published. */
export interface SyncedClient {
  readonly item: BatchItem;
  readonly planned: readonly PlannedVm[];
  /** Until when a change of a VM's tags waits (rule 8), by uuid, ms since the epoch. */
  readonly waitingTags: ReadonlyMap<string, number>;
  /** How its FileSets follow a changed policy. */
  readonly fileSets: FileSetPlan;
  /** As it stands after the writes. */
  readonly tree: ClientTree;
  readonly failedChanges: readonly FailedChange[];
  readonly removals: RemovalVerdict;
  /** As it stands after the pass. */
  readonly frontEnd: FrontEndVerdict;
  readonly unknownReferences: readonly MissingReference[];
  /** Only of a dry run that was asked for it. */
  readonly foreseen?: Foreseen | undefined;
  /** Why the Director's lists could not be read although they were needed; new VMs then wait. */
  readonly directorTrouble?: { readonly reason: string; readonly detail: string } | undefined;
}

/** Decides for one client and writes its job and fileset files. Under the lock; nothing is published yet. */
export async function syncClientFiles(item: BatchItem, context: BatchContext): Promise<SyncedClient> {
  const { tree, inventory, memory, losses, tagChangeIntervalMs, clock, signal } = context;
  const { policy } = item;
  const before = await withoutRemains(policy, tree, signal);
  const slice = startTimeSlice();
  if (slice.isUsedUp()) await slice.pause(signal);
  const applied = await loadApplied(policy, tree);
  const now = clock.now();
  const personal = item.personal();

  if (slice.isUsedUp()) await slice.pause(signal);
  const ours = { frontEnd: item.frontEnd, policyKey: policyKeyOf(policy) };
  const asked = judgeFrontEnd(applied, ours, item.takesOver);
  const tagChanges = { intervalMs: tagChangeIntervalMs, nowMs: now };
  const { wishes, observation } = await acceptWishes(item, { before, tree, tagChanges });
  const needs = whatIsNeeded({ ...item, observation }, personal, before, applied, asked, memory);
  const lists = await readDirectorLists(needs, inventory, signal);
  if (lists.resources !== undefined) await requireRightVolume(policy, before, lists.resources, tree);
  const unknownReferences =
    lists.resources === undefined ? [] : policyReferences(policy, lists.resources, lists.jobDefs);
  if (lists.resources !== undefined && unknownReferences.length === 0) memory.markVerified(ours.policyKey);
  const policyUsable = lists.trouble === undefined && unknownReferences.length === 0;
  // Until every VM could be judged by the policy, it counts as changed, and the next pass asks for the lists again.
  const isJudged =
    policyUsable &&
    judgeObservation(observation).kind === "clear" &&
    !(needs.lists && lists.jobDefs.kind === "unknown");
  // Nobody takes over by halves: the other would still be the last one, and put back what was edited.
  const frontEnd = isJudged ? asked : judgeFrontEnd(applied, ours);

  const killSwitch = await tree.isOnHold();
  const lastLog = await readSightLog(policy, tree);
  // Under HOLD the clock of every absence stands still, as if nobody looked (rule 3).
  const isSighting = judgeObservation(item.observation).kind === "clear" && !killSwitch;
  const sightLog = isSighting ? seenAt(lastLog, item.observation.atMs, item.maxSightGapMs) : lastLog;

  const published = needs.newVms ? await publishedBlocks((await tree.readPublished(policy)) ?? "", signal) : [];
  const steps = planClient({
    policy,
    observation,
    tree: before,
    applied,
    personal,
    published,
    jobDefs: lists.jobDefs,
    takenNames: [...inventory.newNames, ...(lists.resources?.jobs ?? []), ...(lists.resources?.fileSets ?? [])],
    policyUsable,
    frontEnd,
    handEdits: item.appliesPolicy === true ? "overwritten" : "kept",
    sightLog,
    now,
  });
  const all: PlannedVm[] = [];
  for (const vm of steps) {
    if (slice.isUsedUp()) await slice.pause(signal);
    all.push(vm);
  }
  const purges = await planPurges(capNewVms(all, item.maxNewVms), item, { clientTree: before, now }, context);
  const { planned } = purges;
  const appliedFileSets = await loadAppliedFileSets(policy, frontEnd, tree);
  const fileSetInput = { policy, planned, tree: before, applied: appliedFileSets, frontEnd, approval: item.approval };
  const fileSets = await planFileSets(fileSetInput, signal);
  const waitingTags = wishes.waiting;
  const synced = { item, planned, waitingTags, fileSets, unknownReferences, directorTrouble: lists.trouble };
  if (policy.mode === "DryRun") {
    const unchanged = { tree: before, failedChanges: [], frontEnd: judgeFrontEnd(applied, ours) };
    const dryRun = { ...synced, ...unchanged, removals: { kind: "allowed" } } as const;
    if (item.foresees !== true) return dryRun;
    const asked = { ...item, observation: { ...item.observation, absences: "confirmed" as const } };
    const removals = joinVerdicts(wishes.verdict, judgeClientRemovals(planned, asked, killSwitch, losses, now));
    const mayRemove = removals.kind === "allowed";
    const changes = [
      ...fileSets.changes,
      ...planned.flatMap((vm) => changesFor(vm, policy, policyUsable, mayRemove, now)),
    ];
    const texts = changes.length === 0 ? [] : await tree.readTexts(policy, signal);
    const handEdits = new Map(planned.map((vm) => [vm.uuid, handEditsOf(vm)]));
    const files = foreseenFiles(changes, texts);
    return { ...dryRun, foreseen: { removals, files, handEdits, lastSeenMs: lastLog.lastSeenMs } };
  }
  const removals = joinVerdicts(wishes.verdict, judgeClientRemovals(planned, item, killSwitch, losses, now));

  for (const { decision, slug } of planned) {
    if (decision.kind !== "create" || slug === undefined) continue;
    inventory.giveOut(jobName(policy, slug));
    inventory.giveOut(fileSetName(policy, slug));
  }
  const changes: FileChange[] = [...fileSets.changes];
  for (const vm of planned) {
    if (slice.isUsedUp()) await slice.pause(signal);
    if (vm.isPurging === true) changes.push(...underWayChanges(vm, removals, frontEnd.kind === "held"));
    else changes.push(...changesFor(vm, policy, policyUsable, removals.kind === "allowed", now));
  }
  const begun = removals.kind === "allowed" ? planned.filter((vm) => beginsPurge(vm, policy, now) !== undefined) : [];
  await purges.save(begun.map(({ uuid }) => uuid));
  const newVms = planned.filter(({ decision }) => decision.kind === "create");
  const onDurable = (slugs: ReadonlySet<string>) => {
    const durable = newVms.flatMap(({ uuid, name, slug }) =>
      slug !== undefined && slugs.has(slug) ? [{ uuid, name, slug }] : [],
    );
    if (durable.length > 0) item.onWritten?.(durable);
  };
  const failedChanges = changes.length === 0 ? [] : await tree.write(policy, changes, signal, onDurable);
  const after = changes.length === 0 ? before : await tree.readClient(policy, signal);
  const last: LastApplied = isJudged ? nextLastApplied(frontEnd, applied, ours) : applied;
  if (policyUsable) {
    await saveApplied(policy, { planned, failed: failedChanges, before: applied, last }, tree);
    // A blind pass judges nobody: the old policy stays that of all, instead of one entry for each.
    if (judgeObservation(observation).kind === "clear")
      await saveAppliedFileSets(policy, fileSets.next(failedChanges), tree);
  }
  if (isSighting) await saveSightLog(policy, sightLog, after, tree);
  await wishes.save();
  return { ...synced, tree: after, failedChanges, removals, frontEnd: judgeFrontEnd(last, ours) };
}
