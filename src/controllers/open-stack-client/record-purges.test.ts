import { describe, expect, it } from "vitest";
import type { Decision } from "../../domain/lifecycle/decide-lifecycle.ts";
import type { PassReport, PurgeOutcome } from "../../sync/pass-report.ts";
import { recordPurges } from "./record-purges.ts";

const subject = { apiVersion: "v1", kind: "X", namespace: "n", name: "x", uid: "u" };

const PURGE: Decision = { kind: "purge" };

/** What a pass over one VM tells of its purge, as events and as lines of the log. */
function toldOf(
  purge: PurgeOutcome | undefined,
  { mode = "Enforce", told = new Map<string, string>(), decision = PURGE } = {},
) {
  const events: string[] = [];
  const lines: string[] = [];
  const recorder = {
    record: (event: { reason: string; message: string }) => events.push(`${event.reason} ${event.message}`),
  };
  const write = (_facts: unknown, message: string) => lines.push(message);
  const log = { debug: write, info: write, warn: write, error: write };
  const report = { policy: { mode }, outcome: { kind: "passed", vms: [{ uuid: "u1", name: "web", decision, purge }] } };
  recordPurges(recorder, log as never, subject, report as unknown as PassReport, told);
  return { events, lines };
}

describe("what purges ask of people", () => {
  it("names each file that stays on storage, as an event and in the log", () => {
    const { events, lines } = toldOf({
      kind: "purged",
      runs: 3,
      actionsRequired: ["ACTION REQUIRED: A", "ACTION REQUIRED: B"],
    });
    expect(events).toEqual(["ActionRequired ACTION REQUIRED: A", "ActionRequired ACTION REQUIRED: B"]);
    expect(lines).toEqual(expect.arrayContaining(["ACTION REQUIRED: A", "ACTION REQUIRED: B"]));
  });
  it("tells once why a purge does not come to its end, and again when the reason is another", () => {
    const told = new Map<string, string>();
    const wait = (reason: string) => toldOf({ kind: "waits", reason }, { told }).events;
    expect(wait("a")).toEqual(["PurgeWaits web: a"]);
    expect(wait("a")).toEqual([]);
    expect(wait("b")).toEqual(["PurgeWaits web: b"]);
    toldOf(undefined, { told });
    expect(wait("b")).toEqual(["PurgeWaits web: b"]);
  });
  it("tells what speaks against a purge", () => {
    const obstacle = { kind: "CopiesExist", jobIds: [7] } as const;
    const decision = { kind: "purgeBlocked", obstacle } as const;
    const words = "PurgeBlocked web: copies of its backups exist (JobId 7); delete them, or keep the VM by a hold";
    expect(toldOf(undefined, { decision }).events).toEqual([words]);
    expect(toldOf({ kind: "stopped", obstacle }).events).toEqual([words]);
  });
  it("is nothing in a dry run", () => {
    expect(toldOf({ kind: "waits", reason: "a" }, { mode: "DryRun" }).events).toEqual([]);
  });
});
