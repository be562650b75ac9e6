import { OUR_COMMENT } from "../jobfile/headers.ts";
import type { JobDirectives } from "../jobfile/job-file.ts";
import { parseFileSetFile } from "../jobfile/parse-fileset-file.ts";
import { parseJobDirectives } from "../jobfile/parse-job-file.ts";

/** What the Director reads of one VM's folder. */
export interface PublishedBlock {
  readonly slug: string;
  /** Without headers, so that a change of headers alone changes nothing that the Director reads. */
  readonly fileSet?: string | undefined;
  readonly job?: string | undefined;
  readonly jobName?: string | undefined;
  readonly fileSetName?: string | undefined;
  readonly directives?: JobDirectives | undefined;
  /** The fileset's plugin lines: they name the VM. */
  readonly plugins?: readonly string[] | undefined;
}

export type BlockResult =
  | { readonly kind: "block"; readonly block: PublishedBlock }
  | { readonly kind: "refused"; readonly reason: string };

const HEAD =
  "# Made by bacula-openstack-sync from the job and fileset files of this folder. Edit those; this file is overwritten.\n";
/** The line above each text in a published file: its folder, and which of the two files it is. */
export const MARK = /^# from ([^\n]+)\/(job|fileset)$/;

/** Makes the block of one folder; a file that is not exactly one sound resource is refused with the reason. */
export function publishedBlock(
  slug: string,
  texts: { readonly job?: string | undefined; readonly fileSet?: string | undefined },
): BlockResult {
  // A folder that a person made may have any name; it stands in a comment, which a CR or LF would end.
  if (/\p{Cc}/u.test(slug)) return { kind: "refused", reason: "a control character in the folder's name" };
  let block: PublishedBlock = { slug };
  if (texts.fileSet !== undefined) {
    const read = parseFileSetFile(texts.fileSet);
    if (read.kind === "invalid") return { kind: "refused", reason: `fileset line ${read.line}: ${read.reason}` };
    block = { ...block, fileSet: body(texts.fileSet), fileSetName: read.value.name, plugins: read.value.plugins };
  }
  if (texts.job !== undefined) {
    const read = parseJobDirectives(texts.job);
    if (read.kind === "invalid") return { kind: "refused", reason: `job line ${read.line}: ${read.reason}` };
    block = { ...block, job: body(texts.job), jobName: read.value.name, directives: read.value };
  }
  return { kind: "block", block };
}

/** True when the Director would read the same, and would read something. */
export function isSameBlock(a: PublishedBlock | undefined, b: PublishedBlock | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  return a.slug === b.slug && a.job === b.job && a.fileSet === b.fileSet;
}

/** The text of `published.conf` of one client: each block headed `# from <slug>/<file>`, filesets before jobs, by slug. */
export function renderPublished(blocks: readonly PublishedBlock[]): string {
  const parts = [HEAD];
  for (const block of [...blocks].sort((a, b) => (a.slug < b.slug ? -1 : 1))) {
    if (block.fileSet !== undefined) parts.push(`\n# from ${block.slug}/fileset\n${block.fileSet}`);
    if (block.job !== undefined) parts.push(`\n# from ${block.slug}/job\n${block.job}`);
  }
  return parts.join("");
}

/** Reads a published file back, to know the last good text of each folder. What stands under no mark is dropped. */
export function parsePublished(text: string): readonly PublishedBlock[] {
  return [...readPublishedBlocks(text)];
}

/** The same one by one, for callers that let other work run in between. */
export function* readPublishedBlocks(text: string): Generator<PublishedBlock> {
  const texts = new Map<string, { job?: string; fileSet?: string }>();
  let lines: string[] | undefined;
  let store: (text: string) => void = () => undefined;
  const finish = () => {
    if (lines !== undefined) store(lines.join("\n"));
  };
  for (const line of text.split("\n")) {
    const mark = MARK.exec(line);
    if (mark?.[1] === undefined) {
      lines?.push(line);
      continue;
    }
    finish();
    const folder = texts.get(mark[1]) ?? {};
    texts.set(mark[1], folder);
    lines = [];
    store =
      mark[2] === "job"
        ? (read) => {
            folder.job = read;
          }
        : (read) => {
            folder.fileSet = read;
          };
  }
  finish();
  for (const [slug, folder] of texts) {
    const result = publishedBlock(slug, folder);
    if (result.kind === "block") yield result.block;
  }
}

/** The configuration of a file without our comments, with one line end behind it and no blank lines around it. */
function body(text: string): string {
  const lines = text.split("\n").filter((line) => !OUR_COMMENT.test(line));
  return `${lines
    .join("\n")
    .replace(/^(?:[ \t]*\n)+/, "")
    .replace(/[ \t\n]+$/, "")}\n`;
}
