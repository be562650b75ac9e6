import { describe, expect, it } from "vitest";
import { personalNews } from "./personal-headers.ts";

describe("a person's words for the headers", () => {
  it.each([
    ["a new word", { hold: "legal" }, {}, { hold: "legal" }],
    ["another word", { hold: "legal" }, { hold: "case 12" }, { hold: "legal" }],
    ["a word that stands there", { hold: "legal" }, { hold: "legal" }, undefined],
    ["a word taken away", { hold: null }, { hold: "legal", suspend: "move" }, { hold: null }],
    ["a hold without words taken away", { hold: null }, { hold: "" }, { hold: null }],
    ["nothing to take away", { hold: null }, { suspend: "move" }, undefined],
    ["nothing said", {}, { hold: "legal" }, undefined],
  ])("%s", (_case, wish, headers, expected) => {
    expect(personalNews(wish, headers)).toEqual(expected);
  });
});
