import { type Check, fail, ok, warn } from "./check.ts";
import type { Include } from "./find-includes.ts";

/** One include, with the file it stands in. */
export interface PlacedInclude {
  readonly file: string;
  readonly include: Include;
}

export interface IncludeFacts {
  /** Every include of the Director's configuration, those of included files too. */
  readonly includes: readonly PlacedInclude[];
  /** BASE_DIR as the Director sees it. */
  readonly directorBaseDir: string;
  /** Whether BASE_DIR/include.conf is there; undefined: it could not be looked at. */
  readonly hasIncludeFile?: boolean | undefined;
}

/**
 * Whether the Director reads what we publish, and in which form (white paper 8.3): our include.conf, or `find` over the
 * tree. Both together define every job twice; the white paper's printed line loads nothing (measured with 15.0.3).
 */
export function judgeInclude({ includes, directorBaseDir, hasIncludeFile }: IncludeFacts): readonly Check[] {
  const ours = includes.filter(
    ({ include }) => include.kind === "file" && samePath(include.path, `${directorBaseDir}/include.conf`),
  );
  const commands = includes.filter(({ include }) => include.kind !== "file" && names(include.command, directorBaseDir));
  const wanted = `@${quoteIfNeeded(`${directorBaseDir}/include.conf`)}`;
  const broken = commands.flatMap((placed) => brokenCommand(placed, wanted));
  if (broken.length > 0) return broken;

  const [first, second] = [...ours, ...commands];
  if (first === undefined) {
    return [
      fail(
        `the Director does not read ${directorBaseDir}: no job of ours would ever run`,
        `its configuration includes neither ${directorBaseDir}/include.conf nor a command over that folder`,
        `add the line ${wanted} to bacula-dir.conf, then reload`,
      ),
    ];
  }
  if (second !== undefined) {
    return [
      fail(
        `the Director reads our jobs twice: by ${placeOf(first)} and by ${placeOf(second)}`,
        'it refuses a configuration that defines a Job or FileSet twice: Attempt to define second "Job"',
        `keep the line ${wanted} and remove the other`,
      ),
    ];
  }
  if (commands.length > 0) return [slowCommand(first, wanted)];
  return [
    hasIncludeFile === false ? missingFile(first, directorBaseDir) : ok(`include.conf is read by ${placeOf(first)}`),
  ];
}

function brokenCommand(placed: PlacedInclude, wanted: string): readonly Check[] {
  const { include } = placed;
  const remedy = `replace it by ${wanted}`;
  if (include.kind === "cutCommand") {
    return [
      fail(
        `the include command by ${placeOf(placed)} is refused by the Director`,
        "it is not in double quotes, so that the Director takes its first word only: Expected a Resource name identifier",
        remedy,
      ),
    ];
  }
  if (include.kind === "command" && hasBareBracket(include.command)) {
    return [
      fail(
        `the include command by ${placeOf(placed)} loads nothing, and no error tells`,
        "inside double quotes the Director takes a backslash away: the shell sees ( instead of \\( and stops",
        `${remedy}, or double its backslashes before the brackets`,
      ),
    ];
  }
  return [];
}

function slowCommand(placed: PlacedInclude, wanted: string): Check {
  return warn(
    `the Director finds our jobs by a command, by ${placeOf(placed)}`,
    "a reload then takes 20 to 30 times as long (5,000 VMs: 20 to 39 s instead of 1 s, with all consoles waiting), and " +
      "when the command fails all our jobs are gone without an error",
    `replace it by ${wanted}`,
  );
}

function missingFile(placed: PlacedInclude, directorBaseDir: string): Check {
  return fail(
    `${directorBaseDir}/include.conf is not there, and is included by ${placeOf(placed)}`,
    "with an included file missing the Director refuses every reload and does not start",
    "run a sync, which makes it, or create it empty",
  );
}

/** A `(` that a shell would take for its own: neither escaped nor the beginning of `$(...)`, nor in quotes inside. */
function hasBareBracket(command: string): boolean {
  return /(^|[^\\$"])\(/u.test(command);
}

/** The folder as a whole name: /etc/openstack is not named by /etc/openstack-old. */
function names(command: string, folder: string): boolean {
  const at = command.indexOf(folder);
  if (at < 0) return false;
  const next = command.charAt(at + folder.length);
  return !/[A-Za-z0-9._-]/u.test(next) || names(command.slice(at + 1), folder);
}

function samePath(one: string, other: string): boolean {
  return one.replaceAll(/\/+/gu, "/") === other.replaceAll(/\/+/gu, "/");
}

function quoteIfNeeded(path: string): string {
  return path.includes(" ") ? `"${path}"` : path;
}

function placeOf({ file, include }: PlacedInclude): string {
  return `${file} line ${include.line}`;
}
