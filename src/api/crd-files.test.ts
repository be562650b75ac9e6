import { readdir, readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { customResourceDefinitions } from "./crd.ts";
import { crdFiles } from "./crd-files.ts";

const folder = new URL("../../crds/", import.meta.url);

describe("crds/", () => {
  it("has the generated files and no others", async () => {
    expect((await readdir(folder)).sort()).toEqual(
      crdFiles()
        .map(({ name }) => name)
        .sort(),
    );
  });
  it.each(crdFiles().map((file) => [file.name, file.text] as const))(
    "%s is what the schemas give",
    async (name, text) => {
      expect(await readFile(new URL(name, folder), "utf8"), "run `npm run crds`").toBe(text);
    },
  );
  it.each(crdFiles().map((file) => [file.name, file.text] as const))("%s fits into an annotation", (_name, text) => {
    expect(JSON.stringify(parse(text)).length).toBeLessThan(262_144);
  });
  it("says in YAML what was built", () => {
    expect(crdFiles().map(({ text }) => parse(text))).toEqual(JSON.parse(JSON.stringify(customResourceDefinitions())));
  });
});
