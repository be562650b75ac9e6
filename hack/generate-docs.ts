/** Writes the parts of `docs/` that the code decides. */
import { readFile, writeFile } from "node:fs/promises";
import { withSettingsTable } from "./settings-table.ts";

const page = new URL("../docs/command-line.md", import.meta.url);
await writeFile(page, withSettingsTable(await readFile(page, "utf8")));
console.log("docs/command-line.md written");
