import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isNamedIn, slugAtLine } from "./named-culprit.ts";
import { type PublishedBlock, renderPublished } from "./published-file.ts";

const block = (slug: string): PublishedBlock => ({
  slug,
  job: `Job {\n  Name = "job-${slug}"\n  # from elsewhere\n}\n`,
  fileSet: `FileSet {\n  Name = "fs-${slug}"\n}\n`,
  jobName: `job-${slug}`,
  fileSetName: `fs-${slug}`,
});

describe("the folder that the Director's words blame", () => {
  it("is the one whose mark stands above the line", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 30 }), fc.nat(), (count, at) => {
        const slugs = Array.from({ length: count }, (_, index) => `vm${index}`);
        const text = renderPublished(slugs.map(block));
        const slug = `vm${at % count}`;
        for (const word of [`"job-${slug}"`, `"fs-${slug}"`, `# from ${slug}/job`]) {
          const line = text.slice(0, text.indexOf(word)).split("\n").length;
          expect(slugAtLine(text, line)).toBe(slug);
        }
      }),
    );
  });

  it("is none above the first mark or in another text", () => {
    expect(slugAtLine(renderPublished([block("a")]), 1)).toBeUndefined();
    expect(slugAtLine("", 5)).toBeUndefined();
  });

  it.each([
    ['"Type" directive in Job "job-web" resource is required, but not found.', true],
    ['Attempt to define second "Fileset" resource named "fs-web" is not permitted.', true],
    ['"Type" directive in Job "job-web2" resource is required, but not found.', false],
    ['Could not find config Resource "NoSuch" referenced on line 3', false],
    ['Could not open Catalog "MyCatalog", database "job-web".', false],
  ])("is named in %j: %s", (words, isNamed) => {
    expect(isNamedIn(words, block("web"))).toBe(isNamed);
    expect(isNamedIn(words, undefined)).toBe(false);
  });
});
