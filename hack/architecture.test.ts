import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkDependencies, type DependencyReport } from "./checks/dependency-rules.ts";

/** A small tree in which each import breaks one rule. Of a cycle only the first file is reported. */
const PLANTED: readonly { readonly rule: string; readonly file: string; readonly imports: string }[] = [
  { rule: "no-cycles", file: "src/domain/one.ts", imports: "./two.ts" },
  { rule: "no-unresolved", file: "src/settings/lost.ts", imports: "./nowhere.ts" },
  { rule: "domain-is-pure", file: "src/domain/reads.ts", imports: "node:fs" },
  { rule: "domain-is-pure", file: "src/domain/calls.ts", imports: "../sync/ports.ts" },
  { rule: "domain-tests-stay-in-the-domain", file: "src/domain/x.test.ts", imports: "../sync/ports.ts" },
  { rule: "sync-knows-only-the-domain", file: "src/sync/listens.ts", imports: "node:net" },
  { rule: "sync-knows-only-the-domain", file: "src/sync/knows.ts", imports: "../bacula/director.ts" },
  { rule: "sync-tests-know-no-adapter", file: "src/sync/x.test.ts", imports: "../bacula/director.ts" },
  { rule: "kubernetes-knows-no-vms", file: "src/kubernetes/vm.ts", imports: "../domain/vm.ts" },
  { rule: "adapters-know-only-their-port", file: "src/catalog/asks.ts", imports: "../bacula/director.ts" },
  { rule: "controllers-know-no-adapter", file: "src/controllers/asks.ts", imports: "../bacula/director.ts" },
  { rule: "only-composers-use-bacula", file: "src/observability/asks.ts", imports: "../bacula/director.ts" },
  { rule: "only-composers-use-openstack", file: "src/settings/asks.ts", imports: "../openstack/inspect.ts" },
  { rule: "main-is-the-root", file: "src/cli/starts.ts", imports: "../main.ts" },
  { rule: "the-product-needs-no-test-tools", file: "src/volume/leans.ts", imports: "../../test/support.ts" },
];

const INNOCENT: Readonly<Record<string, string>> = {
  "src/domain/two.ts": "./one.ts",
  "src/main.ts": "./bacula/director.ts",
  "src/sync/ports.ts": "../domain/vm.ts",
  "src/domain/vm.ts": "node:crypto",
  "src/bacula/director.ts": "../sync/ports.ts",
  "src/openstack/inspect.ts": "../domain/vm.ts",
  "bin/program.js": "../src/main.ts",
  "test/support.ts": "node:fs",
};

describe("the dependency rules", () => {
  let tree: string;
  let report: DependencyReport;

  beforeAll(async () => {
    tree = await mkdtemp(join(tmpdir(), "architecture-"));
    const planted = PLANTED.map(({ file, imports }) => [file, imports] as const);
    for (const [file, imports] of [...Object.entries(INNOCENT), ...planted]) {
      await mkdir(join(tree, dirname(file)), { recursive: true });
      // An import of types only is a dependency as well.
      const clause = imports.startsWith("node:") ? "import * as it" : "import type { It }";
      await writeFile(join(tree, file), `${clause} from "${imports}";\nexport type Mine = typeof it | It;\n`);
    }
    report = await checkDependencies(tree, ["src", "bin", "test"]);
  }, 60_000);

  afterAll(async () => {
    await rm(tree, { recursive: true });
  });

  it.each(PLANTED)("$rule is broken by $file importing $imports", ({ rule, file }) => {
    expect(report.violations).toContainEqual(expect.stringContaining(`${rule}: ${file} -> `));
  });

  it.each(Object.keys(INNOCENT))("let %s import what it may", (file) => {
    expect(report.violations.filter((violation) => violation.includes(`: ${file} -> `))).toEqual([]);
  });

  it("see the real tree, and not an empty one", async () => {
    const real = await checkDependencies(join(import.meta.dirname, ".."), ["src"]);
    expect(real.moduleCount).toBeGreaterThan(10);
  }, 60_000);
});
