import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readDisabledJobs } from "./disabled-jobs.ts";

const jobName = fc.stringMatching(/^[A-Za-z0-9:._-]([A-Za-z0-9:._ -]{0,60}[A-Za-z0-9:._-])?$/);
const shown = (names: readonly string[]) => `Disabled Jobs:\n${names.map((name) => `   ${name}\n`).join("")}`;
const unreadable = { kind: "unknown", reason: "UnreadableAnswer", detail: expect.any(String) };

describe("the disabled Jobs", () => {
  it("are none", () => {
    expect(readDisabledJobs("No disabled Jobs.\n")).toEqual({ kind: "answered", value: new Set() });
  });

  it("are read whatever Bacula allows in a name, by the thousand", () => {
    fc.assert(
      fc.property(fc.uniqueArray(jobName, { minLength: 1, maxLength: 40 }), (names) => {
        expect(readDisabledJobs(shown(names))).toEqual({ kind: "answered", value: new Set(names) });
      }),
    );
    const many = Array.from({ length: 20_000 }, (_, at) => `backup-dc1-os1-vm${at}`);
    expect(readDisabledJobs(shown(many))).toEqual({ kind: "answered", value: new Set(many) });
  });

  it.each([
    ["nothing", ""],
    ["a heading alone", "Disabled Jobs:\n"],
    ["a name that was cut", "Disabled Jobs:\n   web01\n   we"],
    ["another command's answer", "Daemon started 24-Nov-26 12:12, conf reloaded 24-Nov-2026 12:12:00\n"],
    ["a line that is no name", "Disabled Jobs:\n   web01\nSomething went wrong\n"],
    ["what no name can hold", "Disabled Jobs:\n   web01; drop\n"],
    ["another list behind it", "Disabled Jobs:\n   web01\nDisabled Clients:\n   fd\n"],
    ["both answers", "No disabled Jobs.\nDisabled Jobs:\n   web01\n"],
  ])("are unknown after %s", (_what, answer) => {
    expect(readDisabledJobs(answer)).toEqual(unreadable);
  });

  it("of an answer that lost its end are those of its whole lines, or unknown", () => {
    fc.assert(
      fc.property(fc.uniqueArray(jobName, { minLength: 1, maxLength: 9 }), fc.nat(), (names, at) => {
        const whole = shown(names);
        const read = readDisabledJobs(whole.slice(0, at % whole.length));
        expect(names).toEqual(expect.arrayContaining(read.kind === "answered" ? [...read.value] : []));
      }),
    );
  });
});
