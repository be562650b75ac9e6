import { describe, expect, it } from "vitest";
import { chooseJobDefs, type JobDefsWishes } from "./choose-job-defs.ts";
import type { KnownJobDefs } from "./known-job-defs.ts";

const known: KnownJobDefs = {
  kind: "known",
  resources: new Map(
    [
      { name: "DefaultJob", type: "B" },
      { name: "Gold", type: "B" },
      { name: "AdminDefs", type: "D" },
    ].map((jobDefs) => [jobDefs.name, jobDefs]),
  ),
};
const client = { name: "DefaultJob", from: "Global" } as const;
const tagged = (jobDefsTag?: string) => ({ kind: "read", jobDefsTag, optedOut: false }) as const;

describe("JobDefs by priority (white paper 4.4)", () => {
  it.each<[string, JobDefsWishes, ReturnType<typeof chooseJobDefs>]>([
    [
      "nothing wished",
      { client, wishes: tagged() },
      { name: "DefaultJob", from: "Global", basis: "judged", refused: undefined },
    ],
    ["a tag", { client, wishes: tagged("Gold") }, { name: "Gold", from: "Tag", basis: "judged", refused: undefined }],
    [
      "a person before a tag",
      { client, wishes: tagged("DefaultJob"), override: "Gold" },
      { name: "Gold", from: "Person", basis: "judged" },
    ],
    [
      "a tag that the Director does not have",
      { client, wishes: tagged("Platinum"), present: "Gold" },
      {
        name: "DefaultJob",
        from: "Global",
        basis: "judged",
        refused: { name: "Platinum", from: "Tag", reason: "NotFound" },
      },
    ],
    [
      "a tag that is not allowed",
      { client, wishes: tagged("Gold"), allowed: ["gold", "mysql*"] },
      {
        name: "DefaultJob",
        from: "Global",
        basis: "judged",
        refused: { name: "Gold", from: "Tag", reason: "NotAllowed" },
      },
    ],
    [
      "a tag of a JobDefs that backs up nothing",
      { client, wishes: tagged("AdminDefs") },
      {
        name: "DefaultJob",
        from: "Global",
        basis: "judged",
        refused: { name: "AdminDefs", from: "Tag", reason: "NotBackup" },
      },
    ],
    [
      "a person's wish that does not exist falls to the tag and is told",
      { client, wishes: tagged("Gold"), override: "Nope" },
      { name: "Gold", from: "Tag", basis: "judged", refused: { name: "Nope", from: "Person", reason: "NotFound" } },
    ],
    [
      "a person is not bound by what tenants may choose",
      { client, wishes: tagged(), override: "Gold", allowed: [] },
      { name: "Gold", from: "Person", basis: "judged" },
    ],
    [
      "read in two ways: the file stays",
      { client, wishes: { kind: "ambiguous" }, present: "Gold" },
      { name: "Gold", from: "Tag", basis: "kept", refused: undefined },
    ],
    [
      "not live: the file stays",
      { client, present: "Gold" },
      { name: "Gold", from: "Tag", basis: "kept", refused: undefined },
    ],
  ])("%s", (_case, wishes, expected) => {
    expect(chooseJobDefs(wishes, known)).toEqual(expected);
  });

  it("keeps the file's JobDefs while the Director's list is unknown", () => {
    const unknown: KnownJobDefs = { kind: "unknown" };
    expect(chooseJobDefs({ client, wishes: tagged("Platinum"), present: "Gold" }, unknown)).toMatchObject({
      name: "Gold",
      basis: "kept",
    });
    expect(chooseJobDefs({ client, wishes: tagged("Platinum") }, unknown)).toMatchObject({
      name: "DefaultJob",
      basis: "kept",
    });
  });
});
