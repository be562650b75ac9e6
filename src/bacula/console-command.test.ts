import { describe, expect, it } from "vitest";
import { checkConsoleCommand, quotedName } from "./console-command.ts";

describe("rule 9: what may be written to bconsole", () => {
  it.each([
    ".jobs type=B",
    "reload",
    "show all",
    'run job="a b" yes',
    "delete jobid=1,2-3 yes",
    ".msgs",
    "show messages",
  ])("lets %j through", (command) => {
    expect(() => checkConsoleCommand(command)).not.toThrow();
  });

  it.each([
    "",
    " ",
    " .jobs",
    ".jobs ",
    ".jobs\n@exec id",
    ".jobs\r",
    "a\u0000b",
    "a\u001b[0m",
    ".jobs é",
    '@exec "id"',
    "@output /tmp/x",
    "messages",
    ".messages",
    "mess",
    "MESSAGES",
    "messages x",
  ])("refuses %j", (command) => {
    expect(() => checkConsoleCommand(command)).toThrow(
      expect.objectContaining({ code: "CONSOLE_COMMAND_NOT_ALLOWED" }),
    );
  });

  it("quotes the names that Bacula can have, and no others", () => {
    expect(quotedName("backup-dc1:a.b c_d")).toBe('"backup-dc1:a.b c_d"');
    for (const name of ["", " a", 'a"b', "a\nb", "a\\", "é", "a".repeat(128)]) {
      expect(() => quotedName(name)).toThrow(expect.objectContaining({ code: "CONSOLE_COMMAND_NOT_ALLOWED" }));
    }
  });
});
