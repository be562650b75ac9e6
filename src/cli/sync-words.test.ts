import { describe, expect, it } from "vitest";
import { POLICY } from "../../test/support/policy.ts";
import { readWords } from "./sync-words.ts";

const client = (name: string) => ({
  place: "clients.conf line 1",
  policy: { ...POLICY, client: name },
  line: { ...POLICY, jobDefs: undefined, client: name, line: 1 },
});
const CLIENTS = [client("a-fd"), client("b-fd")];

describe("a person's words for one sync", () => {
  it("are none without options", () => {
    const words = { approvals: new Map(), takeOvers: new Set(), appliesPolicy: false };
    expect(readWords({}, CLIENTS)).toEqual({ kind: "ok", words });
  });
  it("name clients, and the token that was printed", () => {
    const read = readWords({ approveRemoval: ["a-fd=30-1a2b3c4d"], takeOver: ["b-fd"], applyPolicy: true }, CLIENTS);
    const words = { approvals: new Map([["a-fd", "30-1a2b3c4d"]]), takeOvers: new Set(["b-fd"]), appliesPolicy: true };
    expect(read).toEqual({ kind: "ok", words });
  });
  it("take over for all clients when none is named", () => {
    expect(readWords({ takeOver: true }, CLIENTS)).toMatchObject({ words: { takeOvers: new Set(["a-fd", "b-fd"]) } });
  });
  it.each([
    [
      "an unknown client",
      { approveRemoval: ["c-fd=3-1a"] },
      '--approve-removal: clients.conf has no client "c-fd"; it has: a-fd, b-fd',
    ],
    [
      "a token alone",
      { approveRemoval: ["30-1a2b3c4d"] },
      '--approve-removal is "30-1a2b3c4d": it must be <client>=<token>',
    ],
    ["a token of another form", { approveRemoval: ["a-fd=yes"] }, '--approve-removal is "a-fd=yes": it must be'],
    ["a take-over for nobody", { takeOver: ["c-fd"] }, '--take-over: clients.conf has no client "c-fd"'],
  ])("refuse %s", (_what, options, problem) => {
    const read = readWords(options, CLIENTS);
    expect(read.kind === "invalid" ? read.problems : []).toEqual([expect.stringContaining(problem)]);
  });
});
