import { editFileSet } from "../../domain/jobfile/edit-fileset.ts";
import { editJob } from "../../domain/jobfile/edit-job.ts";
import { POLICY_DIRECTIVES } from "../../domain/jobfile/job-file.ts";
import { UnsafeValueError } from "../../domain/jobfile/quoted.ts";
import type { FileChange, FolderTexts } from "../ports.ts";
import type { ForeseenFile, HandEdit } from "./foreseen.ts";
import type { PlannedVm } from "./plan-client.ts";

/**
 * The files that the changes lead to, from the texts as they stand. What alters no byte is left out, and so is a file
 * that cannot be edited safely: a pass leaves it, and says so.
 */
export function foreseenFiles(
  changes: readonly FileChange[],
  folders: readonly FolderTexts[],
): readonly ForeseenFile[] {
  const texts = new Map(folders.map((folder) => [folder.slug, folder]));
  return changes.flatMap((change) => filesOf(change, texts.get(change.slug))).filter(isChanged);
}

function filesOf(change: FileChange, present: FolderTexts | undefined): readonly ForeseenFile[] {
  const { slug } = change;
  switch (change.kind) {
    case "create":
      return [
        { slug, file: "fileset", before: present?.fileSet, after: change.fileSet },
        { slug, file: "job", before: present?.job, after: change.job },
      ];
    case "edit":
      return edited(slug, "job", present?.job, (text) => editJob(text, change.edit));
    case "editFileSet":
      return edited(slug, "fileset", present?.fileSet, (text) => editFileSet(text, change.change));
    case "reject":
    case "unreject":
      return []; // job.rejected tells people of a file, and is none
    case "beginPurge":
    case "putBack":
      return []; // the file keeps its bytes under another name; the step of the plan says what goes with it
    default:
      return change satisfies never;
  }
}

function edited(
  slug: string,
  file: ForeseenFile["file"],
  before: string | undefined,
  edit: (text: string) => string,
): readonly ForeseenFile[] {
  if (before === undefined) return [];
  try {
    return [{ slug, file, before, after: edit(before) }];
  } catch (error) {
    if (error instanceof UnsafeValueError) return [];
    throw error;
  }
}

function isChanged({ before, after }: ForeseenFile): boolean {
  return before !== after;
}

/** The directives of a VM's job that differ from policy and that this pass leaves as a person wrote them. */
export function handEditsOf({ job, desired, policyApplied, decision }: PlannedVm): readonly HandEdit[] {
  if (job === undefined || !policyApplied) return [];
  const edited = decision.kind === "edit" ? (decision.edit.directives ?? {}) : {};
  return POLICY_DIRECTIVES.flatMap((directive) => {
    const [file, policy] = [job.directives[directive], desired[directive]];
    return file === policy || edited[directive] !== undefined ? [] : [{ directive, file, policy }];
  });
}
