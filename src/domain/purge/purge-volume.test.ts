import { describe, expect, it } from "vitest";
import { actionRequired, nextVolumeStep, type PurgedVolumes, type VolumeNow } from "./purge-volume.ts";

const there = (status: string, change: Partial<Extract<VolumeNow, { kind: "there" }>> = {}): VolumeNow => ({
  kind: "there",
  status,
  parts: 0,
  isProtected: false,
  ...change,
});

describe("what becomes of a volume that a purge leaves empty", () => {
  const wishes: readonly PurgedVolumes[] = ["keep", "truncate", "delete"];
  it.each(wishes)("is nothing while any part of any job is on it (%s)", (wish) => {
    for (const status of ["Full", "Used", "Purged", "Append", "Error"])
      expect(nextVolumeStep(there(status, { parts: 1 }), wish)).toEqual({ kind: "inUse" });
  });
  it.each(wishes)("is nothing while it is protected, or Bacula may write to it (%s)", (wish) => {
    expect(nextVolumeStep(there("Full", { isProtected: true }), wish).kind).toBe("leave");
    for (const status of [
      "Append",
      "Recycle",
      "Error",
      "Busy",
      "Cleaning",
      "Scratch",
      "Disabled",
      "Read-Only",
      "Archive",
    ])
      expect(nextVolumeStep(there(status), wish).kind).toBe("leave");
  });
  it("is to be marked Purged first, and then what was wished for", () => {
    for (const wish of wishes) {
      expect(nextVolumeStep(there("Full"), wish).kind).toBe("markPurged");
      expect(nextVolumeStep(there("Used"), wish).kind).toBe("markPurged");
    }
    expect(wishes.map((wish) => nextVolumeStep(there("Purged"), wish).kind)).toEqual(["done", "truncate", "delete"]);
    expect(nextVolumeStep({ kind: "gone" }, "delete")).toMatchObject({ kind: "done" });
  });
  it("is told with volume, media type and storage", () => {
    const line = actionRequired(
      { mediaId: 1, name: "V-1", mediaType: "File", storage: "", pool: "P" },
      "marked Purged",
    );
    expect(line).toMatch(
      /^ACTION REQUIRED: volume V-1 \(media type File, storage unknown\) .* marked Purged; its file/,
    );
  });
});
