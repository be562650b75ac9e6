import type { KnownJobDefs } from "../domain/policy/known-job-defs.ts";
import { shadowedLines } from "../domain/policy/shadowed-lines.ts";
import type { PlannedVm } from "./decide/plan-client.ts";
import type { SyncedClient } from "./decide/sync-client-files.ts";
import type { PassReport, VmPublishing, VmReport } from "./pass-report.ts";
import type { VmFolder } from "./ports.ts";
import type { PublishedClient } from "./publish/publish-clients.ts";
import type { ScheduleWatch } from "./schedule/schedule-watch.ts";

/** Puts together what both front ends tell of one pass: each VM with its file as it stands now and what is published. */
export function reportClient(
  client: SyncedClient,
  published: PublishedClient,
  schedule: Pick<ScheduleWatch, "verdictOf">,
  jobDefs: KnownJobDefs,
): PassReport {
  const { item, tree, planned, unknownReferences, removals, fileSets, frontEnd, directorTrouble } = client;
  const failedChanges = [...client.failedChanges, ...published.failedChanges];
  const folders = new Map(tree.folders.map((folder) => [folder.slug, folder]));
  const vms = planned.map((vm) => {
    const report = reportVm(vm, folders, published, schedule);
    const directives = report.job?.directives;
    return {
      ...report,
      shadowed: directives && shadowedLines(directives, vm.choice, item.policy, jobDefs),
      tagChangeWaitsUntilMs: client.waitingTags.get(vm.uuid),
      fileSetEdit: fileSets.editOf(vm.uuid),
    };
  });
  const pluginEdits = fileSets.verdict;
  // Trouble with the Director's lists stopped the creations of this pass, also where nothing was left to publish.
  const publishing =
    directorTrouble !== undefined && published.outcome.kind === "unchanged"
      ? ({ kind: "failed", reason: directorTrouble.reason, detail: directorTrouble.detail } as const)
      : published.outcome;
  return {
    policy: item.policy,
    observation: item.observation,
    outcome: {
      kind: "passed",
      vms,
      publishing,
      failedChanges,
      unknownReferences,
      removals,
      pluginEdits,
      frontEnd,
      ...(client.foreseen !== undefined && { foreseen: client.foreseen }),
    },
  };
}

function reportVm(
  vm: PlannedVm,
  folders: ReadonlyMap<string, VmFolder>,
  published: Pick<PublishedClient, "bySlug">,
  schedule: Pick<ScheduleWatch, "verdictOf">,
): VmReport {
  const folder = vm.slug === undefined ? undefined : folders.get(vm.slug);
  const isKnown = folder?.kind === "ours" || folder?.kind === "purging";
  const job = isKnown && folder.job?.headers.uuid === vm.uuid ? folder.job : undefined;
  const isPurging = job !== undefined && folder?.kind === "purging";
  const unpublished: VmPublishing =
    job === undefined || isPurging ? { kind: "none" } : { kind: "pending", lastGoodPublished: false };
  const publishing = (vm.slug === undefined ? undefined : published.bySlug.get(vm.slug)) ?? unpublished;
  return {
    uuid: vm.uuid,
    name: vm.name,
    slug: vm.slug,
    job,
    wishes: vm.live?.wishes,
    sighting: vm.sighting,
    decision: vm.decision,
    blindMs: vm.blindMs,
    isContradicted: vm.isContradicted,
    jobDefs: vm.choice,
    publishing,
    ...(isPurging && { isPurging }),
    schedule: job === undefined || publishing.kind !== "published" ? undefined : schedule.verdictOf(job),
  };
}
