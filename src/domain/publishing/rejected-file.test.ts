import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { renderRejected } from "./rejected-file.ts";

describe("job.rejected", () => {
  it("says why in its first line, and keeps what was refused", () => {
    expect(renderRejected("no Pool\r\n@|rm -rf /", { job: "Job {}", fileSet: "FileSet {}\n" })).toBe(
      `# Rejected: no Pool @|rm -rf /
# What was published of this folder before stays in force. Correct its job and fileset files; this file is a copy
# of what was refused, and is removed as soon as they are accepted.

# The job file:
Job {}

# The fileset file:
FileSet {}
`,
    );
    expect(renderRejected("why", { fileSet: "FileSet {}\n" })).not.toContain("The job file");
  });

  it("has each refused text whole, and no reason breaks out of its line", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (reason, job) => {
        const text = renderRejected(reason, { job });
        expect(text).toContain(job);
        expect(
          text
            .split("\n")
            .slice(0, 3)
            .every((line) => line.startsWith("# ")),
        ).toBe(true);
      }),
    );
  });
});
