import { failureDetail } from "../domain/discovery/failure-detail.ts";
import type { JobDefsResource } from "../domain/policy/known-job-defs.ts";
import type { Answer } from "../sync/ports.ts";

/**
 * Which lines of `show all` are needed to read JobDefs from it. Jobs, FileSets and Clients, which are the bulk of it, are
 * dropped while they are read; a line that is no part of a resource is kept, since it may say that there is no list.
 * Counts lines: ask it for every line, in order.
 */
export function jobDefsLineFilter(): (line: string) => boolean {
  let isNeeded = true;
  return (line) => {
    if (line.startsWith(" ")) {
      if (line.startsWith(JOB_TO_VERIFY)) isNeeded = /(?:JobDefs|Pool): name=/.test(line);
      return isNeeded && line.includes("--> ");
    }
    isNeeded = !RESOURCE.test(line) || /^(?:Director|JobDefs|Pool): /.test(line);
    return isNeeded;
  };
}
/** Has no newline behind it: the next resource is glued to it. */
const JOB_TO_VERIFY = "  --> JobToVerify ";

/**
 * The JobDefs of an answer of `show all`, with what each sets itself. The only way to see them in the console: there is
 * no `.jobdefs`, and `show jobdefs` always answers that there are none (Bacula 15, ua_output.c).
 *
 *     JobDefs: name=Gold JobType=66 level=Full Priority=10 Enabled=1
 *       --> Schedule: Name=Nightly Enabled=1
 *       --> Run Level=Full
 *          --> Pool: name=Other ...                     the Schedule's, not the JobDefs'
 *       --> StoragePolicy=ListedOrder StorageGroupSize=1
 *         --> Storage: name=File1 ...
 *       --> Pool: name=Default PoolType=Backup
 *       --> StoragePolicy=ListedOrder StorageGroupSize=1
 *         --> Storage: name=File2 ...                   the Pool's, printed the same way
 *       --> Messages: name=Standard
 *
 * A Pool prints its own storages behind it wherever it is mentioned, so which Pools have any is read first.
 */
export function readJobDefs(answer: string): Answer<readonly JobDefsResource[]> {
  const resources = splitResources(answer);
  // No JobDefs is a fact, no list is none: a whole one begins with the Director itself.
  if (!resources.some(({ kind }) => kind === "Director")) {
    return {
      kind: "unknown",
      reason: "UnreadableAnswer",
      detail: failureDetail(`show all showed no Director: ${answer}`),
    };
  }
  const poolsWithStorage = new Set(
    resources.filter(({ kind, entries }) => kind === "Pool" && entries.some(isStorage)).map(({ name }) => name),
  );
  const value = resources
    .filter(({ kind }) => kind === "JobDefs")
    .map(({ name, jobType, entries }) => ({
      name,
      type: jobType === undefined ? "" : String.fromCharCode(jobType),
      ...ownEntries(entries, poolsWithStorage),
    }));
  return { kind: "answered", value };
}

interface ShownResource {
  readonly kind: string;
  readonly name: string;
  /** The code of a letter: 66 is `B`. */
  readonly jobType: number | undefined;
  readonly entries: readonly Entry[];
}

/** A line `--> Kind: name=...` or `--> Kind=...` below a resource. */
interface Entry {
  /** Blanks before the arrow: 2 of the resource itself, 4 of a list, 5 of a Schedule's Run. */
  readonly indent: number;
  readonly kind: string;
  readonly name: string;
}

const RESOURCE = /^(\w+): [Nn]ame=(.*?)(?: JobType=(\d+).*| PoolType=.*| MaxJobs=.*)?$/;
const ENTRY = /^( +)--> (\w+)(?:: [Nn]ame=(.*?)(?: (?:PoolType|[Aa]ddress|Enabled)=.*)?$)?/;

function splitResources(answer: string): readonly ShownResource[] {
  const resources: (ShownResource & { readonly entries: Entry[] })[] = [];
  for (const shown of answer.split("\n")) {
    const line = shown.startsWith(JOB_TO_VERIFY) ? shown.replace(/^.*?(?=(?:JobDefs|Pool): name=)/, "") : shown;
    const header = RESOURCE.exec(line);
    const entry = ENTRY.exec(line);
    if (header !== null) {
      const [, kind = "", name = "", type] = header;
      resources.push({ kind, name, jobType: type === undefined ? undefined : Number(type), entries: [] });
    } else if (entry !== null) {
      const [, indent = "", kind = "", name = ""] = entry;
      resources.at(-1)?.entries.push({ indent: indent.length, kind, name });
    }
  }
  return resources;
}

function isStorage({ indent, kind }: Entry): boolean {
  return kind === "Storage" && indent <= 4;
}

function ownEntries(
  entries: readonly Entry[],
  poolsWithStorage: ReadonlySet<string>,
): Pick<JobDefsResource, "pool" | "schedule" | "storage" | "messages"> {
  const own = (wanted: string) => entries.find(({ indent, kind }) => indent === 2 && kind === wanted)?.name;
  return {
    pool: own("Pool"),
    schedule: own("Schedule"),
    storage: ownStorage(entries, poolsWithStorage),
    messages: own("Messages"),
  };
}

/** The first storage that is not printed on behalf of a Pool. */
function ownStorage(entries: readonly Entry[], poolsWithStorage: ReadonlySet<string>): string | undefined {
  let group: "own" | "pool" = "own";
  let next: "own" | "pool" = "own";
  for (const entry of entries) {
    if (entry.kind.endsWith("Pool")) {
      next = poolsWithStorage.has(entry.name) ? "pool" : "own";
      group = next;
    } else if (entry.kind === "StoragePolicy") {
      group = next;
      next = "own";
    } else if (isStorage(entry) && group === "own") {
      return entry.name;
    }
  }
  return undefined;
}
