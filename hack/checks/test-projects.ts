import { spawn } from "node:child_process";
import { once } from "node:events";
import { glob, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";

export interface Tally {
  readonly passed: number;
  readonly failed: number;
}

const Report = z.object({
  success: z.boolean(),
  testResults: z.array(z.object({ status: z.string(), assertionResults: z.array(z.object({ status: z.string() })) })),
});

const PROJECT = join(import.meta.dirname, "../..");

/**
 * Runs projects of vitest.config.ts in one run, their output visible as it comes, and counts by vitest's own report.
 * Projects that have no test file yet are 0 tests.
 */
export async function runTestProjects(names: readonly string[], files: string): Promise<Tally> {
  const { value: firstFile } = await glob(files, { cwd: PROJECT }).next();
  if (firstFile === undefined) return { passed: 0, failed: 0 };
  const folder = await mkdtemp(join(tmpdir(), "test-report-"));
  try {
    const report = join(folder, "report.json");
    const vitest = join(PROJECT, "node_modules/vitest/vitest.mjs");
    const projects = names.map((name) => `--project=${name}`);
    const options = ["run", ...projects, "--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
    const child = spawn(process.execPath, [vitest, ...options], { cwd: PROJECT, stdio: "inherit" });
    const [code] = await once(child, "exit");
    return countTests(await readReport(report), code === 0);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Undefined when vitest did not come to write one. */
async function readReport(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch {
    return undefined;
  }
}

/**
 * Counts a JSON report of vitest. What did not pass has failed, a skipped test too: a missing part must not look like
 * success. A file that could not be loaded, a report that is missing, and a run that failed for a reason outside the
 * tests count as one failure.
 */
export function countTests(report: string | undefined, exitedWell: boolean): Tally {
  if (report === undefined) return { passed: 0, failed: 1 };
  const { success, testResults } = Report.parse(JSON.parse(report));
  let passed = 0;
  let failed = 0;
  for (const file of testResults) {
    const good = file.assertionResults.filter((result) => result.status === "passed").length;
    const bad = file.assertionResults.length - good;
    passed += good;
    failed += bad === 0 && file.status !== "passed" ? 1 : bad;
  }
  const isWell = success && exitedWell;
  return { passed, failed: failed === 0 && !isWell ? 1 : failed };
}
