import { describe, expect, it } from "vitest";
import { diffText } from "./diff-text.ts";

const job = "#@vm: web01\n#@status:        active\n\nJob {\n  Enabled    = yes\n}\n";

describe("the diff of a file", () => {
  it("is a unified one, with the path under BASE_DIR", () => {
    const after = job.replace("active", "disabled").replace("yes", "no");
    expect(diffText({ before: job, after }, "dc/os/web01/job")).toBe(
      `--- dc/os/web01/job
+++ dc/os/web01/job
@@ -1,6 +1,6 @@
 #@vm: web01
-#@status:        active
+#@status:        disabled
 
 Job {
-  Enabled    = yes
+  Enabled    = no
 }
`,
    );
  });

  it("is all new for a new file", () => {
    const text = diffText({ after: "a\nb\n" }, "x/job");
    expect(text).toBe("--- /dev/null\n+++ x/job\n@@ -0,0 +1,2 @@\n+a\n+b\n");
  });

  it("brings no control character of a file to the terminal", () => {
    expect(diffText({ before: "# \u001b[2J\n", after: "# x\n" }, "x/job")).not.toContain("\u001b");
  });
});
