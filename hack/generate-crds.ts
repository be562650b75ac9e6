/**
 * Writes `crds/*.yaml` from the schemas in `src/api`. With `--check` nothing is written, and a file that differs from
 * what the schemas give is an error.
 */
import { readFile, writeFile } from "node:fs/promises";
import process from "node:process";
import { crdFiles } from "../src/api/crd-files.ts";

const folder = new URL("../crds/", import.meta.url);
const isCheck = process.argv.includes("--check");

for (const { name, text } of crdFiles()) {
  const file = new URL(name, folder);
  if (!isCheck) {
    await writeFile(file, text);
    console.log(`crds/${name} written`);
  } else if ((await readFile(file, "utf8").catch(() => undefined)) !== text) {
    console.error(`crds/${name} is not what the schemas in src/api give: run \`npm run crds\` and commit the result`);
    process.exitCode = 1;
  }
}
