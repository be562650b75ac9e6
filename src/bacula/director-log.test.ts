import { appendFileSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { markLog } from "./director-log.ts";

let folder: string;
let log: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "director-log-"));
  log = join(folder, "daemon.log");
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("DIRECTOR_LOG", () => {
  it("tells only what was appended since", async () => {
    writeFileSync(log, "an old error\n");
    const mark = await markLog(log);
    expect(await mark.appended()).toBe("");
    appendFileSync(log, "a new one\n");
    expect(await mark.appended()).toBe("a new one\n");
  });

  it.each<[string, () => void]>([
    ["rotated", () => renameSync(log, `${log}.1`)],
    ["truncated", () => truncateSync(log)],
  ])("that was %s tells what stands in the new file", async (_, rotate) => {
    writeFileSync(log, "an old error\n");
    const mark = await markLog(log);
    rotate();
    appendFileSync(log, "new\n");
    expect(await mark.appended()).toBe("new\n");
  });

  it("tells the beginning of a flood", async () => {
    writeFileSync(log, "old\n");
    const mark = await markLog(log);
    appendFileSync(log, `first\n${"x".repeat(1_000_000)}`);
    const said = await mark.appended();
    expect(said).toMatch(/^first\n/);
    expect(said.length).toBe(64 * 1024);
  });

  it("that is not there, or is no plain file, tells nothing and keeps nobody waiting", async () => {
    expect(await (await markLog(log)).appended()).toBe("");
    expect(await (await markLog(folder)).appended()).toBe("");
    expect(await (await markLog("/dev/zero")).appended()).toBe("");
  });
});
