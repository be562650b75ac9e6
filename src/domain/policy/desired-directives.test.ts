import { describe, expect, it } from "vitest";
import type { ClientPolicy } from "../client/client-policy.ts";
import type { JobDefsChoice } from "./choose-job-defs.ts";
import { desiredDirectives } from "./desired-directives.ts";
import type { KnownJobDefs } from "./known-job-defs.ts";

const policy: Parameters<typeof desiredDirectives>[0] = {
  overrideTaggedJobDefs: false,
  storage: "File1",
  pool: "Default",
  schedule: "WeeklyCycle",
  messages: "Standard",
} satisfies Partial<ClientPolicy>;
const known: KnownJobDefs = {
  kind: "known",
  resources: new Map([["Gold", { name: "Gold", type: "B", pool: "GoldPool", schedule: "DailyCycle" }]]),
};
const choice = (from: JobDefsChoice["from"], name = "Gold"): JobDefsChoice => ({ name, from, basis: "judged" });
const all = { storage: "File1", pool: "Default", schedule: "WeeklyCycle", messages: "Standard" };

describe("a tag's JobDefs drives schedule and pool (white paper 4.4)", () => {
  it.each([
    [
      "by tag: what the JobDefs sets itself is left out",
      choice("Tag"),
      policy,
      { jobDefs: "Gold", storage: "File1", messages: "Standard" },
    ],
    ["by a person: the same", choice("Person"), policy, { jobDefs: "Gold", storage: "File1", messages: "Standard" }],
    [
      "the client's own JobDefs: the lines stay, as in the white paper's sample",
      choice("Client"),
      policy,
      { jobDefs: "Gold", ...all },
    ],
    ["OVERRIDE_TAGGED_JOBDEFS", choice("Tag"), { ...policy, overrideTaggedJobDefs: true }, { jobDefs: "Gold", ...all }],
    [
      "an empty setting leaves its line out for all",
      choice("Global", "X"),
      { ...policy, pool: "", schedule: "" },
      { jobDefs: "X", storage: "File1", messages: "Standard" },
    ],
  ])("%s", (_case, chosen, by, expected) => {
    expect(desiredDirectives(by, chosen, known)).toEqual(expected);
  });
});
