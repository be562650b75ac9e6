import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { csvText } from "./csv.ts";

/** Reads RFC 4180, as strictly as it is written there. */
function read(text: string): readonly (readonly string[])[] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (let rest = text; rest !== ""; ) {
    const match = /^(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/u.exec(rest);
    if (match === null) throw new Error(`no CSV: ${JSON.stringify(rest)}`);
    row.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? "");
    if (match[3] === "\r\n") {
      rows.push(row);
      row = [];
    }
    rest = rest.slice(match[0].length);
  }
  return rows;
}

describe("CSV by RFC 4180", () => {
  it("quotes what needs it and ends each line with CRLF", () => {
    expect(csvText([["a,b", 'say "hi"', 7, undefined, "x\ny"]])).toBe('"a,b","say ""hi""",7,,"x\ny"\r\n');
  });

  it("is read back as it was, but for what a spreadsheet would calculate", () => {
    const cell = fc.oneof(fc.string(), fc.constantFrom('=HYPERLINK("x")', "+1", "-1", "@x", ",", '"', "\r\n"));
    fc.assert(
      fc.property(fc.array(fc.array(cell, { minLength: 1, maxLength: 4 }), { maxLength: 4 }), (rows) => {
        const harmless = (text: string) => (/^[=+\-@\t\r]/u.test(text) ? `'${text}` : text);
        expect(read(csvText(rows))).toEqual(rows.map((row) => row.map(harmless)));
      }),
    );
  });
});
