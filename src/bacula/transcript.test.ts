import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cutTranscript, scriptText } from "./transcript.ts";

const greeting =
  "Connecting to Director 127.0.0.1:9101\n1000 OK: 10002 test-dir Version: 15.0.3 (25 March 2025)\nEnter a period to cancel a command.\n";
const token = "end-of-answer-0123";
const refusal = (at: number) => `${token}-${at}\n${token}-${at}: is an invalid command.\n`;

describe("the script for bconsole", () => {
  it("has a word behind each command that no Director knows", () => {
    expect(scriptText({ commands: [".jobs", ".clients"], token })).toBe(`.jobs\n${token}-0\n.clients\n${token}-1\n`);
  });
});

describe("cutting the answers out of what bconsole prints", () => {
  it.each<readonly [string, string, readonly string[]]>([
    ["two lists", `.jobs\nBase\n${refusal(0)}.clients\ntest-fd\n${refusal(1)}`, ["Base\n", "test-fd\n"]],
    ["an empty answer", `.jobs\n${refusal(0)}.clients\n${refusal(1)}`, ["", ""]],
    [
      "an answer without a newline",
      `.jobs\nerror=x${refusal(0)}.clients\ntest-fd\n${refusal(1)}`,
      ["error=x", "test-fd\n"],
    ],
    ["the notice on a line", `.jobs\nBase\nYou have messages.\n${refusal(0)}.clients\n${refusal(1)}`, ["Base\n", ""]],
    ["the notice glued", `.jobs\nerror=xYou have messages.\n${refusal(0)}.clients\n${refusal(1)}`, ["error=x", ""]],
    [
      "the notice behind the word",
      `.jobs\n${refusal(0)}You have messages.\n.clients\n${refusal(1)}You have messages.\n`,
      ["", ""],
    ],
    [
      "an answer that imitates echoes",
      `.jobs\n.clients\nend-of-answer-9-0\nend-of-answer-9-0: is\n${refusal(0)}.clients\n${refusal(1)}`,
      [".clients\nend-of-answer-9-0\nend-of-answer-9-0: is\n", ""],
    ],
    [
      "a Director that speaks another language",
      `.jobs\n${token}-0\n${token}-0: ist kein Befehl.\n.clients\n${refusal(1)}`,
      ["", ""],
    ],
  ])("reads %s", (_, output, answers) => {
    expect(cutTranscript(greeting + output, { commands: [".jobs", ".clients"], token })).toEqual({
      kind: "complete",
      answers,
    });
  });

  it.each<readonly [string, string, number]>([
    ["no login", "", 0],
    ["no answer", `${greeting}.jobs\n`, 0],
    ["a session that died in the first answer", `${greeting}.jobs\nBase\n`, 0],
    ["an end word that was echoed and not answered", `${greeting}.jobs\nBase\n${token}-0\n`, 0],
    ["an end word whose answer is cut", `${greeting}.jobs\nBase\n${token}-0\n${token}-0: is an inv`, 0],
    ["a second command that was not read", `${greeting}.jobs\nBase\n${refusal(0)}`, 1],
    ["a second command out of step", `${greeting}.jobs\nBase\n${refusal(0)}what\n.clients\n${refusal(1)}`, 1],
    [
      "a menu that ate the word",
      `${greeting}.jobs\nSelect (1-2): ${token}-0\nExpected a positive integer, got: ${token}-0\nSelect (1-2): `,
      0,
    ],
  ])("is incomplete: %s", (_, output, at) => {
    expect(cutTranscript(output, { commands: [".jobs", ".clients"], token })).toEqual({ kind: "incomplete", at });
  });

  it("is never complete when anything is cut off its end", () => {
    const output = `${greeting}.jobs\nBase\nerror=x${refusal(0)}.clients\ntest-fd\n${refusal(1)}`;
    for (let length = 0; length < output.length; length++) {
      expect(cutTranscript(output.slice(0, length), { commands: [".jobs", ".clients"], token }).kind).toBe(
        "incomplete",
      );
    }
  });

  it("gives back any answers that do not know the token, up to the notice", () => {
    const answer = fc
      .array(
        fc.constantFrom("Base", "\n", ".jobs\n", ": is an invalid command.\n", "end-of-answer-", "-0", "é", "=", "["),
      )
      .map((parts) => parts.join(""));
    fc.assert(
      fc.property(fc.array(answer, { minLength: 1, maxLength: 5 }), (answers) => {
        const commands = answers.map((_, at) => (at % 2 === 0 ? ".jobs" : ".clients type=B"));
        const output = answers.map((text, at) => `${commands[at] ?? ""}\n${text}${refusal(at)}`).join("");
        expect(cutTranscript(greeting + output, { commands, token })).toEqual({ kind: "complete", answers });
      }),
    );
  });
});
