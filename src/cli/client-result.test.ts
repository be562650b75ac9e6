import { describe, expect, it } from "vitest";
import { POLICY } from "../../test/support/policy.ts";
import { passReport, vmReport } from "../../test/support/sync/pass-report.ts";
import type { PassReport } from "../sync/pass-report.ts";
import { clientResult } from "./client-result.ts";
import { exitCodeOf, problemLines, resultLines } from "./print-result.ts";

const NOW = Date.UTC(2026, 10, 24, 12);
const client = { place: "clients.conf line 1", policy: POLICY, line: { ...POLICY, jobDefs: undefined, line: 1 } };
const resultOf = (report: PassReport, warnings: readonly string[] = []) =>
  clientResult({ kind: "passed", client: { ...client, policy: report.policy }, report, warnings }, NOW);
/** What a run prints on standard error, and its exit code. */
const toldOf = (report: PassReport) => {
  const result = resultOf(report);
  return [...problemLines(result), String(exitCodeOf([result]))];
};
const failed = (
  reason: "TimedOut" | "EmptyAnswer" | "ClientUnreachable" | "PluginError" | "ConsoleFailed",
  detail = "why",
) => passReport({}, "Enforce", { discovery: { kind: "failed", reason, detail } });

describe("what went wrong, and the exit code", () => {
  it("is nothing and 0 when all is well", () => {
    expect(toldOf(passReport({ vms: [vmReport("web")] }))).toEqual(["0"]);
  });
  it.each(["TimedOut", "EmptyAnswer", "ClientUnreachable", "PluginError"] as const)(
    "WARN: no response from bconsole, and 1: %s",
    (reason) => {
      const [line, code] = toldOf(failed(reason));
      expect(line).toMatch(/^WARN: no response from bconsole for bacula-dc1-os1-fd: Why\. \w.* \[Discovered\//u);
      expect(code).toBe("1");
    },
  );
  it("ERROR: bconsole not found, once, though it could not be published either", () => {
    const report = failed("ConsoleFailed", "bconsole not found: there is no executable x.");
    const publishing = { kind: "failed", reason: "ConsoleFailed", detail: "bconsole not found" } as const;
    const [line, ...more] = toldOf({ ...report, outcome: passReport({ publishing }).outcome });
    expect(line).toMatch(/^ERROR: bconsole not found: there is no executable x\. Check BCONSOLE/u);
    expect(more).toEqual(["1"]);
  });
  it.each(["Unreachable", "NotAuthorized", "WrongSchema"] as const)(
    "ERROR: cannot connect to the PostgreSQL catalog, and 1: %s",
    (reason) => {
      const report = passReport({}, "Enforce", { catalog: { kind: "unknown", reason, detail: "why" } });
      expect(toldOf(report)).toEqual([
        expect.stringMatching(
          /^ERROR: cannot connect to the PostgreSQL catalog for bacula-dc1-os1-fd: Why\. Check DB_/u,
        ),
        "1",
      ]);
    },
  );
  it("WARN: known to catalog but job file missing: healed is well, left is not", () => {
    const healed = vmReport("web", { decision: { kind: "create", knownToCatalog: true } });
    expect(toldOf(passReport({ vms: [healed] }))).toEqual([
      expect.stringMatching(/^WARN: known to catalog but job file missing: web\. Their files are written again/u),
      "0",
    ]);
    const left = vmReport("web", { decision: { kind: "leaveMissingFile" }, job: undefined });
    expect(toldOf(passReport({ vms: [left] }))).toEqual([
      expect.stringMatching(/^WARN: known to catalog but job file missing: web\..*HEAL_MISSING_FILES/u),
      "1",
    ]);
  });
  it.each<[string, Parameters<typeof passReport>[0], RegExp, string]>([
    [
      "held",
      { removals: { kind: "held", reason: "TooManyMissing", names: ["a"], known: 9, token: "1-a" } },
      /run sync --approve-removal bacula-dc1-os1-fd=1-a\./u,
      "1",
    ],
    [
      "held Plugin lines",
      { pluginEdits: { kind: "held", names: ["a"], token: "1-b" } },
      /--approve-removal bacula-dc1-os1-fd=1-b\./u,
      "1",
    ],
    [
      "another front end",
      { frontEnd: { kind: "held", by: "operator a/b" } },
      /run sync --take-over bacula-dc1-os1-fd\..*OtherFrontEnd/u,
      "1",
    ],
    ["HOLD", { removals: { kind: "killSwitch" } }, /^WARN: .*HOLD/u, "0"],
    [
      "a refused file",
      { vms: [vmReport("web", { publishing: { kind: "rejected", reason: "line 3", lastGoodPublished: true } })] },
      /^ERROR: a file is refused: web: line 3; its last good file is in force/u,
      "1",
    ],
    [
      "a refused tag",
      {
        vms: [
          vmReport("web", {
            jobDefs: {
              name: "A",
              from: "Global",
              basis: "judged",
              refused: { name: "B", from: "Tag", reason: "NotFound" },
            },
          }),
        ],
      },
      /^WARN: the wished JobDefs is refused: web: B NotFound, A counts/u,
      "0",
    ],
    ["a refused reload", { publishing: { kind: "refused", detail: "why" } }, /^ERROR: .*DirectorRefused/u, "1"],
  ])("%s", (_what, change, line, code) => {
    expect(toldOf(passReport(change))).toEqual([expect.stringMatching(line), code]);
  });
  it("a reload that is left is no problem, and the summary says so", () => {
    const result = resultOf(passReport({ publishing: { kind: "reloadLeft", detail: "why" } }));
    expect([...problemLines(result), exitCodeOf([result])]).toEqual([0]);
    expect(resultLines(result).at(-1)).toContain("type reload in bconsole, or set RELOAD_AFTER_SYNC=1");
  });
  it("4 when another writer held the lock, whatever else happened", () => {
    const outcome = { kind: "volume", reason: "LockHeld", detail: "another writer holds the lock: pid 7" } as const;
    const locked = resultOf({ ...passReport(), outcome });
    expect(problemLines(locked)).toEqual([expect.stringContaining("Another writer holds the lock: pid 7.")]);
    expect(exitCodeOf([resultOf(passReport({ publishing: { kind: "refused", detail: "x" } })), locked])).toBe(4);
  });
  it("a line of clients.conf that another one owns", () => {
    const result = clientResult({ kind: "refused", client, reason: "client x belongs to line 2" }, NOW);
    expect(problemLines(result)).toEqual(["ERROR: clients.conf line 1: client x belongs to line 2"]);
    expect(exitCodeOf([result])).toBe(1);
  });
});

describe("what a run prints of a client", () => {
  it("is a line for each action, and a summary", () => {
    const vms = [
      vmReport("web", { decision: { kind: "create", knownToCatalog: false } }),
      vmReport("db", { uuid: "11111111-1111-4111-8111-111111111111" }),
    ];
    expect(resultLines(resultOf(passReport({ vms, publishing: { kind: "published", jobs: 2 } })))).toEqual([
      "bacula-dc1-os1-fd: Create backup-dc1-os1-web (VM web, 014c5892-5efb-4efb-bd60-4e038800475d): new",
      "bacula-dc1-os1-fd: 2 VMs listed, 2 active, 0 missing, 0 disabled, 0 opted out, 0 rejected, 0 held, 2 unprotected; Create 1; the Director has read the files and has 2 jobs of it",
    ]);
  });
  it("does not let a tenant's name write lines of its own", () => {
    const name = "web\r\nERROR: all is lost\u2028\u001b[2J";
    const refused = { name, from: "Tag", reason: "NotFound" } as const;
    const jobDefs = { name: "DefaultJob", from: "Global", basis: "judged", refused } as const;
    const vms = [vmReport("web", { name, jobDefs, decision: { kind: "create", knownToCatalog: true } })];
    const result = resultOf(passReport({ vms }));
    expect([...resultLines(result), ...problemLines(result)].join("")).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
  });
});
