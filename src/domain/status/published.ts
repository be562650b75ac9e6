import { describeMissing } from "../publishing/references.ts";
import { type ClientCondition, clientCondition } from "./client-condition.ts";
import type { ClientFacts } from "./client-facts.ts";
import { OPERATOR_WORDS } from "./front-end-words.ts";
import { CLIENT_REASONS, type ClientReason } from "./reasons.ts";
import { sentence } from "./sentence.ts";
import { someNames } from "./some-names.ts";

const RELOAD_LEFT = "Type reload in bconsole, or set RELOAD_AFTER_SYNC=1.";

/** Whether the Director has the client's files as they stand (rule 7). */
export function published(facts: ClientFacts): ClientCondition {
  const {
    publishing,
    unknownReferences,
    failedChanges,
    heldPluginEdits,
    newVmsWaiting = 0,
    words = OPERATOR_WORDS,
  } = facts;
  if (unknownReferences.length > 0) {
    const message = `${unknownReferences.map(describeMissing).join(" ")} Nothing new is written until then.`;
    return clientCondition("Published", "False", "UnknownReference", message);
  }
  if (publishing === undefined) return clientCondition("Published", "Unknown", "Progressing", "Not published yet.");
  switch (publishing.kind) {
    case "volume":
      return clientCondition(
        "Published",
        "False",
        reasonOf(publishing.reason, "WriteFailed"),
        sentence(publishing.detail),
      );
    case "refused":
      return clientCondition(
        "Published",
        "False",
        "DirectorRefused",
        `${sentence(publishing.detail)} The last good files are in force.`,
      );
    case "failed":
      return clientCondition(
        "Published",
        "False",
        reasonOf(publishing.reason, "PublishFailed"),
        `${sentence(publishing.detail)} The last good files are in force; it is tried again.`,
      );
    case "busy":
      return clientCondition("Published", "False", "DirectorBusy", `${sentence(publishing.detail)} It is tried again.`);
    case "dryRun":
      return clientCondition("Published", "False", "DryRun", "In a dry run the changes are not published.");
    case "reloadLeft":
      return clientCondition("Published", "False", "ReloadLeft", `${sentence(publishing.detail)} ${RELOAD_LEFT}`);
    case "suspended":
      return clientCondition("Published", "Unknown", "Suspended", "Files stay as they are and published.");
    case "unchanged":
    case "published":
      break;
    default:
      return publishing satisfies never;
  }
  const [failed] = failedChanges;
  if (failed !== undefined) {
    const slugs = someNames(failedChanges.map(({ slug }) => slug));
    const message = `The files of ${failedChanges.length} VMs could not be written (${failed.reason}): ${slugs}. It is tried again.`;
    return clientCondition("Published", "False", reasonOf(failed.reason, "WriteFailed"), message);
  }
  if (heldPluginEdits !== undefined) {
    const { names, token } = heldPluginEdits;
    const message = `${names.length} Plugin lines would follow the changed policy, and each makes the next run of its job a Full: ${someNames(names)}. They stay as they are. If this is right, ${words.approve(token)}.`;
    return clientCondition("Published", "False", "PluginChangeHeld", message);
  }
  if (newVmsWaiting > 0) {
    const message = `${newVmsWaiting} new VMs have no job yet: one pass protects at most NEW_VMS_PER_PASS of them. The next pass goes on with them at once.`;
    return clientCondition("Published", "False", "NewVmsWait", message);
  }
  return clientCondition("Published", "True", "Published", "The Director has every accepted file.");
}

/** An adapter's code is the reason where it is one of the documented ones. */
function reasonOf(code: string, otherwise: ClientReason): ClientReason {
  return isReason(code) ? code : otherwise;
}

function isReason(code: string): code is ClientReason {
  return Object.hasOwn(CLIENT_REASONS, code);
}
