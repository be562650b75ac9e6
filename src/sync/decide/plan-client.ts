import type { ClientPolicy } from "../../domain/client/client-policy.ts";
import type { LiveVm } from "../../domain/discovery/discovery.ts";
import { isOptedOut } from "../../domain/discovery/is-opted-out.ts";
import type { JobFile, JobHeaders } from "../../domain/jobfile/job-file.ts";
import type { PersonalChange } from "../../domain/jobfile/personal-headers.ts";
import { vmHeader } from "../../domain/jobfile/vm-header.ts";
import { blindMs, type SightLog } from "../../domain/lifecycle/absence-clock.ts";
import { type Decision, decideLifecycle, type Sighting } from "../../domain/lifecycle/decide-lifecycle.ts";
import { hasFirstRun } from "../../domain/lifecycle/first-backups.ts";
import { withSoundTimes } from "../../domain/lifecycle/sound-times.ts";
import { assignSlugs } from "../../domain/naming/assign-slugs.ts";
import { jobName } from "../../domain/naming/resource-names.ts";
import { chooseJobDefs, type JobDefsChoice, keptJobDefs } from "../../domain/policy/choose-job-defs.ts";
import { type DesiredDirectives, desiredDirectives } from "../../domain/policy/desired-directives.ts";
import type { FrontEndVerdict } from "../../domain/policy/judge-front-end.ts";
import type { KnownJobDefs } from "../../domain/policy/known-job-defs.ts";
import { policyEdit } from "../../domain/policy/policy-edit.ts";
import type { PublishedBlock } from "../../domain/publishing/published-file.ts";
import type { Observation } from "../pass-report.ts";
import type { CatalogHistory, ClientTree } from "../ports.ts";
import type { AppliedPolicies } from "./applied-policies.ts";
import { formerSlugs } from "./former-slugs.ts";
import { judgeObservation } from "./judge-observation.ts";

/**
 * A person's words for one VM that are newer than its headers, from wherever people speak (a ManagedVM's spec); asked
 * with the headers as they stand at the moment of deciding.
 */
export type PersonalWishes = (headers: JobHeaders) => PersonalChange | undefined;

export interface PlanInput {
  readonly policy: ClientPolicy;
  readonly observation: Observation;
  readonly tree: ClientTree;
  readonly applied: AppliedPolicies;
  readonly personal: PersonalWishes;
  readonly jobDefs: KnownJobDefs;
  /** What is published of this client; read only where a VM has no job file. */
  readonly published: readonly PublishedBlock[];
  /** Names of Jobs and FileSets that the Director has, and that this batch gave to other clients. */
  readonly takenNames: Iterable<string>;
  /** False while the policy names something that the Director lacks, or its lists cannot be read: files stay as they are. */
  readonly policyUsable: boolean;
  /** While it is held, no existing file is changed for policy. */
  readonly frontEnd: FrontEndVerdict;
  /** `overwritten`: a person asked for policy everywhere (`sync --apply-policy`). */
  readonly handEdits: "kept" | "overwritten";
  /** When discovery worked, this listing included. */
  readonly sightLog: SightLog;
  readonly now: number;
}

/** One VM of the client with the step that was decided for it. */
export interface PlannedVm {
  readonly uuid: string;
  readonly name: string;
  readonly sighting: Sighting["kind"];
  readonly live?: LiveVm | undefined;
  /** The folder's slug, or the one that a new VM gets; absent for a VM without a job. */
  readonly slug?: string | undefined;
  readonly job?: JobFile | undefined;
  readonly choice: JobDefsChoice;
  readonly desired: DesiredDirectives;
  /** True when the file has, or gets by this decision, what `desired` says as far as a person left it to policy. */
  readonly policyApplied: boolean;
  /** True when its files may follow a changed policy now: it is seen, its wishes are read, nobody has it left alone. */
  readonly followsPolicy: boolean;
  readonly decision: Decision;
  /** The part of its absence in which discovery did not work, ms. */
  readonly blindMs: number;
  /** Not listed, but backed up since it went missing: it exists (rule 3). */
  readonly isContradicted: boolean;
  /** Its purge is under way: `job` is what `job.purging` says, `purgeRecord` what `purge.json` does. */
  readonly isPurging?: boolean | undefined;
  readonly purgeRecord?: unknown;
}

/**
 * Decides for every VM of one client, live or with a job file, what its next step is: the white paper's reconcile
 * (3.3) as one pure function. Writes nothing; both front ends, `plan` and the dry run see the same steps. One VM after
 * the other, so that the caller can let other work run in between; the input must not change meanwhile.
 */
export function* planClient(input: PlanInput): Generator<PlannedVm, void, undefined> {
  const { policy, observation, tree } = input;
  const sight = judgeObservation(observation);
  const history: CatalogHistory = sight.kind === "clear" ? sight.history : new Map();
  const live = new Map(sight.kind === "clear" ? sight.vms.map((vm) => [vm.uuid, vm]) : []);

  const known = new Map<string, string>();
  const takenSlugs: string[] = [];
  for (const folder of tree.folders) {
    if (folder.kind !== "unfinished") takenSlugs.push(folder.slug);
    if (folder.kind === "unreadable" && folder.uuid !== undefined && !known.has(folder.uuid)) {
      known.set(folder.uuid, folder.slug);
      yield planUnreadable(folder.uuid, folder.slug, live.get(folder.uuid), input);
    }
    if (folder.kind === "purging") {
      if (folder.job?.headers.client !== policy.client || known.has(folder.job.headers.uuid)) continue;
      known.set(folder.job.headers.uuid, folder.slug);
      const { job, slug, record: purgeRecord } = folder;
      const planned = planKnown(slug, job, live.get(job.headers.uuid), input, history);
      yield { ...planned, policyApplied: false, followsPolicy: false, isPurging: true, purgeRecord };
      continue;
    }
    if (folder.kind !== "ours" || folder.job.headers.client !== policy.client) continue;
    const { uuid } = folder.job.headers;
    if (known.has(uuid)) continue; // a copied folder: the first by slug is the VM's, the other is nobody's
    known.set(uuid, folder.slug);
    yield planKnown(folder.slug, folder.job, live.get(uuid), input, history);
  }

  const former = formerSlugs(tree, input.published, policy.plugin.selector);
  // A fileset that stands alone is either a write that was cut short, then its VM gets it back, or a person's.
  const awaited = new Set([...former].flatMap(([uuid, slug]) => (live.has(uuid) ? [slug] : [])));
  for (const { kind, slug } of tree.folders) if (kind === "unfinished" && !awaited.has(slug)) takenSlugs.push(slug);
  const unknownVms = [...live.values()].filter((vm) => !known.has(vm.uuid));
  const slugs = assignSlugs({
    identity: policy,
    newVms: unknownVms.flatMap((vm) =>
      isOptedOut(vm.wishes) ? [] : [{ uuid: vm.uuid, name: vm.name, formerSlug: former.get(vm.uuid) }],
    ),
    takenSlugs,
    takenNames: input.takenNames,
  });
  for (const vm of unknownVms) yield planNew(vm, slugs.get(vm.uuid), input, history);
}

function planKnown(
  slug: string,
  written: JobFile,
  vm: LiveVm | undefined,
  input: PlanInput,
  history: CatalogHistory,
): PlannedVm {
  const { policy, applied, now } = input;
  const job = { ...written, headers: withSoundTimes(written.headers, now) };
  const { headers, directives } = job;
  const sighting = sightingOf(vm, input.observation, headers);
  const personalHeaders = input.personal(headers);
  const override = newest(personalHeaders?.jobDefs, headers.jobDefs);
  const wishes = {
    override,
    wishes: vm?.wishes,
    present: directives.jobDefs,
    client: policy.jobDefs,
    allowed: policy.allowedJobDefs,
  };
  const isHeld = input.frontEnd.kind === "held";
  const choice = isHeld ? keptJobDefs(wishes) : chooseJobDefs(wishes, input.jobDefs);
  const desired = desiredDirectives(policy, choice, input.jobDefs);
  const isLeftAlone = newest(personalHeaders?.suspend, headers.suspend) !== undefined || isOptedOut(vm?.wishes);
  const policyApplied = input.policyUsable && choice.basis === "judged" && !isLeftAlone;
  const followsPolicy = input.policyUsable && !isHeld && vm?.wishes.kind === "read" && !isLeftAlone;
  const edit = policyApplied
    ? policyEdit(applied.vms.get(headers.uuid), desired, directives, input.handEdits)
    : undefined;
  const { lastGood } = history.get(directives.name) ?? {};
  const { missingSince } = headers;
  const blind = missingSince === undefined ? 0 : blindMs(input.sightLog, missingSince, now);
  const backedUpSinceMissing =
    missingSince !== undefined && lastGood !== undefined && lastGood.startTimeMs > missingSince;
  const decision = decideLifecycle(
    {
      sighting,
      job,
      knownToCatalog: history.has(directives.name),
      policyDirectives: edit?.directives,
      personalHeaders,
      blindMs: blind,
      backedUpSinceMissing,
      firstRunSeen: hasFirstRun(job.createdMs, history.get(directives.name), now),
    },
    isHeld ? { ...policy, optOutAction: "Leave", cleanupAfterDays: undefined } : policy,
    now,
  );
  const { uuid } = headers;
  const name = vm?.name ?? headers.vm;
  const isContradicted = sighting.kind === "absent" && backedUpSinceMissing;
  const known = { uuid, name, sighting: sighting.kind, live: vm, slug, job, choice, desired };
  return { ...known, policyApplied, followsPolicy, decision, blindMs: blind, isContradicted };
}

function planNew(vm: LiveVm, slug: string | undefined, input: PlanInput, history: CatalogHistory): PlannedVm {
  const { policy } = input;
  const { uuid, name, wishes } = vm;
  const choice = chooseJobDefs({ wishes, client: policy.jobDefs, allowed: policy.allowedJobDefs }, input.jobDefs);
  const desired = desiredDirectives(policy, choice, input.jobDefs);
  const sighting = sightingOf(vm, input.observation);
  const knownToCatalog = slug !== undefined && history.has(jobName(policy, slug));
  const decision = decideLifecycle(
    { sighting, knownToCatalog, blindMs: 0, backedUpSinceMissing: false },
    policy,
    input.now,
  );
  const policyApplied = decision.kind === "create";
  const fresh = { uuid, name, sighting: sighting.kind, live: vm, slug, choice, desired };
  return { ...fresh, policyApplied, followsPolicy: false, decision, blindMs: 0, isContradicted: false };
}

/** A file with our headers that cannot be read: its VM is known and keeps what is published; nothing is decided. */
function planUnreadable(uuid: string, slug: string, vm: LiveVm | undefined, input: PlanInput): PlannedVm {
  const choice: JobDefsChoice = { ...input.policy.jobDefs, basis: "kept" };
  return {
    uuid,
    name: vm?.name ?? slug,
    sighting: sightingOf(vm, input.observation).kind,
    live: vm,
    slug,
    choice,
    desired: {},
    policyApplied: false,
    followsPolicy: false,
    decision: { kind: "unchanged" },
    blindMs: 0,
    isContradicted: false,
  };
}

function sightingOf(vm: LiveVm | undefined, observation: Observation, headers?: JobHeaders): Sighting {
  if (vm !== undefined) {
    // The name in a record that can be read in two ways is no news either.
    const isCertain = vm.wishes.kind === "read" || headers === undefined;
    return { kind: "live", vmHeader: isCertain ? vmHeader(vm.name) : headers.vm, wishes: vm.wishes };
  }
  return { kind: judgeObservation(observation).kind === "clear" ? "absent" : "unseen" };
}

/** A person's new word, else the header; `null` is the word that takes it away. */
export function newest(wish: string | null | undefined, header: string | undefined): string | undefined {
  return wish === undefined ? header : (wish ?? undefined);
}
