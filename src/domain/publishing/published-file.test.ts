import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { editJob } from "../jobfile/edit-job.ts";
import { isSameBlock, type PublishedBlock, parsePublished, publishedBlock, renderPublished } from "./published-file.ts";

const UUID = "014c5892-5efb-4efb-bd60-4e038800475d";
const JOB = `#@vm: web01
#@uuid:          ${UUID}
#@datacenter:    datacenter1
#@openstack:     openstack1
#@client:        bacula-dc1-os1-fd
#@status:        active
# Managed by bacula-openstack-sync | created: 2026-05-18 19:00:00

Job {
  Name       = "backup-web01"
  # a person's comment
  FileSet    = "fs-web01"
  Enabled    = yes
}
`;
const FILESET = `FileSet {
  Name = "fs-web01"
  Include {
    Plugin = "openstack: proxy_server=p instance=${UUID}"
  }
}
`;

function block(slug: string, texts: { job?: string; fileSet?: string }): PublishedBlock {
  const result = publishedBlock(slug, texts);
  if (result.kind === "refused") throw new Error(result.reason);
  return result.block;
}

describe("what the Director reads of one VM", () => {
  it("is its fileset and its job, without our headers", () => {
    expect(renderPublished([block("web01", { job: JOB, fileSet: FILESET })])).toBe(
      `# Made by bacula-openstack-sync from the job and fileset files of this folder. Edit those; this file is overwritten.

# from web01/fileset
${FILESET}
# from web01/job
Job {
  Name       = "backup-web01"
  # a person's comment
  FileSet    = "fs-web01"
  Enabled    = yes
}
`,
    );
  });

  it("says which VM and which names it is about", () => {
    expect(block("web01", { job: JOB, fileSet: FILESET })).toMatchObject({
      slug: "web01",
      jobName: "backup-web01",
      fileSetName: "fs-web01",
      directives: { name: "backup-web01", fileSet: "fs-web01", enabled: true },
      plugins: [`openstack: proxy_server=p instance=${UUID}`],
    });
  });

  it("does not change with headers: they are no configuration and need no reload", () => {
    const edited = editJob(JOB, {
      headers: { missingSince: Date.UTC(2026, 4, 18), hold: "legal", vm: "renamed", status: "disabled" },
    });
    expect(edited).not.toBe(JOB);
    expect(isSameBlock(block("web01", { job: edited }), block("web01", { job: JOB }))).toBe(true);
  });

  it("changes with a directive", () => {
    const edited = editJob(JOB, { directives: { enabled: false } });
    expect(isSameBlock(block("web01", { job: edited }), block("web01", { job: JOB }))).toBe(false);
  });

  it("changes with its fileset", () => {
    const other = FILESET.replace("proxy_server=p", "proxy_server=q");
    expect(isSameBlock(block("web01", { fileSet: other }), block("web01", { fileSet: FILESET }))).toBe(false);
  });

  it("stands in the order of the slugs, whatever the order of the folders", () => {
    const blocks = ["c", "a", "B", "a-1"].map((slug) => block(slug, { job: JOB }));
    expect([...renderPublished(blocks).matchAll(/^# from (.*)\/job$/gm)].map(([, slug]) => slug)).toEqual([
      "B",
      "a",
      "a-1",
      "c",
    ]);
  });

  it.each([
    ["a job that is two resources", { job: `${JOB}${JOB}` }, /^job line 23: more than one resource/],
    ["a fileset with an include", { fileSet: "@/etc/passwd\n" }, /^fileset line 1: an include/],
    ["a job where the fileset should be", { fileSet: 'Job {\n  Name = "x"\n}\n' }, /^fileset line 1: a job resource/],
    ["a job with a CR", { job: JOB.replace("web01\n", "web01\rJob {\n") }, /^job line 1: a control character/],
  ])("is not %s", (_what, texts, reason) => {
    const result = publishedBlock("web01", texts);
    expect(result.kind === "refused" ? result.reason : "").toMatch(reason);
  });

  it("is nothing of a folder whose name would end a comment", () => {
    expect(publishedBlock("a\rJob {", { job: JOB }).kind).toBe("refused");
  });
});

describe("a published file read back", () => {
  it("is empty for an empty text, and drops what stands under no mark", () => {
    expect(parsePublished("")).toEqual([]);
    expect(parsePublished('# by hand\nJob {\n  Name = "x"\n}\n')).toEqual([]);
  });

  it("drops a block that is not one sound resource, and only that", () => {
    const text = renderPublished([block("a", { job: JOB }), block("b", { job: JOB, fileSet: FILESET })]);
    const broken = text.replace("# from a/job\nJob {", "# from a/job\nJob {{");
    expect(parsePublished(broken).map(({ slug }) => slug)).toEqual(["b"]);
  });

  it.each([
    ["only a job", { job: 'Job {\n  Name = "by-hand"\n}' }],
    ["only a fileset", { fileSet: FILESET }],
    ["both", { job: JOB, fileSet: FILESET }],
  ])("has a folder with %s", (_what, texts) => {
    // Digits: their order as text is not that as numbers.
    const blocks = ["10", "9", "hand made"].map((slug) => block(slug, texts));
    expect(parsePublished(renderPublished(blocks))).toEqual(blocks);
  });

  it("does not take the comment of one folder for another folder's job", () => {
    const forged = JOB.replace("  # a person's comment\n", "# from victim/job\n  # from victim/job\n").concat(
      "# from victim/fileset\n# from victim/job\n",
    );
    expect(parsePublished(renderPublished([block("attacker", { job: forged })])).map(({ slug }) => slug)).toEqual([
      "attacker",
    ]);
    const quoted = JOB.replace("  # a person's comment\n", '  Description = "\n# from victim/job\n"\n');
    expect(publishedBlock("attacker", { job: quoted }).kind).toBe("refused");
  });

  it("has the blocks that were written, whatever hand-made lines they have", () => {
    const slug = fc.constantFrom("a", "b", "a/job", "a b", "é", "x/y", "job");
    const around = fc.array(
      fc.constantFrom("# c\n", "\n", "  \n", "#@x: y\n", "# from a/job\n", "\u00a0 # z\n", "#\t\n"),
      {
        maxLength: 5,
      },
    );
    const inside = fc.subarray([
      "\n\n",
      "#@hold: x\n",
      "# from b/fileset\n",
      "  Priority = 1\n",
      '  Description = "two\n\n\nlines # from b/job"\n',
      '  Run Script {\n    Command = "a"\n  }\n',
    ]);
    const folder = fc.record({ slug, before: around, inside, after: around, withFileSet: fc.boolean() });
    let published = 0;
    fc.assert(
      fc.property(fc.uniqueArray(folder, { selector: (each) => each.slug, maxLength: 4 }), (folders) => {
        const blocks = folders.flatMap((each) => {
          const job = `${each.before.join("")}Job {\n  Name = "j"\n${each.inside.join("")}}\n${each.after.join("")}`;
          const result = publishedBlock(each.slug, each.withFileSet ? { job, fileSet: FILESET } : { job });
          return result.kind === "block" ? [result.block] : [];
        });
        published += blocks.length;
        const bySlug = (all: readonly PublishedBlock[]) => new Map(all.map((each) => [each.slug, each]));
        expect(bySlug(parsePublished(renderPublished(blocks)))).toEqual(bySlug(blocks));
      }),
    );
    expect(published).toBeGreaterThan(50);
  });
});
