import { join } from "node:path";
import { execa } from "execa";
import { z } from "zod";

/** The rules of .dependency-cruiser.cjs were broken there: `rule: from -> to`. */
export interface DependencyReport {
  readonly moduleCount: number;
  readonly violations: readonly string[];
}

const Report = z.object({
  summary: z.object({
    totalCruised: z.number(),
    violations: z.array(z.object({ from: z.string(), to: z.string(), rule: z.object({ name: z.string() }) })),
  }),
});

const PROJECT = join(import.meta.dirname, "../..");

/** Reads the imports of the given folders of `root` and holds them against the project's dependency rules. */
export async function checkDependencies(root: string, folders: readonly string[]): Promise<DependencyReport> {
  const config = join(PROJECT, ".dependency-cruiser.cjs");
  const program = join(PROJECT, "node_modules/dependency-cruiser/bin/dependency-cruise.mjs");
  const options = ["--config", config, "--output-type", "json"];
  const { stdout } = await execa(process.execPath, [program, ...options, ...folders], {
    cwd: root,
    reject: false,
    stderr: "inherit",
  });
  const { summary } = Report.parse(JSON.parse(stdout));
  return {
    moduleCount: summary.totalCruised,
    violations: summary.violations.map(({ from, to, rule }) => `${rule.name}: ${from} -> ${to}`),
  };
}
