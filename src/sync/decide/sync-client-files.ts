import type { ClientPolicy } from "../../domain/client/client-policy.ts";
import { renderFileSet } from "../../domain/jobfile/render-fileset.ts";
import { renderJob } from "../../domain/jobfile/render-job.ts";
import { forgetBefore, type SightLog, seenAt } from "../../domain/lifecycle/absence-clock.ts";
import type { RemovalVerdict } from "../../domain/lifecycle/judge-removals.ts";
import { fileSetName, jobName } from "../../domain/naming/resource-names.ts";
import type { KnownJobDefs } from "../../domain/policy/known-job-defs.ts";
import { parsePublished } from "../../domain/publishing/published-file.ts";
import { checkReferences, type MissingReference } from "../../domain/publishing/references.ts";
import type { BatchContext } from "../batch-context.ts";
import type { BatchItem } from "../batch-item.ts";
import type { ClientTree, DirectorResources, FailedChange, FileChange, LockedTree } from "../ports.ts";
import { startTimeSlice } from "../time-slice.ts";
import { acceptWishes, joinVerdicts } from "./accept-wishes.ts";
import { type AppliedPolicies, readAppliedPolicies, toAppliedDocument } from "./applied-policies.ts";
import { readDirectorLists, whatIsNeeded } from "./director-needs.ts";
import { judgeObservation } from "./judge-observation.ts";
import { type PlannedVm, planClient } from "./plan-client.ts";
import { policyKeyOf } from "./policy-key.ts";
import { judgeClientRemovals } from "./removals.ts";
import { requireRightVolume } from "./require-right-volume.ts";
import { readSightLog, toSightDocument } from "./sight-state.ts";

/** One client after its files were written and before they are published. */
export interface SyncedClient {
  readonly item: BatchItem;
  readonly planned: readonly PlannedVm[];
  /** As it stands after the writes. */
  readonly tree: ClientTree;
  readonly failedChanges: readonly FailedChange[];
  readonly removals: RemovalVerdict;
  readonly unknownReferences: readonly MissingReference[];
  /** Why the Director's lists could not be read although they were needed; new VMs then wait. */
  readonly directorTrouble?: { readonly reason: string; readonly detail: string } | undefined;
}

/** Decides for one client and writes its job and fileset files. Under the lock; nothing is published yet. */
export async function syncClientFiles(
  item: BatchItem,
  { tree, inventory, memory, losses, clock, signal }: BatchContext,
): Promise<SyncedClient> {
  const { policy } = item;
  const before = await tree.readClient(policy, signal);
  const applied = readAppliedPolicies(await tree.readState(stateName(policy)));
  const now = clock.now();
  const personal = item.personal();

  const needs = whatIsNeeded(item, personal, before, applied, memory);
  const lists = await readDirectorLists(needs, inventory, signal);
  if (lists.resources !== undefined) await requireRightVolume(policy, before, lists.resources, tree);
  const unknownReferences =
    lists.resources === undefined ? [] : policyReferences(policy, lists.resources, lists.jobDefs);
  if (lists.resources !== undefined && unknownReferences.length === 0) memory.markVerified(policyKeyOf(policy));
  const policyUsable = lists.trouble === undefined && unknownReferences.length === 0;

  const killSwitch = await tree.isOnHold();
  const lastLog = readSightLog(await tree.readState(sightName(policy)));
  // Under HOLD the clock of every absence stands still, as if nobody looked (rule 3).
  const isSighting = judgeObservation(item.observation).kind === "clear" && !killSwitch;
  const sightLog = isSighting ? seenAt(lastLog, item.observation.atMs, item.maxSightGapMs) : lastLog;

  const { wishes, observation } = await acceptWishes(item, tree);

  const planned = planClient({
    policy,
    observation,
    tree: before,
    applied,
    personal,
    published: needs.lists ? parsePublished((await tree.readPublished(policy)) ?? "") : [],
    jobDefs: lists.jobDefs,
    takenNames: [...inventory.newNames, ...(lists.resources?.jobs ?? []), ...(lists.resources?.fileSets ?? [])],
    policyUsable,
    sightLog,
    maxNewVms: item.maxNewVms,
    now,
  });
  const synced = { item, planned, unknownReferences, directorTrouble: lists.trouble };
  if (policy.mode === "DryRun") return { ...synced, tree: before, failedChanges: [], removals: { kind: "allowed" } };
  const removals = joinVerdicts(wishes.verdict, judgeClientRemovals(planned, item, killSwitch, losses, now));

  for (const { decision, slug } of planned) {
    if (decision.kind !== "create" || slug === undefined) continue;
    inventory.giveOut(jobName(policy, slug));
    inventory.giveOut(fileSetName(policy, slug));
  }
  const changes: FileChange[] = [];
  const slice = startTimeSlice();
  for (const vm of planned) {
    if (slice.isUsedUp()) await slice.pause(signal);
    changes.push(...changesFor(vm, policy, policyUsable, removals.kind === "allowed", now));
  }
  const failedChanges = changes.length === 0 ? [] : await tree.write(policy, changes, signal);
  const after = changes.length === 0 ? before : await tree.readClient(policy, signal);
  if (policyUsable) {
    // Until every VM could be judged by the policy, it counts as changed, and the next pass asks for the lists again.
    const isJudged =
      judgeObservation(observation).kind === "clear" && !(needs.lists && lists.jobDefs.kind === "unknown");
    const policyKey = isJudged ? policyKeyOf(policy) : applied.policyKey;
    await saveApplied(planned, failedChanges, applied, policyKey, policy, tree);
  }
  if (isSighting) {
    await saveSightLog(after, sightLog, policy, tree);
    await wishes.save();
  }
  return { ...synced, tree: after, failedChanges, removals };
}

/** The log matters only while an absence runs; without one nothing is written. */
async function saveSightLog(after: ClientTree, log: SightLog, policy: ClientPolicy, tree: LockedTree): Promise<void> {
  const absences = after.folders.flatMap((folder) =>
    folder.kind === "ours" && folder.job.headers.missingSince !== undefined ? [folder.job.headers.missingSince] : [],
  );
  if (absences.length === 0) return;
  const oldestMs = absences.reduce((oldest, ms) => Math.min(oldest, ms));
  await tree.writeState(sightName(policy), toSightDocument(forgetBefore(log, oldestMs)));
}

function sightName(policy: ClientPolicy): string {
  return `sight/${policy.datacenter}/${policy.openstack}`;
}

/** The changes of one VM's files; what takes protection away only when the client's removals are allowed. */
function changesFor(
  vm: PlannedVm,
  policy: ClientPolicy,
  policyUsable: boolean,
  mayRemove: boolean,
  now: number,
): readonly FileChange[] {
  const { decision, slug } = vm;
  if (slug === undefined) return [];
  switch (decision.kind) {
    case "create": {
      if (!policyUsable) return [];
      const firstBackup = policy.firstBackup === "Immediate" ? ("wanted" as const) : undefined;
      const { uuid, name: vmName, desired: directives } = vm;
      const values = { policy, slug, uuid, vmName, directives, createdMs: now, firstBackup };
      return [{ kind: "create", slug, job: renderJob(values), fileSet: renderFileSet(values) }];
    }
    case "edit":
      return [{ kind: "edit", slug, edit: decision.edit }];
    case "markMissing":
    case "disable": {
      const edit = mayRemove ? decision.edit : decision.otherwise;
      return edit === undefined ? [] : [{ kind: "edit", slug, edit }];
    }
    case "purge":
    case "createLater":
    case "leaveMissingFile":
    case "unchanged":
    case "unknown":
    case "optedOut":
      return [];
    default:
      return decision satisfies never;
  }
}

function policyReferences(
  policy: ClientPolicy,
  resources: DirectorResources,
  jobDefs: KnownJobDefs,
): readonly MissingReference[] {
  const { client, storage, pool, schedule, messages } = policy;
  const named = (value: string) => (value === "" ? undefined : value);
  return checkReferences(
    {
      client,
      jobDefs: policy.jobDefs.name,
      storage: named(storage),
      pool: named(pool),
      schedule: named(schedule),
      messages: named(messages),
    },
    resources,
    jobDefs,
  );
}

async function saveApplied(
  planned: readonly PlannedVm[],
  failed: readonly FailedChange[],
  applied: AppliedPolicies,
  policyKey: string,
  policy: ClientPolicy,
  tree: LockedTree,
): Promise<void> {
  const failedSlugs = new Set(failed.map((change) => change.slug));
  const vms = new Map<string, PlannedVm["desired"]>();
  for (const vm of planned) {
    const isApplied = vm.policyApplied && !(vm.slug !== undefined && failedSlugs.has(vm.slug));
    const policyOfVm = isApplied ? vm.desired : applied.vms.get(vm.uuid);
    if (policyOfVm !== undefined) vms.set(vm.uuid, policyOfVm);
  }
  const next = toAppliedDocument({ policyKey, vms });
  if (JSON.stringify(next) !== JSON.stringify(toAppliedDocument(applied)))
    await tree.writeState(stateName(policy), next);
}

function stateName(policy: ClientPolicy): string {
  return `applied-policies/${policy.datacenter}/${policy.openstack}`;
}
