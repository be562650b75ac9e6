import type { ClientPolicy } from "../client/client-policy.ts";
import type { VmWishes } from "../discovery/discovery.ts";
import { isOptedOut } from "../discovery/is-opted-out.ts";
import type { JobEdit, JobFile, JobHeaders } from "../jobfile/job-file.ts";
import type { PurgeDelay } from "../purge/choose-purges.ts";
import type { PurgeObstacle } from "../purge/judge-purge.ts";
import { deadlines } from "./deadlines.ts";

/** What one pass knows of one VM's existence. */
export type Sighting =
  /** In a trusted answer. `vmHeader` is the display name as the header writes it. */
  | { readonly kind: "live"; readonly vmHeader: string; readonly wishes: VmWishes }
  /** Not in a trusted answer, and asked again (rule 1). */
  | { readonly kind: "absent" }
  /** No answer to trust: nothing is known, nothing moves. */
  | { readonly kind: "unseen" };

export interface LifecycleFacts {
  readonly sighting: Sighting;
  readonly job?: JobFile | undefined;
  /** The catalog has runs under the name this VM's job would get. */
  readonly knownToCatalog: boolean;
  /** What policy changes in the present file (three-way, `policyEdit`). */
  readonly policyDirectives?: NonNullable<JobEdit["directives"]> | undefined;
  /** A person's new wishes for hold, suspend or JobDefs that are not in the headers yet. */
  readonly personalHeaders?: NonNullable<JobEdit["headers"]> | undefined;
  /** The part of the absence in which discovery did not work (rule 3). */
  readonly blindMs: number;
  /** A good backup started after `missing-since`: the VM exists, whatever the listing says (rule 3). */
  readonly backedUpSinceMissing: boolean;
  /** The catalog has the run that `#@first-backup` waits for (`hasFirstRun`). */
  readonly firstRunSeen?: boolean | undefined;
}

export type LifecyclePolicy = Pick<
  ClientPolicy,
  "graceDays" | "cleanupAfterDays" | "optOutAction" | "healMissingFiles"
>;

/**
 * What happens to one VM. Every kind is one row of the table in spec section 4. Steps that take protection away are kinds
 * of their own: whether they may be taken is judged for the client as a whole (rules 1 and 2, `judgeRemovals`).
 */
export type Decision =
  | { readonly kind: "create"; readonly knownToCatalog: boolean }
  /** New, but the pass has protected as many as one may (rule 8, `newVmsThatWait`): the next pass creates it. */
  | { readonly kind: "createLater" }
  /** The catalog knows the job, its file is missing, and `healMissingFiles` is off: counted unprotected. */
  | { readonly kind: "leaveMissingFile" }
  | { readonly kind: "unchanged" }
  /** Nothing is known of the VM by this client any more: neither live nor a file. */
  | { readonly kind: "unknown" }
  /** Opted out and without a job: never created. */
  | { readonly kind: "optedOut" }
  | { readonly kind: "edit"; readonly because: readonly EditReason[]; readonly edit: JobEdit }
  /** `otherwise`: what is to be edited all the same when the step may not be taken now. */
  | { readonly kind: "markMissing"; readonly edit: JobEdit; readonly otherwise?: JobEdit | undefined }
  | { readonly kind: "disable"; readonly edit: JobEdit; readonly otherwise?: JobEdit | undefined }
  | { readonly kind: "purge" }
  /** Due, but not in this pass (rule 5, or nobody could be asked whether something speaks against it). */
  | { readonly kind: "purgeLater"; readonly because: PurgeDelay }
  /** Due, but something speaks against it (spec section 6): it stays as it is. */
  | { readonly kind: "purgeBlocked"; readonly obstacle: PurgeObstacle };

export type EditReason =
  | "ChangedPolicy"
  | "Returned"
  | "Restored"
  | "OptedOut"
  | "Renamed"
  | "PersonalWish"
  | "Suspended"
  | "FirstRunSeen";

/**
 * Decides the next step of one VM's life (spec section 4), from what was seen, its job file, policy and the time. Pure:
 * the same facts give the same step, and a step that was lost is decided again by the next pass.
 *
 * Order of judgement: a sighting always helps (it ends an absence), an absence only counts when it is certain, and
 * nothing at all follows from not having seen.
 */
export function decideLifecycle(facts: LifecycleFacts, policy: LifecyclePolicy, now: number): Decision {
  switch (facts.sighting.kind) {
    case "live":
      return facts.job === undefined
        ? decideNew(facts.sighting.wishes, facts.knownToCatalog, policy)
        : decideLive(facts.sighting, facts.job, facts, policy, now);
    case "absent":
      return facts.job === undefined ? { kind: "unknown" } : decideAbsent(facts.job, facts, policy, now);
    case "unseen":
      return facts.job === undefined ? { kind: "unknown" } : asDecision(startDraft(facts));
  }
}

function decideNew(wishes: VmWishes, knownToCatalog: boolean, policy: LifecyclePolicy): Decision {
  if (isOptedOut(wishes)) return { kind: "optedOut" };
  if (knownToCatalog && !policy.healMissingFiles) return { kind: "leaveMissingFile" };
  return { kind: "create", knownToCatalog };
}

function decideLive(
  sighting: Extract<Sighting, { kind: "live" }>,
  job: JobFile,
  facts: LifecycleFacts,
  policy: LifecyclePolicy,
  now: number,
): Decision {
  const draft = startDraft(facts);
  const { headers } = job;
  if (headers.vm !== sighting.vmHeader) {
    draft.because.push("Renamed");
    draft.headers.vm = sighting.vmHeader;
  }
  // Every trusted sighting ends an absence, also of a VM that is opted out, held or suspended.
  if (headers.missingSince !== undefined) {
    draft.because.push("Returned");
    draft.headers.missingSince = null;
  }
  if (isInForce("suspend", headers, facts)) return asDecision(draft);

  if (isOptedOut(sighting.wishes)) {
    if (policy.optOutAction === "Disable" && headers.status === "active" && !isInForce("hold", headers, facts)) {
      return disable(draft, now);
    }
    return asDecision(draft);
  }
  // A record that can be read in two ways proves presence, not that an opt-out has ended (rule 1).
  if (headers.status === "disabled" && !(sighting.wishes.kind === "ambiguous" && headers.missingSince === undefined)) {
    draft.because.push("Restored");
    draft.headers.status = "active";
    draft.headers.reenabled = now;
    draft.directives.enabled = true;
  }
  if (facts.policyDirectives !== undefined) {
    draft.because.push("ChangedPolicy");
    Object.assign(draft.directives, facts.policyDirectives);
  }
  return asDecision(draft);
}

function decideAbsent(job: JobFile, facts: LifecycleFacts, policy: LifecyclePolicy, now: number): Decision {
  const draft = startDraft(facts);
  const { headers } = job;
  if (isInForce("suspend", headers, facts)) {
    // Absence is not counted meanwhile: the stamp would count it on the day the suspension ends.
    if (headers.missingSince !== undefined) {
      draft.because.push("Suspended");
      draft.headers.missingSince = null;
    }
    return asDecision(draft);
  }

  if (headers.missingSince === undefined) {
    const edit = { ...toEdit(draft), headers: { ...draft.headers, missingSince: now } };
    return { kind: "markMissing", edit, otherwise: editOf(draft) };
  }
  if (isInForce("hold", headers, facts) || facts.backedUpSinceMissing) return asDecision(draft);

  const due = deadlines(headers, policy, facts.blindMs);
  if (due.disableAt !== undefined && now >= due.disableAt) {
    return disable(draft, now);
  }
  if (headers.status === "disabled" && due.purgeAt !== undefined && now >= due.purgeAt) return { kind: "purge" };
  return asDecision(draft);
}

interface Draft {
  readonly because: EditReason[];
  readonly headers: { -readonly [K in keyof JobHeaders]?: JobHeaders[K] | null };
  readonly directives: Writable<NonNullable<JobEdit["directives"]>>;
}
type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** What is edited whatever was seen of the VM: headers alone, which take no protection away. */
function startDraft(facts: LifecycleFacts): Draft {
  const draft: Draft = { because: [], headers: {}, directives: {} };
  if (facts.personalHeaders !== undefined) {
    draft.because.push("PersonalWish");
    Object.assign(draft.headers, facts.personalHeaders);
  }
  if (facts.firstRunSeen === true && facts.job?.headers.firstBackup !== undefined) {
    draft.because.push("FirstRunSeen");
    draft.headers.firstBackup = null;
  }
  return draft;
}

function disable(draft: Draft, now: number): Decision {
  const headers = { ...draft.headers, status: "disabled", disabled: now } as const;
  return {
    kind: "disable",
    edit: { headers, directives: { ...draft.directives, enabled: false } },
    otherwise: editOf(draft),
  };
}

function asDecision(draft: Draft): Decision {
  return draft.because.length === 0
    ? { kind: "unchanged" }
    : { kind: "edit", because: draft.because, edit: toEdit(draft) };
}

function editOf(draft: Draft): JobEdit | undefined {
  return draft.because.length === 0 ? undefined : toEdit(draft);
}

function toEdit(draft: Draft): JobEdit {
  return { headers: draft.headers, directives: draft.directives };
}

/** A person's newest word counts: a wish that ends a hold or suspension ends it in this very pass. */
function isInForce(control: "hold" | "suspend", headers: JobHeaders, facts: LifecycleFacts): boolean {
  const wish = facts.personalHeaders?.[control];
  return wish === undefined ? headers[control] !== undefined : wish !== null;
}
