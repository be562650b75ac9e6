import type { RefusedJobDefs } from "../policy/choose-job-defs.ts";
import type { Condition } from "./condition.ts";
import { judgeBackup } from "./judge-backup.ts";
import { enabledInConsoleMessage, notScheduledMessage } from "./not-scheduled.ts";
import type { VmConditionType, VmReason } from "./reasons.ts";
import { sentence } from "./sentence.ts";
import { isOptedOut, type VmFacts } from "./vm-facts.ts";
import type { VmPhase } from "./vm-status-shape.ts";

type VmCondition = Condition<VmConditionType>;

function is<T extends VmConditionType>(
  type: T,
  status: VmCondition["status"],
  reason: VmReason,
  message: string,
): VmCondition {
  return { type, status, reason, message };
}

/** The conditions of a ManagedVM. Messages name what is there and what to do; no time is in them. */
export function vmConditions(facts: VmFacts, phase: VmPhase, now: number): readonly VmCondition[] {
  const conditions = [ready(facts, phase), published(facts, phase)];
  if (facts.job !== undefined) conditions.push(backedUp(facts, now));
  if ((facts.job !== undefined && phase !== "OptedOut") || facts.tagChangeWaitsUntilMs !== undefined)
    conditions.push(policyAccepted(facts));
  if (phase === "Rejected") {
    conditions.push(
      is("Stalled", "True", "Rejected", "Correct the cause that Published names; it is then tried again."),
    );
  } else if (isOnItsWay(facts, phase)) {
    conditions.push(is("Reconciling", "True", "Progressing", "The job is not in the Director yet."));
  }
  const pause = paused(facts);
  return pause === undefined ? conditions : [...conditions, pause];
}

function isOnItsWay({ publishing, job, decision }: VmFacts, phase: VmPhase): boolean {
  if (publishing.kind === "pending") return true;
  return job === undefined && phase === "Active" && decision.kind !== "leaveMissingFile";
}

function ready(facts: VmFacts, phase: VmPhase): VmCondition {
  const { job, decision } = facts;
  switch (phase) {
    case "Purging":
      return is("Ready", "False", "Purging", "The job, its files and its backups are being deleted.");
    case "Rejected":
      return is("Ready", "False", "Rejected", "A change of the VM's files was refused; Published says why.");
    case "OptedOut":
      return runsAnyway(facts) ?? is("Ready", "True", "OptedOut", "The VM is tagged backup=false.");
    case "Disabled":
      return (
        runsAnyway(facts) ??
        is("Ready", "True", "Disabled", "The VM is gone; its job is disabled and its backups are kept.")
      );
    case "Missing":
      return is("Ready", "False", "Missing", missingMessage(facts));
    case "Active":
      break;
    default:
      return phase satisfies never;
  }
  if (job === undefined) {
    return decision.kind === "leaveMissingFile"
      ? is(
          "Ready",
          "False",
          "JobFileMissing",
          "The catalog knows this VM's job, but its job file is missing. Put it back, or set healMissingFiles to true.",
        )
      : is(
          "Ready",
          "Unknown",
          "Progressing",
          "The VM's job is not written yet; the OpenStackClient says why if it stays so.",
        );
  }
  const { name } = job.directives;
  const notScheduled = notScheduledMessage(facts);
  if (notScheduled !== undefined) return is("Ready", "False", "NotScheduled", notScheduled);
  return runsAnyway(facts) ?? is("Ready", "True", "Succeeded", `Job ${name} backs up this VM.`);
}

/** A job that was stopped on purpose and is not stopped: of a VM that is gone it fails in each night. */
function runsAnyway(facts: VmFacts): VmCondition | undefined {
  const message = enabledInConsoleMessage(facts);
  return message === undefined ? undefined : is("Ready", "False", "EnabledInConsole", message);
}

function missingMessage({ job }: VmFacts): string {
  const { hold, suspend } = job?.headers ?? {};
  if (hold !== undefined) return "The VM is not listed any more; it is held, so its job stays enabled.";
  if (suspend !== undefined) return "The VM is not listed any more; it is suspended, so its absence does not count.";
  return "The VM is not listed any more; its job is disabled at disableAt unless it comes back.";
}

function published({ job, publishing }: VmFacts, phase: VmPhase): VmCondition {
  switch (publishing.kind) {
    case "published":
      return is("Published", "True", "Published", `The Director has job ${job?.directives.name ?? ""}.`);
    case "rejected": {
      const inForce = publishing.lastGoodPublished ? "The last good job is in force." : "No job is in force.";
      return is("Published", "False", "Rejected", `${sentence(publishing.reason)} ${inForce}`);
    }
    case "pending":
      return is(
        "Published",
        "False",
        "Pending",
        "The job waits for the Director; Published of the OpenStackClient says why.",
      );
    case "none":
      return phase === "OptedOut"
        ? is("Published", "False", "OptedOut", "No job is made for a VM that is tagged backup=false.")
        : is("Published", "False", "Pending", "There is no job file to publish.");
    default:
      return publishing satisfies never;
  }
}

function backedUp(facts: VmFacts, now: number): VmCondition {
  const verdict = judgeBackup(facts, now);
  const { lastGood, lastRun } = facts.history ?? {};
  switch (verdict) {
    case "GoodBackup":
      return is("BackedUp", "True", verdict, `JobId ${lastGood?.jobId} is the last good backup.`);
    case "NeverRun":
      return is("BackedUp", "False", verdict, "The job has not run yet.");
    case "NoGoodBackup":
      return is("BackedUp", "False", verdict, `No run ended well and with files; the last is JobId ${lastRun?.jobId}.`);
    case "OtherFileSet":
      return is(
        "BackedUp",
        "False",
        verdict,
        `The last good backup, JobId ${lastGood?.jobId}, is of the FileSet ${lastGood?.fileSet}; the present one has none.`,
      );
    case "TooOld":
      return is(
        "BackedUp",
        "False",
        verdict,
        `The last good backup, JobId ${lastGood?.jobId}, is older than maxBackupAge.`,
      );
    case "Unknown":
      return (
        facts.before?.conditions.find(({ type }) => type === "BackedUp") ??
        is("BackedUp", "Unknown", "CatalogUnavailable", "The catalog could not be read yet.")
      );
    default:
      return verdict satisfies never;
  }
}

function policyAccepted(facts: VmFacts): VmCondition {
  const { jobDefs, sighting, wishes, job, shadowed, before } = facts;
  const { refused, name } = jobDefs;
  if (facts.tagChangeWaitsUntilMs !== undefined) {
    const stays = isOptedOut(facts) ? "it stays opted out" : `JobDefs ${name} stays`;
    return is(
      "PolicyAccepted",
      "False",
      "TagChangeWaits",
      `The VM's tags changed again within TAG_CHANGE_INTERVAL. What they ask for now is applied when that time is over; until then ${stays}.`,
    );
  }
  if (refused !== undefined) return is("PolicyAccepted", "False", refused.reason, refusedMessage(refused, name));
  if (shadowed !== undefined && shadowed.length > 0) {
    const lines = shadowed.join(", ");
    return is(
      "PolicyAccepted",
      "False",
      "Shadowed",
      `Lines of the job file go before those of JobDefs ${name}: ${lines}. Remove them from the job file, or keep them on purpose.`,
    );
  }
  const wasShadowed = before?.conditions.find(({ type, reason }) => type === "PolicyAccepted" && reason === "Shadowed");
  if (shadowed === undefined && jobDefs.from === "Tag" && wasShadowed !== undefined) return wasShadowed;
  if (sighting === "unseen") {
    const known = before?.conditions.find(({ type }) => type === "PolicyAccepted");
    if (known !== undefined) return known;
  }
  if (wishes?.kind !== "read") return is("PolicyAccepted", "True", "Kept", `JobDefs ${name} of the job file stays.`);
  const wish = job?.headers.jobDefs ?? wishes.jobDefsTag;
  if (jobDefs.basis === "kept" && wish !== undefined && wish !== name) {
    return is("PolicyAccepted", "Unknown", "NotJudged", `JobDefs ${wish} is not judged now; ${name} stays.`);
  }
  return is("PolicyAccepted", "True", "Accepted", `JobDefs ${name} is in force.`);
}

function refusedMessage(refused: RefusedJobDefs, inForce: string): string {
  const wish = refused.from === "Tag" ? "The VM's tag wishes for" : "jobDefs names";
  const why = {
    NotAllowed: "allowedJobDefs does not allow it",
    NotFound: "the Director has no such JobDefs",
    NotBackup: "it is not of type Backup",
  }[refused.reason];
  return `${wish} JobDefs ${JSON.stringify(refused.name.slice(0, 128))}, but ${why}; the VM is protected with ${inForce}.`;
}

function paused({ job }: VmFacts): VmCondition | undefined {
  if (job === undefined) return undefined;
  const { suspend, status } = job.headers;
  if (suspend !== undefined) {
    return is(
      "Paused",
      "True",
      "Suspended",
      `Suspended by a person: ${suspend}. Directives stay as they are, absence does not count.`,
    );
  }
  if (status === "active" && job.directives.enabled === false) {
    return is(
      "Paused",
      "True",
      "DisabledInFile",
      "Enabled = no in the job file, by a person: the VM is not backed up.",
    );
  }
  return undefined;
}
