import { access, readdir, readFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";

const PROJECT = join(import.meta.dirname, "..");
const PAGES = ["README.md", "docs/architecture.md", "docs/command-line.md"] as const;

const architecture = await readFile(join(PROJECT, "docs/architecture.md"), "utf8");
const entries = await readdir(join(PROJECT, "src"), { recursive: true, withFileTypes: true });
const folders = entries
  .filter((entry) => entry.isDirectory())
  .map((entry) => relative(PROJECT, join(entry.parentPath, entry.name)));

/** `[`name`](../src/file.ts)` where the name is a program's word, not a file's. */
const namedExports = [...architecture.matchAll(/\[`(\w+)`\]\(\.\.\/(src\/[^)]+\.ts)\)/g)].map(
  ([, name = "", file = ""]) => ({ name, file }),
);

describe("the architecture page", () => {
  it("sees the folders of src, and the names on the page", () => {
    expect(folders.length).toBeGreaterThan(10);
    expect(namedExports.length).toBeGreaterThan(10);
  });

  it.each(folders)("has a sentence on %s", (folder) => {
    expect(architecture).toMatch(new RegExp(`^\\| \`${folder}\` +\\| [A-Z].*\\. +\\|$`, "m"));
  });

  it("names no folder that is gone", () => {
    const named = [...architecture.matchAll(/^\| `(src\/[^`]+)` +\|/gm)].map(([, folder]) => folder);
    expect(named.filter((folder) => folder === undefined || !folders.includes(folder))).toEqual([]);
  });

  it.each(namedExports)("finds $name in $file", async ({ name, file }) => {
    const source = await readFile(join(PROJECT, file), "utf8");
    expect(source).toMatch(new RegExp(`^export (async )?(function\\*?|class|const|interface|type) ${name}\\b`, "m"));
  });
});

describe.each(PAGES)("%s", (page) => {
  it("links to files that exist", async () => {
    const text = await readFile(join(PROJECT, page), "utf8");
    const targets = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, target = ""]) => target);
    expect(targets).not.toEqual([]);
    await Promise.all(targets.map((target) => access(join(PROJECT, dirname(page), target))));
  });

  it("names commands of package.json", async () => {
    const text = await readFile(join(PROJECT, page), "utf8");
    const { scripts } = z
      .object({ scripts: z.record(z.string(), z.string()) })
      .parse(JSON.parse(await readFile(join(PROJECT, "package.json"), "utf8")));
    const commands = [...text.matchAll(/npm run (?:-s )?([\w:]+)/g)].map(([, command = ""]) => command);
    expect(commands).not.toEqual([]);
    expect(commands.filter((command) => scripts[command] === undefined)).toEqual([]);
  });
});

describe("README.md", () => {
  it("shows the OpenStackClient of the demo", async () => {
    const readme = await readFile(join(PROJECT, "README.md"), "utf8");
    expect(readme).toContain(await readFile(join(PROJECT, "hack/demo/open-stack-client.yaml"), "utf8"));
  });
});
