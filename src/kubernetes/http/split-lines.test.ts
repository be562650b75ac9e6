import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { splitLines } from "./split-lines.ts";

async function* chunksOf(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let start = 0;
  for (let n = 0; start < bytes.length; n++) {
    const end = start + (sizes[n % sizes.length] ?? 1);
    yield bytes.subarray(start, end);
    start = end;
  }
}

async function split(text: string, sizes: readonly number[], maxLineBytes?: number): Promise<string[]> {
  const lines: string[] = [];
  for await (const batch of splitLines(chunksOf(Buffer.from(text), sizes), maxLineBytes)) {
    lines.push(...batch.map((line) => line.toString("utf8")));
  }
  return lines;
}

describe("splitting at newlines", () => {
  it("gives the same lines however the bytes are cut", async () => {
    const line = fc.string({ unit: "binary" }).map((text) => text.replaceAll("\n", " "));
    await fc.assert(
      fc.asyncProperty(
        fc.array(line),
        fc.string().map((text) => text.replaceAll("\n", " ")),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
        async (lines, rest, sizes) => {
          const text = lines.map((each) => `${each}\n`).join("") + rest;
          const wanted = lines.filter((each) => each !== "").map((each) => each.toWellFormed());
          expect(await split(text, sizes)).toEqual(wanted);
        },
      ),
    );
  });

  it("refuses a line without an end", async () => {
    await expect(split("x".repeat(5_000), [100], 1_000)).rejects.toMatchObject({ code: "LineTooLong" });
    expect(await split(`${"x".repeat(900)}\n`.repeat(10), [100], 1_000)).toHaveLength(10);
  });
});
