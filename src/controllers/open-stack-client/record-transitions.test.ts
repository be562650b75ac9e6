import { describe, expect, it } from "vitest";
import type { Condition } from "../../domain/status/condition.ts";
import { recordTransitions } from "./record-transitions.ts";

const subject = { apiVersion: "v1", kind: "X", namespace: "n", name: "x", uid: "u" };
const discovered = (status: Condition["status"], reason: string): Condition => ({
  type: "Discovered",
  status,
  reason,
  message: "why",
});
const stalled: Condition = { type: "Stalled", status: "True", reason: "ClientTaken", message: "why" };

function told(before: unknown, after: readonly Condition[]): readonly string[] {
  const events: string[] = [];
  recordTransitions({ record: ({ type, reason }) => events.push(`${type} ${reason}`) }, subject, before, after);
  return events;
}

describe("events on transitions", () => {
  it.each([
    ["the first good word is no event", undefined, [discovered("True", "Listed")], []],
    [
      "the first trouble is",
      undefined,
      [discovered("False", "TimedOut"), stalled],
      ["Warning TimedOut", "Warning ClientTaken"],
    ],
    ["the same again is none", [discovered("False", "TimedOut")], [discovered("False", "TimedOut")], []],
    [
      "another cause is",
      [discovered("False", "TimedOut")],
      [discovered("False", "PluginError")],
      ["Warning PluginError"],
    ],
    ["recovery is", [discovered("False", "TimedOut")], [discovered("True", "Listed")], ["Normal Listed"]],
    [
      "summaries tell nothing new",
      [],
      [{ type: "Ready", status: "False", reason: "TimedOut", message: "" } as const],
      [],
    ],
    ["a status of another form is as none", { not: "a list" }, [discovered("True", "Listed")], []],
  ])("%s", (_case, before, after, expected) => {
    expect(told(before, after)).toEqual(expected);
  });
});
