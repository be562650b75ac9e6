import { scanResource } from "../jobfile/resource-text.ts";
import type { PublishedBlock } from "./published-file.ts";

/** What `show job=` prints of what a job's files say; all else of them cannot be seen in the console. */
const SHOWN = [
  "Priority",
  "Client",
  "FileSet",
  "Schedule",
  "Storage",
  "Pool",
  "Messages",
  "Command",
  "Plugin",
] as const;
export type ShownDirective = (typeof SHOWN)[number];

/** The values of each directive; one that is absent is not said, or not to be seen. */
export type ShownDirectives = ReadonlyMap<ShownDirective, readonly string[]>;

/**
 * What the Director must show of a job once it has this block: the directives that stand in its own files. `Enabled` is
 * not among them, since `enable` and `disable` in the console go before the file's; a value with a line end in it would be
 * cut apart, and is left out.
 */
export function shownDirectives(block: PublishedBlock): ShownDirectives {
  const { job = "", directives, fileSetName, plugins = [] } = block;
  if (directives === undefined) return new Map();
  const { client, fileSet, schedule, storage, pool, messages } = directives;
  const scan = scanResource(job);
  const statements = scan.kind === "scanned" ? scan.resource.statements : [];
  const valuesOf = (keyword: string, path: string) =>
    statements.filter((one) => one.keyword === keyword && one.path.join() === path).map(({ value }) => value);
  const said: Record<ShownDirective, readonly (string | undefined)[]> = {
    Priority: valuesOf("priority", ""),
    Client: [client],
    FileSet: [fileSet],
    Schedule: [schedule],
    Storage: storage?.split(",") ?? [],
    Pool: [pool],
    Messages: [messages],
    Command: valuesOf("command", "runscript"),
    Plugin: fileSet === fileSetName ? plugins : [],
  };
  return new Map(
    SHOWN.flatMap((directive) => {
      const values = said[directive].filter((value) => value !== undefined);
      return values.length === 0 || values.some((value) => /\p{Cc}/u.test(value)) ? [] : [[directive, values]];
    }),
  );
}

/** A directive of which the Director shows other values than the file says; undefined: it has what the file says. */
export function shownOtherwise(
  said: ShownDirectives,
  shown: ShownDirectives,
): { readonly directive: ShownDirective; readonly said: string; readonly shown: string } | undefined {
  for (const [directive, values] of said) {
    const seen = shown.get(directive);
    const lacking = values.find((value) => seen?.includes(value) === false);
    if (lacking !== undefined) return { directive, said: lacking, shown: seen?.join(", ") ?? "" };
  }
  return undefined;
}
