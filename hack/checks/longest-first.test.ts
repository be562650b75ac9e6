import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createVitest, type TestSpecification } from "vitest/node";
import { LONGEST, LongestFirst } from "./longest-first.ts";

const PROJECT = join(import.meta.dirname, "../..");

describe("the files that are started first", () => {
  it.each(LONGEST)("%s is there", (file) => {
    expect(existsSync(join(PROJECT, file))).toBe(true);
  });

  it("are the listed ones by their list, whatever project they are of, and then all others", async () => {
    const vitest = await createVitest("test", { root: PROJECT, watch: false, project: ["integration", "e2e"] });
    try {
      const files = await vitest.globTestSpecifications();
      const sorted = await new LongestFirst(vitest).sort([...files].reverse());
      const paths = sorted.map(({ moduleId }: TestSpecification) => moduleId.slice(PROJECT.length + 1));
      expect(paths.slice(0, LONGEST.length)).toEqual(LONGEST);
      expect(paths).toHaveLength(files.length);
      expect(files.length).toBeGreaterThan(LONGEST.length);
    } finally {
      await vitest.close();
    }
  });
});
