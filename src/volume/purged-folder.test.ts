import { existsSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { FileChange } from "../sync/ports.ts";
import {
  CLIENT,
  fileSetText,
  jobText,
  NEVER,
  type TemporaryVolume,
  temporaryVolume,
  UUID,
} from "./temporary-volume.fixture.ts";

const FOLDER = "dc1/os1/web";
const disabled = jobText("web").replace(/^#@status:.*$/m, "#@status:        disabled");
const begin: FileChange = { kind: "beginPurge", slug: "web", uuid: UUID, record: { stage: "withdrawing" } };
const putBack: FileChange = { kind: "putBack", slug: "web", edit: { headers: { missingSince: null } } };

let temp: TemporaryVolume;
beforeEach(() => {
  temp = temporaryVolume();
  temp.put(`${FOLDER}/fileset`, fileSetText("web"));
  temp.put(`${FOLDER}/job`, disabled);
});
afterEach(() => {
  temp.remove();
});

const write = (change: FileChange) => temp.locked((tree) => tree.write(CLIENT, [change], NEVER));
const remove = () => temp.locked((tree) => tree.removePurged(CLIENT, "web"));
const folders = () => temp.locked(async (tree) => (await tree.readClient(CLIENT, NEVER)).folders);
const published = () => temp.locked((tree) => tree.readTexts(CLIENT, NEVER));

describe("a job whose purge begins", () => {
  it("is job.purging, beside what the purge knows, and nothing of its folder is published", async () => {
    expect(await published()).toHaveLength(1);
    expect(await write(begin)).toEqual([]);
    expect(temp.files()).toEqual([`${FOLDER}/fileset`, `${FOLDER}/job.purging`, `${FOLDER}/purge.json`]);
    expect(temp.text(`${FOLDER}/job.purging`)).toBe(disabled);
    expect(await folders()).toMatchObject([
      { kind: "purging", slug: "web", job: { headers: { uuid: UUID } }, record: { stage: "withdrawing" } },
    ]);
    expect(await published()).toEqual([]);
  });
  it("gives its tree another version, and what it writes down is read anew", async () => {
    const read = () => temp.locked((tree) => tree.readClient(CLIENT, NEVER));
    const { version } = await read();
    await write(begin);
    expect((await read()).version).not.toBe(version);
    await temp.locked((tree) => tree.writePurgeRecord(CLIENT, "web", { stage: "deleting" }));
    expect(await folders()).toMatchObject([{ record: { stage: "deleting" } }]);
  });
  it.each([
    ["a hold that a person has just written", (text: string) => text.replace("#@status:", "#@hold: legal\n#@status:")],
    ["a suspension", (text: string) => text.replace("#@status:", "#@suspend: x\n#@status:")],
    ["an active job", (text: string) => text.replace(/^#@status:.*$/m, "#@status: active")],
    ["another VM's job", (text: string) => text.replace(UUID, UUID.replace("0", "1"))],
    ["a job that cannot be read", () => "#@uuid: x\nJob {"],
  ])("is left as it is for %s", async (_what, change) => {
    temp.put(`${FOLDER}/job`, change(disabled));
    expect(await write(begin)).toMatchObject([{ slug: "web", reason: "NotWritable" }]);
    expect(temp.text(`${FOLDER}/job`)).toBe(change(disabled));
    expect(temp.files()).not.toContain(`${FOLDER}/job.purging`);
  });
  it("is a job still when the purge was cut off before the rename", async () => {
    temp.put(`${FOLDER}/purge.json`, "{}");
    expect(await folders()).toMatchObject([{ kind: "ours" }]);
    expect(await published()).toHaveLength(1);
  });
});

describe("a purge that ends with the job as it was", () => {
  beforeEach(() => write(begin));

  it("leaves the folder as if it had never begun, but for the edit", async () => {
    temp.put(
      `${FOLDER}/job.purging`,
      disabled.replace("#@status:", "#@missing-since: 2026-01-01T00:00:00Z\n#@status:"),
    );
    expect(await write(putBack)).toEqual([]);
    expect(temp.files()).toEqual([`${FOLDER}/fileset`, `${FOLDER}/job`]);
    expect(temp.text(`${FOLDER}/job`)).toBe(disabled);
  });
  it("is a job again when it was cut off in the middle, and stays one", async () => {
    temp.put(`${FOLDER}/job`, disabled); // and job.purging and purge.json are there still
    expect(await folders()).toMatchObject([{ kind: "ours" }]);
    expect(await published()).toHaveLength(1);
    expect(await write(putBack)).toMatchObject([{ reason: "NotWritable" }]);
    await expect(remove()).rejects.toThrow(/is there again/);
    expect(temp.text(`${FOLDER}/job`)).toBe(disabled);
    expect(await write(begin)).toEqual([]);
    expect(await folders()).toMatchObject([{ kind: "purging" }]);
  });
});

describe("the folder of a VM that was purged", () => {
  beforeEach(() => write(begin));

  it("goes with all files of ours", async () => {
    temp.put(`${FOLDER}/job.rejected`, "x");
    await remove();
    expect(existsSync(temp.pathOf(FOLDER))).toBe(false);
    expect(await folders()).toEqual([]);
  });
  it("stays with what a person put there, and is no VM's any more", async () => {
    temp.put(`${FOLDER}/notes.txt`, "mine");
    await remove();
    expect(temp.files()).toEqual([`${FOLDER}/notes.txt`]);
    expect(await folders()).toEqual([]);
  });
  it("is known for what it is when the last step was cut off behind any file, and can be removed again", async () => {
    const removing = () => temp.locked((tree) => tree.writePurgeRecord(CLIENT, "web", { stage: "removing" }));
    await removing();
    for (const path of ["fileset", "job.purging"]) {
      rmSync(temp.pathOf(`${FOLDER}/${path}`));
      expect(await folders()).toMatchObject([{ kind: "purging", record: { stage: "removing" } }]);
      expect(await published()).toEqual([]);
    }
    await remove();
    expect(existsSync(temp.pathOf(FOLDER))).toBe(false);
  });
  it("is not another one, reached by a link", async () => {
    rmSync(temp.pathOf(FOLDER), { recursive: true });
    temp.put("outside/job.purging", "not ours");
    symlinkSync(temp.pathOf("outside"), temp.pathOf(FOLDER));
    await expect(remove()).rejects.toThrow(/symbolic link/);
    expect(readFileSync(temp.pathOf("outside/job.purging"), "utf8")).toBe("not ours");
  });
});
