import { appendFileSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { markLog } from "./director-log.ts";

const atOnce = () => true;

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
    expect(await mark.appended(atOnce)).toBe("");
    appendFileSync(log, "a new one\n");
    expect(await mark.appended(atOnce)).toBe("a new one\n");
  });

  it("is read again until the Director has written what is looked for, also a file that it makes only then", async () => {
    const mark = await markLog(log);
    const said = mark.appended((text) => text.includes("error"));
    await sleep(100);
    appendFileSync(log, "something else\n");
    await sleep(100);
    appendFileSync(log, "an error\n");
    expect(await said).toBe("something else\nan error\n");
  });

  it("is not waited for without end", async () => {
    writeFileSync(log, "");
    expect(await (await markLog(log)).appended(() => false)).toBe("");
  });

  it.each<[string, () => void]>([
    ["rotated", () => renameSync(log, `${log}.1`)],
    ["truncated", () => truncateSync(log)],
  ])("that was %s tells what stands in the new file", async (_, rotate) => {
    writeFileSync(log, "an old error\n");
    const mark = await markLog(log);
    rotate();
    appendFileSync(log, "new\n");
    expect(await mark.appended(atOnce)).toBe("new\n");
  });

  it("tells the beginning of a flood", async () => {
    writeFileSync(log, "old\n");
    const mark = await markLog(log);
    appendFileSync(log, `first\n${"x".repeat(1_000_000)}`);
    const said = await mark.appended(atOnce);
    expect(said).toMatch(/^first\n/);
    expect(said.length).toBe(64 * 1024);
  });

  it("that is not there, or is no plain file, tells nothing and keeps nobody waiting", async () => {
    expect(await (await markLog(log)).appended(atOnce)).toBe("");
    expect(await (await markLog(folder)).appended(atOnce)).toBe("");
    expect(await (await markLog("/dev/zero")).appended(atOnce)).toBe("");
  });
});
