import { describe, expect, it } from "vitest";
import { readLastConfigured, readStartTime } from "./start-time.ts";

describe("when the Director was started", () => {
  it("stands in the second line of its status", () => {
    const answer = `test-dir Version: 15.0.3 (25 March 2025) x86_64-pc-linux-gnu debian trixie/sid
Daemon started 24-Nov-26 12:12, conf reloaded 24-Nov-2026 12:12:05
 Jobs: run=0, running=0 max=20 mode=0,0
`;
    expect(readStartTime(answer)).toEqual({ kind: "answered", value: "24-Nov-26 12:12" });
    expect(readLastConfigured(answer)).toEqual({ kind: "answered", value: "24-Nov-2026 12:12:05" });
  });
  it.each(["", "1900 Bad .status command, wrong argument.\n", "Daemon started\n"])("is not known from %j", (answer) => {
    expect(readStartTime(answer)).toMatchObject({ kind: "unknown", reason: "UnreadableAnswer" });
    expect(readLastConfigured(answer)).toMatchObject({ kind: "unknown", reason: "UnreadableAnswer" });
  });
});
