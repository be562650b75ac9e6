import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { editJob } from "./edit-job.ts";
import type { JobEdit, JobFile } from "./job-file.ts";
import { parseJobFile } from "./parse-job-file.ts";
import { UnsafeValueError } from "./quoted.ts";

const SAMPLE = `#@vm: rocky9-instance1
#@uuid:          014c5892-5efb-4efb-bd60-4e038800475d
#@datacenter:    datacenter1
#@openstack:     openstack1
#@client:        bacula-dc1-os1-fd
#@status:        active
# Managed by bacula-openstack-sync | created: 2026-05-18 19:00:00

Job {
  Name       = "backup-dc1-os1-rocky9-instance1"
  JobDefs    = "DefaultJob"
  Client     = "bacula-dc1-os1-fd"
  FileSet    = "fs-datacenter1-openstack1-rocky9-instance1"
  Storage    = "File1"
  Pool       = "Default"
  Schedule   = "WeeklyCycle"
  Messages   = "Standard"
  Enabled    = yes
}
`;
const SINCE = Date.UTC(2026, 4, 18, 19);

function read(text: string): JobFile {
  const result = parseJobFile(text, { timeZone: "UTC" });
  if (result.kind !== "read") throw new Error(JSON.stringify(result));
  return result.value;
}

describe("one edit of the white paper's sample", () => {
  it.each<[string, JobEdit, string, string]>([
    ["missing", { headers: { missingSince: SINCE } }, "# Managed", "#@missing-since: 2026-05-18T19:00:00Z\n# Managed"],
    [
      "disable",
      { headers: { status: "disabled" }, directives: { enabled: false } },
      "active\n# Managed",
      "disabled\n# Managed",
    ],
    ["rename", { headers: { vm: "web\r01" } }, "#@vm: rocky9-instance1", "#@vm: web 01"],
    ["hold", { headers: { hold: "case 12" } }, "# Managed", "#@hold:          case 12\n# Managed"],
    ["JobDefs", { directives: { jobDefs: "Gold" } }, '"DefaultJob"', '"Gold"'],
    ["Pool gone", { directives: { pool: null } }, '  Pool       = "Default"\n', ""],
  ])("%s", (_what, edit, before, after) => {
    const wanted = SAMPLE.replace(before, after);
    const expected = edit.directives?.enabled === false ? wanted.replace("= yes", "= no") : wanted;
    expect(editJob(SAMPLE, edit)).toBe(expected);
  });

  it("puts headers in the order of the format, whatever the order of the edits", () => {
    const one = editJob(SAMPLE, { headers: { hold: "x" } });
    const two = editJob(one, { headers: { reenabled: SINCE } });
    const three = editJob(two, { headers: { missingSince: SINCE, jobDefs: "Gold", disabled: SINCE } });
    expect(three).toContain(
      "#@status:        active\n#@missing-since: 2026-05-18T19:00:00Z\n#@disabled:      2026-05-18T19:00:00Z\n" +
        "#@reenabled:     2026-05-18T19:00:00Z\n#@hold:          x\n#@jobdefs:       Gold\n# Managed",
    );
  });

  it("takes headers and directives away again", () => {
    const there = editJob(SAMPLE, { headers: { missingSince: SINCE, hold: "x" }, directives: { pool: null } });
    const back = editJob(there, { headers: { missingSince: null, hold: null }, directives: { pool: "Default" } });
    expect(read(back)).toStrictEqual(read(SAMPLE));
    expect(back).toBe(
      SAMPLE.replace('  Pool       = "Default"\n', "").replace("  Enabled", '  Pool       = "Default"\n  Enabled'),
    );
  });
});

describe("what stands around an edited value stays", () => {
  const job = (body: string) => `#@vm: x\nJob {\n${body}}\n`;
  it.each([
    ["a comment", '  Name = "a"\n  Pool = Old # why ; {\n', "Old", '"New"'],
    ["a comment with a quote", '  Name = "a"\n  Pool = "Old" # "why\n', '"Old"', '"New"'],
    ["a semicolon and a neighbour", '  Name = "a"; Pool = Old ;Type=Backup\n', "Old", '"New"'],
    ["another spelling", '  Name = "a"\n\tP oo L\t=\tOld\n', "Old", '"New"'],
    ["a brace in the line", '  Name = "a"\n  Pool = Old }\n#', "Old", '"New"'],
    ["= in the next line", '  Name = "a"\n  Pool # c\n   =  Old\n', "Old", '"New"'],
  ])("%s", (_what, body, before, after) => {
    const text = job(body);
    expect(editJob(text, { directives: { pool: "New" } })).toBe(text.replace(before, after));
  });

  it.each([
    ["the line's comment goes with it", '  Name = "a"\n  Pool = Old # c\n  Type = B\n', '  Name = "a"\n  Type = B\n'],
    ["neighbours stay", '  Name = "a"; Pool = Old; Type = B\n', '  Name = "a";  Type = B\n'],
    ["the first of two", '  Pool = Old; Name = "a"\n', '   Name = "a"\n'],
    ["the last in front of a brace", '  Name = "a"; Pool = Old }\n#', '  Name = "a";  }\n#'],
    ["a value on a later line", '  Name = "a"\n  Pool\n  = Old\n', '  Name = "a"\n'],
    ["a Pool in a block is another", '  Name = "a"\n  RunScript {\n    Pool = x\n  }\n', undefined],
  ])("when the directive is taken away: %s", (_what, before, after) => {
    expect(editJob(job(before), { directives: { pool: null } })).toBe(job(after ?? before));
  });

  it.each([
    ["in front of Enabled", "  Name = a\n  enabled=no\n", '  Name = a\n  Pool = "New"\n  enabled=no\n'],
    ["at the end", "  Name = a\n  Type = B\n", '  Name = a\n  Type = B\n  Pool = "New"\n'],
    ["aligned as the first", "\tName     =   a\n", '\tName     =   a\n\tPool     =   "New"\n'],
    ["without blanks as the first", "Name=a\n", 'Name=a\nPool="New"\n'],
    ["in a line that others share", "  Name = a; Enabled = no\n", '  Name = a; \n  Pool = "New"\nEnabled = no\n'],
    [
      "behind a value of two lines",
      '  Name = a\n  Description = "x\n  y"; Enabled = no\n',
      '  Name = a\n  Description = "x\n  y"; \n  Pool = "New"\nEnabled = no\n',
    ],
    [
      "not as a block is indented",
      "  RunScript {\n    Command = x\n  }\n  Name = a\n",
      '  RunScript {\n    Command = x\n  }\n  Name = a\n  Pool = "New"\n',
    ],
  ])("when a directive is added: %s", (_what, before, after) => {
    expect(editJob(job(before), { directives: { pool: "New" } })).toBe(job(after));
  });

  it("also when the whole Job is one line", () => {
    const edited = editJob("Job { Name = a; Enabled = no }", {
      directives: { pool: "New", enabled: true, jobDefs: "Gold" },
    });
    expect(read(`#@vm: x\n${HEADERS}${edited}`).directives).toStrictEqual({
      name: "a",
      pool: "New",
      jobDefs: "Gold",
      enabled: true,
    });
  });

  it("and what means the same is not rewritten", () => {
    const text = '#@vm:   x  \n#@uuid: ABC\nJob {\n Name = a\n Pool = my pool\n JobDefs = "G\\old"\n Enabled = TRUE\n}';
    const same: JobEdit = {
      headers: { vm: "x", uuid: "abc" },
      directives: { pool: "mypool", jobDefs: "Gold", enabled: true, messages: null },
    };
    expect(editJob(text, same)).toBe(text);
  });

  it("and a header that stands twice is taken away twice", () => {
    const text = SAMPLE.replace("# Managed", "#@hold: a\n#@hold: b\n# Managed");
    expect(editJob(text, { headers: { hold: null } })).toBe(SAMPLE);
  });
});

const HEADERS =
  "#@uuid: 014c5892-5efb-4efb-bd60-4e038800475d\n#@datacenter: d\n#@openstack: o\n#@client: c\n#@status: active\n";

describe("what is not edited", () => {
  it.each([
    ["an open brace", SAMPLE.trimEnd().slice(0, -1)],
    ["two Jobs", `${SAMPLE}Job {\n Name = x\n}\n`],
    ["a FileSet", "#@vm: x\nFileSet {\n Name = x\n}\n"],
    ["a directive twice", SAMPLE.replace("Pool ", "Messages ")],
    ["nothing", ""],
  ])("%s", (_what, text) => {
    expect(() => editJob(text, { headers: { hold: "x" } })).toThrow(UnsafeValueError);
    expect(() => editJob(text, { directives: { enabled: false } })).toThrow(UnsafeValueError);
  });

  it.each<[string, JobEdit]>([
    ["a quote and a second directive", { directives: { pool: 'x"\n RunScript { Command = "id' } }],
    ["a quote", { directives: { pool: 'x"' } }],
    ["a backslash", { directives: { pool: "x\\" } }],
    ["an empty name", { directives: { jobDefs: "" } }],
    ["an include", { directives: { schedule: "@/etc/passwd" } }],
    ["a name that is too long", { directives: { storage: "x".repeat(128) } }],
    ["a line break in a client", { headers: { client: "c\nJob {" } }],
    ["a line break in a uuid", { headers: { uuid: "u\nJob {" } }],
    ["a CR in a person's JobDefs", { headers: { jobDefs: "Gold\rx" } }],
    ["blanks around a person's JobDefs", { headers: { jobDefs: " Gold" } }],
  ])("a value with %s", (_what, edit) => {
    expect(() => editJob(SAMPLE, edit)).toThrow(UnsafeValueError);
  });
});

describe("any job file and any edit", () => {
  const blank = fc.constantFrom("", " ", "\t", "   ");
  const comment = fc.constantFrom("", "", " # why", ' # "quoted { @x = ;', " ;", "; # a");
  const name = fc.stringMatching(/^[A-Za-z][A-Za-z0-9:._-]{0,15}$/);
  const written = name.chain((value) => fc.constantFrom(value, `"${value}"`));
  const own = (keyword: string) =>
    fc
      .tuple(
        fc.constantFrom(keyword, keyword.toLowerCase(), keyword.split("").join(" ")),
        blank,
        blank,
        written,
        comment,
        blank,
      )
      .map(([key, before, after, value, end, indent]) => `${indent}${key}${before}=${after}${value}${end}`);
  const enabled = fc
    .tuple(fc.constantFrom("Enabled", "en abled"), fc.constantFrom("yes", "No", "TRUE", '"false"'), comment)
    .map(([key, value, end]) => ` ${key} = ${value}${end}`);
  const others = fc.constantFrom(
    "",
    '# a comment } with " signs',
    "  RunScript {\n    Command = \"sh -c 'Pool = 1 # no'\"\n    Pool = inner\n    Enabled = inner\n  }",
    "  RunScript { Command = x; RunsWhen = After }",
    "\tType=Backup;Level = Full",
    '  Description = "two\n  Pool = lines\n"',
    "  Max Run Time = 2 hours",
    "#@ticket: 4711",
    "#@Pool = x",
  );
  const headerLines = fc.shuffledSubarray(
    [
      "#@missing-since: 2026-01-01 00:00:00",
      "#@hold:  old words ",
      "#@disabled:2026-01-01T00:00:00Z",
      "# a person's",
      "#@jobdefs:\tGold",
    ],
    { minLength: 0 },
  );
  const optional = ["JobDefs", "Client", "FileSet", "Storage", "Pool", "Schedule", "Messages"];
  const jobText = fc
    .record({
      keywords: fc.subarray(optional),
      headers: headerLines,
      extra: fc.array(others, { maxLength: 4 }),
      hasEnabled: fc.boolean(),
      opening: fc.constantFrom("Job {\n", "job\n{\n", "Job { ", "J o b{ # here\n"),
      closing: fc.constantFrom("\n}\n", "\n}", "\n}\n# end\n"),
    })
    .chain(({ keywords, headers, extra, hasEnabled, opening, closing }) =>
      fc
        .tuple(own("Name"), ...keywords.map(own), ...(hasEnabled ? [enabled] : []))
        .chain((lines) => fc.shuffledSubarray([...lines, ...extra], { minLength: lines.length + extra.length }))
        .map(
          (lines) =>
            `#@vm: x\n${HEADERS}${headers.map((line) => `${line}\n`).join("")}\n${opening}${lines.join("\n")}${closing}`,
        ),
    );
  const stamp = fc.integer({ min: 1_600_000_000, max: 2_000_000_000 }).map((second) => second * 1000);
  const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });
  const header = {
    vm: fc.constantFrom("x", "other", "web 01"),
    status: fc.constantFrom("active" as const, "disabled" as const),
    missingSince: maybe(stamp),
    disabled: maybe(stamp),
    reenabled: maybe(stamp),
    hold: maybe(fc.constantFrom("case 12", "später")),
    suspend: maybe(fc.constantFrom("migration")),
    jobDefs: maybe(name),
    firstBackup: maybe(fc.constant("wanted" as const)),
  };
  const directive = {
    jobDefs: maybe(name),
    storage: maybe(name),
    pool: maybe(name),
    schedule: maybe(name),
    messages: maybe(name),
    enabled: maybe(fc.boolean()),
  };
  const anyEdit = fc.record({
    headers: fc.record(header, { requiredKeys: [] }),
    directives: fc.record(directive, { requiredKeys: [] }),
  });

  const without = <T extends object>(values: T) =>
    Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null && value !== undefined));

  it("an empty edit changes nothing", () => {
    fc.assert(
      fc.property(jobText, (text) => {
        expect(editJob(text, {})).toBe(text);
        expect(editJob(text, { headers: {}, directives: {} })).toBe(text);
      }),
    );
  });

  it("the file says afterwards what was asked, and all else as before", () => {
    fc.assert(
      fc.property(jobText, anyEdit, (text, edit) => {
        const before = read(text);
        expect(read(editJob(text, edit))).toStrictEqual({
          headers: without({ ...before.headers, ...edit.headers }),
          directives: without({ ...before.directives, ...edit.directives }),
        });
      }),
      { numRuns: 500 },
    );
  });

  it("the same edit again changes nothing", () => {
    fc.assert(
      fc.property(jobText, anyEdit, (text, edit) => {
        const once = editJob(text, edit);
        expect(editJob(once, edit)).toBe(once);
      }),
      { numRuns: 300 },
    );
  });

  it("lines that have nothing to do with the edit stay, in their order", () => {
    const ours =
      /^\s*(j ?o ?b ?d ?e ?f ?s|s ?t ?o ?r ?a ?g ?e|p ?o ?o ?l|s ?c ?h ?e ?d ?u ?l ?e|m ?e ?s ?s ?a ?g ?e ?s|e ?n ?a ?b ?l ?e ?d)\s*=|^#@[a-z-]+:|\{/i;
    fc.assert(
      fc.property(jobText, anyEdit, (text, edit) => {
        const left = editJob(text, edit).split("\n");
        for (const line of text.split("\n")) {
          if (ours.test(line)) continue;
          expect(left).toContain(line);
          left.splice(0, left.indexOf(line) + 1);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("no value whatever becomes a second directive", () => {
    const hostile = fc.oneof(
      fc.string({ unit: "binary" }),
      name,
      fc
        .array(fc.constantFrom("x", '"', "\\", "\n", "\r", "{", "}", "@", "#", ";", "=", " ", "Enabled = no", "\ud800"))
        .map((parts) => parts.join("")),
    );
    const key = fc.constantFrom("jobDefs", "storage", "pool", "schedule", "messages");
    fc.assert(
      fc.property(jobText, key, hostile, (text, directiveName, value) => {
        const before = read(text);
        const edited = orUnsafe(() => editJob(text, { directives: { [directiveName]: value } }));
        if (edited === undefined) return;
        expect(read(edited)).toStrictEqual({
          headers: before.headers,
          directives: { ...before.directives, [directiveName]: value },
        });
      }),
      { numRuns: 500 },
    );
  });

  it("no header value whatever becomes anything but that header", () => {
    const key = fc.constantFrom("vm", "datacenter", "openstack", "client", "hold", "suspend", "jobDefs");
    fc.assert(
      fc.property(jobText, key, fc.string({ unit: "binary" }), (text, headerName, value) => {
        const before = read(text);
        const edited = orUnsafe(() => editJob(text, { headers: { [headerName]: value } }));
        if (edited === undefined) return;
        const after = read(edited);
        expect(after.directives).toStrictEqual(before.directives);
        expect({ ...after.headers, [headerName]: "" }).toStrictEqual({ ...before.headers, [headerName]: "" });
      }),
      { numRuns: 300 },
    );
  });

  function orUnsafe(edit: () => string): string | undefined {
    try {
      return edit();
    } catch (error) {
      if (error instanceof UnsafeValueError) return undefined;
      throw error;
    }
  }
});
