import { isSameBlock, type PublishedBlock } from "./published-file.ts";

/** What of one client's published file would change together; another change can be left out without it. */
export interface SeparableChange {
  /** Folders whose block is new, different or gone. */
  readonly slugs: readonly string[];
  /** All of it is as this program writes it, so a person's edits are suspected first when the Director refuses. */
  readonly likelySound: boolean;
}

type Blocks = ReadonlyMap<string, PublishedBlock>;

/**
 * The differences between what is published and what is wanted, by slug, as parts that can be published without each
 * other. Changes that share a resource's name are one part: of a renamed folder the new one without the end of the old
 * one would define its job twice.
 */
export function separableChanges(present: Blocks, wanted: Blocks): readonly SeparableChange[] {
  const changed = [...new Set([...present.keys(), ...wanted.keys()])]
    .filter((slug) => !isSameBlock(present.get(slug), wanted.get(slug)))
    .sort();
  const groups = new Map<string, string[]>();
  const groupOfName = new Map<string, string[]>();
  for (const slug of changed) {
    const names = [present.get(slug), wanted.get(slug)]
      .flatMap(resourceNames)
      .map(({ type, name }) => `${type} ${name}`);
    const joined = new Set(names.flatMap((name) => groupOfName.get(name) ?? []));
    const group = [slug];
    for (const other of joined) group.push(...(groups.get(other) ?? []).filter((one) => !group.includes(one)));
    for (const member of group) groups.set(member, group);
    for (const name of names) groupOfName.set(name, group);
  }
  return [...new Set(groups.values())].map((slugs) => ({
    slugs: slugs.toSorted(),
    likelySound: slugs.every((slug) => hasOurForm(wanted.get(slug))),
  }));
}

export interface ResourceName {
  readonly type: "Job" | "FileSet";
  readonly name: string;
}

/** The Job and the FileSet that a block defines. */
export function resourceNames(block: PublishedBlock | undefined): readonly ResourceName[] {
  const { jobName, fileSetName } = block ?? {};
  return [
    ...(jobName === undefined ? [] : [{ type: "Job", name: jobName } as const]),
    ...(fileSetName === undefined ? [] : [{ type: "FileSet", name: fileSetName } as const]),
  ];
}

/** The forms of spec section 3, as `renderJob` and `renderFileSet` write them and surgical edits leave them. */
const OUR_JOB =
  /^Job \{\n(?: {2}(?:Name|JobDefs|Client|FileSet|Storage|Pool|Schedule|Messages) *= "[^"\n]*"\n)+ {2}Enabled {4}= (?:yes|no)\n\}\n$/;
const OUR_FILESET =
  /^FileSet \{\n {2}Name = "[^"\n]*"\n {2}Include \{\n {4}Options \{\n {6}signature = \S+\n(?: {6}dedup {5}= \S+\n)? {4}\}\n {4}Plugin = "[^\n]*"\n {2}\}\n\}\n$/;

/** A block that is withdrawn was taken before, and has nothing in it to suspect. */
function hasOurForm(block: PublishedBlock | undefined): boolean {
  if (block === undefined) return true;
  const { job, fileSet } = block;
  return (job === undefined || OUR_JOB.test(job)) && (fileSet === undefined || OUR_FILESET.test(fileSet));
}
