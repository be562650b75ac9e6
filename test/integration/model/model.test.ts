import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createFolderDisk } from "../../support/model/folder-disk.ts";
import { HISTORY, type History } from "../../support/model/history.ts";
import { createMemoryDisk } from "../../support/model/memory-disk.ts";
import type { ModelDisk } from "../../support/model/model-disk.ts";
import { ModelWorld } from "../../support/model/model-world.ts";

/**
 * The same histories for everybody, so that a change is to blame when one fails. For new ones, and as many as wanted:
 * `MODEL_RUNS=5000 MODEL_SEED=$RANDOM npx vitest run test/integration/model`; a failure prints its seed and the
 * shrunk history.
 */
const RUNS = Number(process.env["MODEL_RUNS"] ?? 250);
const seed = { seed: Number(process.env["MODEL_SEED"] ?? 15) };

async function playOn(disk: ModelDisk, history: History, purgesAfterDays?: number) {
  const world = new ModelWorld(disk, history, purgesAfterDays);
  try {
    await world.play(history);
    await world.settle();
    return { vmDays: world.vmDays, purgedRuns: world.purgedRuns, files: Object.fromEntries(world.disk.files()) };
  } finally {
    disk.dispose();
  }
}

describe("the ten rules hold in every history of the world", () => {
  it("that is played in memory, at least 200,000 VM-days of it", async () => {
    let vmDays = 0;
    await fc.assert(
      fc.asyncProperty(HISTORY, async (history) => {
        vmDays += (await playOn(createMemoryDisk(), history)).vmDays;
      }),
      { numRuns: RUNS, ...seed },
    );
    expect(vmDays).toBeGreaterThan(200_000);
  });

  it("in which VMs are purged two days after their job was disabled, in memory and on the real volume", async () => {
    let purgedRuns = 0;
    await fc.assert(
      fc.asyncProperty(HISTORY, async (history) => {
        purgedRuns += (await playOn(createMemoryDisk(), history, 2)).purgedRuns;
      }),
      { numRuns: Math.ceil(RUNS / 3), ...seed },
    );
    expect(purgedRuns).toBeGreaterThan(0);
    await fc.assert(
      fc.asyncProperty(HISTORY, async (history) => {
        const { files } = await playOn(createFolderDisk(), history, 2);
        expect(files).toEqual((await playOn(createMemoryDisk(), history, 2)).files);
      }),
      { numRuns: Math.ceil(RUNS / 60), ...seed },
    );
  });

  it("that is played on the real volume, with the same files in the end as in memory", async () => {
    await fc.assert(
      fc.asyncProperty(HISTORY, async (history) => {
        const { files } = await playOn(createFolderDisk(), history);
        expect(files).toEqual((await playOn(createMemoryDisk(), history)).files);
      }),
      { numRuns: Math.ceil(RUNS / 30), ...seed },
    );
  });

  it("that is played twice, with the same files in the end", async () => {
    await fc.assert(
      fc.asyncProperty(HISTORY, async (history) => {
        const { files } = await playOn(createMemoryDisk(), history);
        expect((await playOn(createMemoryDisk(), history)).files).toEqual(files);
      }),
      { numRuns: Math.ceil(RUNS / 10), ...seed },
    );
  });
});
