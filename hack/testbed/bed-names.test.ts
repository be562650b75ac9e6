import { glob, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";

const PROJECT = join(import.meta.dirname, "../..");
const NAME = /\b(?:start(?:Bacula|Kube)Bed\(\{ name: |Site\.open\(|BED = )"([^"]+)"/gu;

/** The names of the beds that each test file starts, once each. */
async function bedNames(): Promise<{ readonly file: string; readonly names: readonly string[] }[]> {
  const files: { file: string; names: readonly string[] }[] = [];
  for await (const file of glob("test/{integration,e2e}/**/*.test.ts", { cwd: PROJECT })) {
    const text = await readFile(join(PROJECT, file), "utf8");
    if (!/\b(?:start(?:Bacula|Kube)Bed|Site\.open)\(/u.test(text)) continue;
    files.push({ file, names: [...new Set([...text.matchAll(NAME)].map(([, name = ""]) => name))] });
  }
  return files;
}

// Files run side by side, and a bed belongs to one process: of two that name the same one, the later would be refused.
it("each test file on real parts has beds of its own names", async () => {
  const files = await bedNames();
  expect(files.filter(({ names }) => names.length === 0)).toEqual([]);
  const all = files.flatMap(({ names }) => names);
  expect(all.length).toBeGreaterThan(20);
  expect(all.filter((name, index) => all.indexOf(name) !== index)).toEqual([]);
});
