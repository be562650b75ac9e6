import process from "node:process";
import type { ClientResult } from "../client-result.ts";
import { problemLines } from "../print-result.ts";

/** What is wrong, on standard error, so that standard output has nothing but the answer. */
export function printProblems(problems: ClientResult["problems"]): void {
  for (const line of problemLines({ problems })) process.stderr.write(`${line}\n`);
}

/** The answer as JSON; `version` moves when a reader of the older form could misread it. */
export function printJson(answer: object): void {
  process.stdout.write(`${JSON.stringify({ version: 1, ...answer }, null, 2)}\n`);
}
