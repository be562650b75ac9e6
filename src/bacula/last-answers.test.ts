import { expect, it } from "vitest";
import { parseAnswer } from "../domain/discovery/parse-answer.ts";
import { LastAnswers } from "./last-answers.ts";

const one = "server=a uuid=00000000-0000-4000-8000-000000000001\n";
const two = `${one}server=b uuid=00000000-0000-4000-8000-000000000002\n`;

it("reads every answer as if there were no memory", () => {
  const answers = new LastAnswers();
  const asked = [
    ["x", one, false],
    ["y", two, false],
    ["x", one, false],
    ["x", two, false],
    ["x", "", false],
    ["x", "", true],
    ["x", "", false],
    ["y", one, false],
  ] as const;
  for (const [client, text, allowEmpty] of asked) {
    expect(answers.read(client, text, allowEmpty)).toEqual(parseAnswer(text, { allowEmpty }));
  }
});

it("gives the same listing for the same words, to the same client only", () => {
  const answers = new LastAnswers();
  const first = answers.read("x", two, false);
  expect(answers.read("y", two, false)).not.toBe(first);
  expect(answers.read("x", `${two} `.trimEnd().concat("\n"), false)).toBe(first);
});
