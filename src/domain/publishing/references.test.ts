import { describe, expect, it } from "vitest";
import type { KnownJobDefs } from "../policy/known-job-defs.ts";
import { checkReferences, describeMissing, type References, type ResourceNames } from "./references.ts";

const NAMES: ResourceNames = {
  clients: new Set(["dc1-os1-fd", "dc1-os2-fd"]),
  pools: new Set(["Default"]),
  storages: new Set(["File1", "File2"]),
  schedules: new Set(["WeeklyCycle"]),
  messages: new Set(["Standard"]),
};
const JOBDEFS: KnownJobDefs = {
  kind: "known",
  resources: new Map([
    ["Gold", { name: "Gold", type: "B" }],
    ["Admin", { name: "Admin", type: "D" }],
  ]),
};
const ALL: References = {
  client: "dc1-os1-fd",
  jobDefs: "Gold",
  storage: "File1",
  pool: "Default",
  schedule: "WeeklyCycle",
  messages: "Standard",
};

describe("rule 7: everything a job refers to exists", () => {
  it("has nothing to say of a job whose references are all there, or that has none", () => {
    expect(checkReferences(ALL, NAMES, JOBDEFS)).toEqual([]);
    expect(checkReferences({}, NAMES, JOBDEFS)).toEqual([]);
  });

  it.each<[keyof References, string, string, readonly string[]]>([
    ["client", "Client", "x", ["dc1-os1-fd", "dc1-os2-fd"]],
    ["storage", "Storage", "x", ["File1", "File2"]],
    ["pool", "Pool", "default", ["Default"]],
    ["schedule", "Schedule", "x", ["WeeklyCycle"]],
    ["messages", "Messages", "x", ["Standard"]],
    ["jobDefs", "JobDefs", "gold", ["Gold"]],
  ])(
    "names a %s that the Director lacks, with what it has; names are compared with case",
    (key, resource, name, existing) => {
      expect(checkReferences({ ...ALL, [key]: name }, NAMES, JOBDEFS)).toEqual([{ resource, name, existing }]);
    },
  );

  it("names all that is missing", () => {
    const missing = checkReferences({ ...ALL, pool: "x", schedule: "y" }, NAMES, JOBDEFS);
    expect(missing.map(({ resource }) => resource)).toEqual(["Pool", "Schedule"]);
  });

  it("looks at each storage of a list", () => {
    expect(checkReferences({ storage: "File1,File2" }, NAMES, JOBDEFS)).toEqual([]);
    expect(checkReferences({ storage: "File1,x,File2" }, NAMES, JOBDEFS)).toMatchObject([{ name: "x" }]);
  });

  it("does not take the JobDefs of an Admin job for one that backs up", () => {
    expect(checkReferences({ jobDefs: "Admin" }, NAMES, JOBDEFS)).toMatchObject([
      { name: "Admin", existing: ["Gold"] },
    ]);
  });

  it("says nothing of JobDefs that could not be read: unknown is not absent", () => {
    expect(checkReferences({ jobDefs: "x", pool: "y" }, NAMES, { kind: "unknown" })).toMatchObject([{ name: "y" }]);
  });
});

describe("the sentence about a missing reference", () => {
  it("says what, which value, what there is and what to do", () => {
    expect(describeMissing({ resource: "Client", name: "x", existing: ["a", "b"] })).toBe(
      '"x" is not a Client of the Director; it has: a, b. Add it to the Director\'s configuration and reload, or correct the name.',
    );
  });

  it("says of which type a JobDefs must be, and when there is none", () => {
    const sentence = describeMissing({ resource: "JobDefs", name: "x", existing: [] });
    expect(sentence).toContain('"x" is not a JobDefs of type Backup of the Director; it has none.');
  });

  it("names ten of many", () => {
    const existing = Array.from({ length: 12 }, (_, index) => `n${index}`);
    const sentence = describeMissing({ resource: "Pool", name: "x", existing });
    expect(sentence).toContain("it has: n0, n1, n2, n3, n4, n5, n6, n7, n8, n9 and 2 more.");
  });
});
