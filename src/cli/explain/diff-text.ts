import { createTwoFilesPatch, FILE_HEADERS_ONLY } from "diff";
import type { ForeseenFile } from "../../sync/decide/foreseen.ts";

/**
 * The unified diff of one file, as `diff -u` writes it and `patch` reads it; `path` is that under BASE_DIR. A control
 * character that somebody wrote into a file does not reach the terminal.
 */
export function diffText({ before, after }: Pick<ForeseenFile, "before" | "after">, path: string): string {
  const from = before === undefined ? "/dev/null" : path;
  const options = { context: 3, headerOptions: FILE_HEADERS_ONLY };
  const text = createTwoFilesPatch(from, path, before ?? "", after, undefined, undefined, options);
  return text.replaceAll(/[^\P{Cc}\n\t]/gu, "?");
}
