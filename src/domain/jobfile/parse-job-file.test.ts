import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseJobDirectives, parseJobFile } from "./parse-job-file.ts";

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
const HEADERS = {
  vm: "rocky9-instance1",
  uuid: "014c5892-5efb-4efb-bd60-4e038800475d",
  datacenter: "datacenter1",
  openstack: "openstack1",
  client: "bacula-dc1-os1-fd",
  status: "active",
};
const DIRECTIVES = {
  name: "backup-dc1-os1-rocky9-instance1",
  jobDefs: "DefaultJob",
  client: "bacula-dc1-os1-fd",
  fileSet: "fs-datacenter1-openstack1-rocky9-instance1",
  storage: "File1",
  pool: "Default",
  schedule: "WeeklyCycle",
  messages: "Standard",
  enabled: true,
};
const SAMPLE_READ = { headers: HEADERS, directives: DIRECTIVES, createdMs: Date.UTC(2026, 4, 18, 19) };
const read = (text: string, timeZone = "UTC") => parseJobFile(text, { timeZone });
const withLine = (line: string) => SAMPLE.replace("  Enabled ", () => `${line}\n  Enabled `);
const withHeader = (line: string) => SAMPLE.replace("# Managed", () => `${line}\n# Managed`);

describe("a job file that is ours or the white paper's", () => {
  it("is read", () => {
    expect(read(SAMPLE)).toStrictEqual({ kind: "read", value: SAMPLE_READ });
  });

  it.each(["yesterday", "", "2026-02-30 10:00:00"])(
    "is read without the time of its making when that is %j",
    (words) => {
      const { createdMs: _, ...rest } = SAMPLE_READ;
      const text = SAMPLE.replace("2026-05-18 19:00:00", words);
      expect(read(text)).toStrictEqual({ kind: "read", value: rest });
    },
  );

  it.each([
    ["no white space", SAMPLE.replaceAll(/^(#@[a-z-]+:)[ ]+/gm, "$1").replaceAll(/ *= */g, "=")],
    ["tabs and blanks everywhere", SAMPLE.replaceAll(/^(#@[a-z-]+:)[ ]+/gm, "$1\t \t").replaceAll(/ *= */g, "\t =\t ")],
    ["blanks at the ends of lines", SAMPLE.replaceAll("\n", " \t\n")],
    ["blank lines between all", SAMPLE.replaceAll("\n", "\n\n")],
    ["keywords with blanks, in any case", SAMPLE.replace("JobDefs ", "jOB dEFS ").replace("FileSet ", "File Set ")],
    ["values without quotes", SAMPLE.replaceAll('"', "")],
    ["semicolons", SAMPLE.replaceAll(/^( {2}.*)$/gm, "$1;")],
    ["comments behind values", SAMPLE.replaceAll(/^( {2}.*)$/gm, '$1 # "{ @x = ;')],
    ["the brace on the next line", SAMPLE.replace("Job {", "Job # what follows\n\n{")],
    ["values on the line of the braces", SAMPLE.replace("Job {\n", "Job {").replace("yes\n}", "yes }")],
    [
      "one line",
      SAMPLE.replace(/Job \{[\s\S]*/, (job) => job.replaceAll("\n", ";").replace("{;", "{").replace(";}", "}")),
    ],
    ["= on the next line", SAMPLE.replace("Enabled    =", "Enabled # here\n =")],
    ["no line end at the end", SAMPLE.trimEnd()],
    ["the uuid in upper case", SAMPLE.replace("014c5892-5efb", "014C5892-5EFB")],
    ["backslashes in front of plain letters", SAMPLE.replace('"File1"', '"F\\ile1"')],
    ["Enabled in quotes", SAMPLE.replace("= yes", '= "TRUE"')],
  ])("is read the same with %s", (_what, text) => {
    expect(text).not.toBe(SAMPLE);
    expect(read(text)).toStrictEqual({ kind: "read", value: SAMPLE_READ });
  });

  it.each([
    ["a RunScript", "  RunScript {\n    Command = \"sh -c 'a; b' # } {\"\n    RunsWhen = Before\n  }"],
    ["a RunScript in one line", '  RunScript { Command = "x"; Runs When = Before }'],
    ["Name and Enabled inside a block", "  RunScript {\n    Name = other\n    Enabled = maybe\n  }"],
    ["two of a directive that may stand twice", '  Run = "a"\n  Run = "b"'],
    ["a value of two lines", '  Description = "one\n# two\n}"'],
    ["a time of two words", "  Max Run Time = 2 hours"],
    ["an include inside quotes", '  Description = "@/etc/passwd"'],
    ["an include inside a comment", '  # @/etc/passwd { "'],
    ["an address", "  Description = someone@example.org"],
    ["a second uuid header", "#@uuid: ffffffff-5efb-4efb-bd60-4e038800475d"],
    ["another tool's header", "#@ticket: 12"],
  ])("may have %s, which we do not know", (_what, line) => {
    expect(read(withLine(line))).toStrictEqual({ kind: "read", value: SAMPLE_READ });
  });

  it("may lack directives, and says so by their absence", () => {
    expect(parseJobDirectives("Job {\n Name = x\n}")).toStrictEqual({ kind: "read", value: { name: "x" } });
  });

  it.each([
    ["missing-since", { missingSince: 1_779_130_800_000 }],
    ["disabled", { disabled: 1_779_130_800_000 }],
    ["reenabled", { reenabled: 1_779_130_800_000 }],
  ])("tells %s in both forms of time", (name, expected) => {
    const all = { ...HEADERS, ...expected };
    expect(read(withHeader(`#@${name}: 2026-05-18T19:00:00Z`), "Europe/Berlin")).toMatchObject({
      value: { headers: all },
    });
    expect(read(withHeader(`#@${name}:\t2026-05-18 21:00:00 `), "Europe/Berlin")).toMatchObject({
      value: { headers: all },
    });
    expect(read(withHeader(`#@${name}: 2026-05-18 19:00:00`), "UTC")).toMatchObject({ value: { headers: all } });
  });

  it.each([
    ["hold: legal case 12 ", { hold: "legal case 12" }],
    ["hold:", { hold: "" }],
    ["suspend: migration", { suspend: "migration" }],
    ["jobdefs: Gold", { jobDefs: "Gold" }],
    ["first-backup: wanted", { firstBackup: "wanted" }],
  ])("tells #@%s", (header, expected) => {
    expect(read(withHeader(`#@${header}`))).toMatchObject({ value: { headers: { ...HEADERS, ...expected } } });
  });

  it.each([
    ["an identifier loses its blanks, as Bacula reads it", "my pool 1", "mypool1"],
    ["a quoted one keeps them", '"my pool 1"', "my pool 1"],
    ["a word ends at =", "Default=x", "Default"],
  ])("%s", (_what, written, pool) => {
    const text = SAMPLE.replace('"Default"', () => written);
    expect(read(text)).toMatchObject({ value: { directives: { ...DIRECTIVES, pool } } });
  });

  it("may name several storages", () => {
    const text = SAMPLE.replace('"File1"', "File1, File2");
    expect(read(text)).toMatchObject({ value: { directives: { storage: "File1,File2" } } });
  });
});

describe("a file without headers", () => {
  it.each(["", "\n", "Job {\n Name = x\n}\n", "nonsense {", "# a comment", "@/etc/passwd", " #@vm: indented"])(
    "is a person's: %j",
    (text) => {
      expect(read(text)).toStrictEqual({ kind: "foreign" });
    },
  );
});

describe("a job file that is refused", () => {
  it.each([
    ["an include at a token", withLine("  @/etc/passwd"), /include/],
    ["an include in front of the Job", SAMPLE.replace("Job {", "@x\nJob {"), /include/],
    ["an include behind the Job", `${SAMPLE}@/etc/passwd\n`, /include/],
    ["a program", withLine('  @|"id"'), /include/],
    ["an include as a value", SAMPLE.replace('"Default"', "@/etc/x"), /include/],
    ["an include behind a blank of a value", SAMPLE.replace('"Default"', "1 @/etc/x"), /include/],
    ["an include behind a comma", SAMPLE.replace('"Default"', "a,@/etc/x"), /include/],
    ["an include behind =", SAMPLE.replace('"Default"', "a =@/etc/x"), /include/],
    ["an include behind a quoted value", SAMPLE.replace('"Default"', '"Default" @/etc/x'), /after the value of pool/],
    ["an include in a keyword", SAMPLE.replace("Pool ", "Po@ol"), /include|directive/],
    ["two Jobs", `${SAMPLE}Job {\n Name = y\n}\n`, /more than one resource/],
    ["two resources in one line", `${SAMPLE.trimEnd()} FileSet {\n}\n`, /more than one resource/],
    ["a second closing brace", `${SAMPLE}}\n`, /more than one resource/],
    ["no resource", SAMPLE.slice(0, SAMPLE.indexOf("Job {")), /no resource/],
    ["another resource", SAMPLE.replace("Job {", "JobDefs {"), /a jobdefs resource instead of a Job/],
    ["no brace", SAMPLE.replace("Job {", "Job"), /expected a resource/],
    ["an open brace", SAMPLE.trimEnd().slice(0, -1), /a brace is not closed/],
    ["an open brace of a block", withLine("  RunScript {"), /a brace is not closed/],
    ["an open quote", SAMPLE.replace('"Default"', '"Default'), /one directive a line|quote is not closed/],
    ["an open quote at the end", withLine('  Description = "x'), /quote is not closed/],
    ["a quote with a final backslash", withLine('  Description = "x\\"'), /quote is not closed/],
    ["a quote inside a word", SAMPLE.replace('"Default"', 'Def"ault'), /a quote inside a value/],
    ["CR LF", SAMPLE.replaceAll("\n", "\r\n"), /control character/],
    ["CR only", SAMPLE.replaceAll("\n", "\r"), /control character/],
    ["a CR in a header", SAMPLE.replace("#@vm: ", "#@vm: evil\rJob {"), /control character/],
    ["NUL", SAMPLE.replace("Standard", "Stan\u0000dard"), /control character/],
    ["an escape in a comment", withLine("  # \u001b[31m"), /control character/],
    ["a C1 control", withLine("  # \u0085"), /control character/],
    ["a byte order mark", `\ufeff${SAMPLE}`, /byte order mark/],
    ["a token of 4900 bytes", withLine(`  Description = "${"x".repeat(4900)}"`), /4902 bytes/],
    ["a token of 4900 bytes in UTF-8", withLine(`  Description = "${"é".repeat(2450)}"`), /4902 bytes/],
    ["a word of 4900 bytes", withLine(`  Description = ${"x".repeat(4900)}`), /4900 bytes/],
    ["a keyword of 4900 bytes", withLine(`  ${"x".repeat(4900)} = 1`), /4901 bytes/],
    ["a comment that Bacula reads in pieces", withLine(`  # ${"x".repeat(100_000)}`), /100000 characters/],
    ["blocks without end", withLine("RunScript {".repeat(50_000)), /100000 characters|blocks in each other/],
    ["blocks without end, in lines", withLine("RunScript {\n".repeat(50_000)), /blocks in each other/],
    ["a name of 128 characters", SAMPLE.replace("backup-dc1-os1-rocky9-instance1", "x".repeat(128)), /name has 128/],
    ["a name with a slash", SAMPLE.replace("backup-dc1", "backup/dc1"), /name has "\/"/],
    ["a name beyond ASCII", SAMPLE.replace("backup-dc1", "bäckup-dc1"), /name has "ä"/],
    ["a no-break space behind a name", SAMPLE.replace('"Default"', "Default\u00a0"), /pool has/],
    ["an empty name", SAMPLE.replace('"backup-dc1-os1-rocky9-instance1"', '""'), /name is empty/],
    ["an empty Pool", SAMPLE.replace('"Default"', '""'), /pool is empty/],
    ["a bare number as a name", SAMPLE.replace('"Default"', "12"), /pool is a number/],
    ["a number among the storages", SAMPLE.replace('"File1"', "File1, 12"), /storage is a number/],
    ["no Name", SAMPLE.replace(/ {2}Name.*\n/, ""), /the Job has no Name/],
    ["a Name inside a block only", SAMPLE.replace(/ {2}(Name.*)\n/, " RunScript {\n $1\n }\n"), /the Job has no Name/],
    ["a directive twice", withLine("  Pool = Other"), /pool stands twice/],
    ["a directive twice, in another spelling", withLine("  job defs = Other"), /jobdefs stands twice/],
    ["Enabled twice", withLine("  enabled = no"), /enabled stands twice/],
    ["Enabled = maybe", SAMPLE.replace("= yes", "= maybe"), /Enabled is "maybe"/],
    ["Enabled = 1", SAMPLE.replace("= yes", "= 1"), /Enabled is "1"/],
    ["a directive without a value", withLine("  Type ="), /without a value/],
    ["a directive without =", withLine("  Type\n"), /directive|expected/],
    ["a brace behind =", withLine("  RunScript = {"), /a brace on the line of a value/],
    ["two directives in one line", withLine('  Type = "Backup" Level = Full'), /one directive a line/],
    ["words behind a block, which Bacula drops", withLine("  RunScript {\n  } Type = Backup"), /after the block/],
    ["a keyword in quotes", withLine('  "Type" = Backup'), /expected a directive/],
    ["a keyword that begins with a digit", withLine("  1Type = Backup"), /expected a directive/],
    ["a header inside quotes", withLine('  Description = "a\n#@hold: x\n"'), /comment of ours/],
    ["a mark inside quotes", withLine('  Description = "a\n# from x/job\n"'), /comment of ours/],
  ])("%s", (_what, text, reason) => {
    expect(text).not.toBe(SAMPLE);
    expect(read(text)).toStrictEqual({
      kind: "invalid",
      line: expect.any(Number),
      reason: expect.stringMatching(reason),
    });
  });

  it.each([
    ["vm", ""],
    ["uuid", ""],
    ["datacenter", ""],
    ["openstack", ""],
    ["client", ""],
    ["status", ""],
    ["uuid", "#@uuid: 014c5892\n"],
    ["uuid", "#@uuid: 014c5892-5efb-4efb-bd60-4e038800475g\n"],
    ["status", "#@status: Active\n"],
    ["status", "#@status: active|disabled\n"],
  ])("a header %s that is missing or wrong (%j)", (name, line) => {
    const text = SAMPLE.replace(new RegExp(`#@${name}:.*\n`), () => line);
    expect(read(text)).toMatchObject({ kind: "invalid", reason: expect.stringContaining(`#@${name} `) });
  });

  it.each(["missing-since", "disabled", "reenabled"])("a %s that is no time", (name) => {
    expect(read(withHeader(`#@${name}: soon`))).toStrictEqual({
      kind: "invalid",
      line: 7,
      reason: `#@${name} is "soon": a time such as 2026-05-18T19:00:00Z is expected`,
    });
  });

  it("is said with its line", () => {
    expect(read(withLine("  Type = a {"))).toMatchObject({ kind: "invalid", line: 18 });
    expect(read(SAMPLE.replace("= yes", "= maybe"))).toMatchObject({ kind: "invalid", line: 18 });
  });

  it("accepts the longest name and the longest token", () => {
    expect(read(SAMPLE.replace("backup-dc1-os1-rocky9-instance1", "x".repeat(127)))).toMatchObject({ kind: "read" });
    expect(read(withLine(`  Description = "${"x".repeat(4897)}"`))).toMatchObject({ kind: "read" });
  });
});

describe("any text", () => {
  it("gets an answer", () => {
    const pieces = fc.constantFrom(
      "Job",
      "{",
      "}",
      "=",
      '"',
      "\\",
      "\n",
      "#",
      "#@uuid: x\n",
      ";",
      "@",
      "|",
      " ",
      "a",
      ",",
      "\r",
    );
    const texts = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(pieces).map((parts) => parts.join("")),
    );
    fc.assert(
      fc.property(texts, (text) => {
        expect(["read", "foreign", "invalid"]).toContain(read(text).kind);
      }),
      { numRuns: 500 },
    );
  });
});
