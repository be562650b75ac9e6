/**
 * The text of `job.rejected`: why a folder's files were refused, and what they were (spec section 3). It is for people;
 * nothing reads it back. The files themselves stay as the person left them.
 */
export function renderRejected(
  reason: string,
  { job, fileSet }: { readonly job?: string | undefined; readonly fileSet?: string | undefined },
): string {
  const parts = [
    `# Rejected: ${oneLine(reason)}\n`,
    "# What was published of this folder before stays in force. Correct its job and fileset files; this file is a copy\n",
    "# of what was refused, and is removed as soon as they are accepted.\n",
  ];
  if (job !== undefined) parts.push(`\n# The job file:\n${ended(job)}`);
  if (fileSet !== undefined) parts.push(`\n# The fileset file:\n${ended(fileSet)}`);
  return parts.join("");
}

/** CR, LF and their like end a comment in Bacula's configuration; a reason may quote a file (rule 7). */
function oneLine(text: string): string {
  return text.replaceAll(/\p{Cc}+/gu, " ").trim();
}

function ended(text: string): string {
  return text === "" || text.endsWith("\n") ? text : `${text}\n`;
}
