import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  FOLDER_NAME,
  isAllowed,
  JOB_DEFS_GLOB,
  JOB_PREFIX,
  OPTION_WORD,
  PLUGIN_OPTIONS,
  PLUGIN_WORD,
  REASON_TEXT,
  RESOURCE_NAME,
} from "./allowed-text.ts";

const RULES = {
  FOLDER_NAME,
  JOB_PREFIX,
  RESOURCE_NAME,
  JOB_DEFS_GLOB,
  PLUGIN_WORD,
  PLUGIN_OPTIONS,
  OPTION_WORD,
  REASON_TEXT,
};

describe("rule 8: what may reach a configuration file", () => {
  it.each([
    ["a folder", FOLDER_NAME, "datacenter1", true],
    ["a folder that leaves BASE_DIR", FOLDER_NAME, "..", false],
    ["our own state folder", FOLDER_NAME, ".bacula-openstack-sync", false],
    ["a folder in a folder", FOLDER_NAME, "a/b", false],
    ["an option instead of a folder", FOLDER_NAME, "-rf", false],
    ["a resource with a blank inside", RESOURCE_NAME, "Weekly Cycle", true],
    ["a resource with a blank at its end", RESOURCE_NAME, "Weekly ", false],
    ["a resource that ends its string", RESOURCE_NAME, 'a" b', false],
    ["a resource of 128 characters", RESOURCE_NAME, "a".repeat(128), false],
    ["a glob", JOB_DEFS_GLOB, "Gold*", true],
    ["plugin options", PLUGIN_OPTIONS, "verbose=1 region=RegionOne", true],
    ["no plugin options", PLUGIN_OPTIONS, "", true],
    ["plugin options that end the string", PLUGIN_OPTIONS, 'a" }', false],
    ["two words for one", PLUGIN_WORD, "a instance=b", false],
    ["an option's value that ends its block", OPTION_WORD, "SHA256 }", false],
    ["a reason in any script", REASON_TEXT, "Rechtsfall 12, später prüfen", true],
    ["a reason of blanks", REASON_TEXT, "   ", false],
    ["a reason of two lines", REASON_TEXT, "a\nJob {", false],
    ["a reason with a line separator", REASON_TEXT, "a\u2028b", false],
  ])("%s", (_what, rule, text, allowed) => {
    expect(isAllowed(text, rule)).toBe(allowed);
  });

  it.each(Object.entries(RULES))("%s never lets a control character through", (_name, rule) => {
    const hostile = fc.constantFrom("\n", "\r", "\0", "\u007f", "\u0085", "\u2028");
    const around = fc.string();
    fc.assert(
      fc.property(around, hostile, around, (before, char, after) => {
        expect(isAllowed(before + char + after, rule)).toBe(false);
      }),
    );
  });

  it.each(Object.entries(RULES).filter(([name]) => name !== "REASON_TEXT"))(
    "%s never ends a quoted string",
    (_n, rule) => {
      const around = fc.string();
      fc.assert(
        fc.property(around, around, (before, after) => {
          expect(isAllowed(`${before}"${after}`, rule)).toBe(false);
        }),
      );
    },
  );

  it.each(Object.entries(RULES))("%s is said by its own example", (_name, rule) => {
    expect(isAllowed(rule.allowed.split("such as ").at(-1) ?? "", rule)).toBe(true);
  });
});
