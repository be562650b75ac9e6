import { describe, expect, it } from "vitest";
import type { ReloadOutcome } from "../sync/ports.ts";
import { reloadOutcome } from "./reload-answer.ts";

const refused =
  "Please correct configuration file: /opt/bacula/etc/bacula-dir.conf\nResetting previous configuration.\n";

describe("what the Director says to reload", () => {
  it.each<readonly [string, string, Partial<ReloadOutcome>]>([
    ["nothing", "", { kind: "reloaded" }],
    ["a blank line", "\n", { kind: "reloaded" }],
    ["a wrong file", refused, { kind: "refused" }],
    ["a text that we do not know", "What?\n", { kind: "refused", detail: "What?" }],
    ["too many", "Too many (32) open reload requests. Request ignored.\n", { kind: "busy", reason: "TooManyReloads" }],
    [
      "too many of another limit",
      "Too many (64) open reload requests. Request ignored.\n",
      { kind: "busy", reason: "TooManyReloads" },
    ],
    [
      "the last slot",
      `Out of reload table entries. Giving up.\n${refused}`,
      { kind: "busy", reason: "OutOfReloadSlots" },
    ],
    ["a Console without reload", "reload: is an invalid command.\n", { kind: "unknown", reason: "NotAuthorized" }],
  ])("%s", (_, answer, outcome) => {
    expect(reloadOutcome(answer)).toMatchObject(outcome);
  });
});
