import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { EXIT } from "../src/cli/exit-code.ts";
import { SYNC_EXAMPLES, SYNC_OPTIONS, syncHelp } from "../src/cli/sync-help.ts";
import { SETTINGS } from "../src/settings/variables.ts";
import { withSettingsTable } from "./settings-table.ts";

const PROJECT = join(import.meta.dirname, "..");
const page = await readFile(join(PROJECT, "docs/command-line.md"), "utf8");
const ofCommandLine = SETTINGS.filter(({ frontEnd }) => frontEnd !== "operator");

/** The formatter gives each column a width. */
const unaligned = (text: string) => text.replaceAll(/ +/gu, " ").replaceAll(/-{3,}/gu, "---");

describe("docs/command-line.md", () => {
  it("has the settings as the code has them", () => {
    expect(unaligned(page), "run `npm run docs`").toBe(unaligned(withSettingsTable(page)));
    expect(page.match(/^\| `[A-Z_]+`/gmu)).toHaveLength(SETTINGS.length);
  });
  it("has every option and exit code of sync", () => {
    for (const { flags } of SYNC_OPTIONS) expect(page).toContain(`\`${flags}\``);
    for (const code of Object.values(EXIT)) expect(page).toMatch(new RegExp(`^\\| ${code} +\\|`, "mu"));
  });
});

describe("sync --help", () => {
  it("names every variable of the command line with its default, and none of the operator's", () => {
    const help = syncHelp();
    for (const { variable, alias, shownDefault } of ofCommandLine) {
      expect(help).toContain(`  ${variable}${alias === undefined ? "" : ` (${alias})`}`);
      expect(help).toContain(shownDefault);
    }
    expect(help).not.toContain("KUBECONFIG");
    expect(help.split("\n").filter((line) => line.length > 120)).toEqual([]);
  });
  it("gives examples whose options are there", () => {
    const flags = ["--output", ...SYNC_OPTIONS.map(({ flags: text }) => text.split(" ")[0])];
    const used = SYNC_EXAMPLES.flatMap(({ command }) => command.match(/--[a-z-]+/gu) ?? []);
    expect(used).not.toEqual([]);
    expect(used.filter((flag) => !flags.includes(flag))).toEqual([]);
  });
});
