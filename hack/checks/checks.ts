import { join } from "node:path";
import { execa } from "execa";
import { checkDependencies } from "./dependency-rules.ts";

export interface CheckResult {
  readonly name: string;
  readonly passed: boolean;
  /** What the tool said; empty when all is well. */
  readonly output: string;
  readonly seconds: number;
}

const PROJECT = join(import.meta.dirname, "../..");

/** Fewer modules than this means that the tool did not see the sources, and so could not find anything wrong. */
const FEWEST_MODULES = 10;

const TOOLS: Readonly<Record<string, readonly [string, ...string[]]>> = {
  types: ["tsc", "--noEmit"],
  biome: ["biome", "check", "--error-on-warnings"],
  oxlint: ["oxlint", "--type-aware", "--deny-warnings"],
  "dead code": ["knip", "--no-progress", "--treat-config-hints-as-errors"],
};

/** Runs every check of the sources, side by side; each is one result. */
export async function runChecks(): Promise<CheckResult[]> {
  const tools = Object.entries(TOOLS).map(([name, command]) => timed(name, () => runTool(command)));
  return Promise.all([...tools, timed("dependency rules", checkOwnDependencies)]);
}

/** One line for a check that passed; the tool's words for one that failed. */
export function formatCheck({ name, passed, output, seconds }: CheckResult): string {
  return passed ? `ok      ${name} (${seconds} s)` : `FAILED  ${name} (${seconds} s)\n${output}`;
}

interface Verdict {
  readonly passed: boolean;
  readonly output: string;
}

async function timed(name: string, check: () => Promise<Verdict>): Promise<CheckResult> {
  const start = performance.now();
  let verdict: Verdict;
  try {
    verdict = await check();
  } catch (error) {
    verdict = { passed: false, output: String(error) };
  }
  return { name, ...verdict, seconds: Math.round((performance.now() - start) / 100) / 10 };
}

async function runTool([program, ...args]: readonly [string, ...string[]]): Promise<Verdict> {
  const result = await execa(program, args, { cwd: PROJECT, preferLocal: true, all: true, reject: false });
  // A tool that was not even started has said nothing itself.
  return { passed: !result.failed, output: result.failed ? result.all || (result.message ?? "") : "" };
}

async function checkOwnDependencies(): Promise<Verdict> {
  const { moduleCount, violations } = await checkDependencies(PROJECT, ["src", "bin", "hack", "test"]);
  const problems =
    moduleCount <= FEWEST_MODULES ? [`only ${moduleCount} modules were seen`, ...violations] : violations;
  return { passed: problems.length === 0, output: problems.join("\n") };
}
