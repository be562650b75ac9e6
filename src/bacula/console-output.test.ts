import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chosenLines, wholeOutput } from "./console-output.ts";

describe("gathering what bconsole prints", () => {
  it("keeps all bytes up to the limit and says when it is passed", () => {
    const output = wholeOutput(5);
    expect(output.push(Buffer.from("abc"))).toBe(true);
    expect(output.push(Buffer.from("de"))).toBe(true);
    expect(output.push(Buffer.from("f"))).toBe(false);
    expect(output.text()).toBe("abcde");
  });

  it("reads a character that two chunks share, and shows lost bytes as U+FFFD without eating what follows", () => {
    const output = wholeOutput(100);
    for (const byte of Buffer.from("é")) output.push(Uint8Array.of(byte));
    output.push(Buffer.from([0x20, 0xc3, 0x20, 0x75, 0xff, 0x0a]));
    expect(output.text()).toBe("é \ufffd u\ufffd\n");
  });

  it("keeps chosen lines in order, whatever the chunks are", () => {
    const line = fc.stringMatching(/^[ab é]{0,6}$/);
    fc.assert(
      fc.property(fc.array(line), fc.array(fc.nat(40)), (lines, cuts) => {
        const bytes = Buffer.from(lines.join("\n"));
        const output = chosenLines(1_000, (one) => one.startsWith("a"));
        const edges = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((x, y) => x - y), bytes.length];
        for (const [at, edge] of edges.entries()) output.push(bytes.subarray(edges[at - 1] ?? 0, edge));
        const last = lines.at(-1) ?? "";
        const kept = lines.slice(0, -1).filter((one) => one.startsWith("a"));
        expect(output.text()).toBe([...kept, last].join("\n"));
      }),
    );
  });

  it("counts only what it keeps, and a line without an end", () => {
    const output = chosenLines(10, (one) => one.startsWith("a"));
    expect(output.push(Buffer.from("b".repeat(9)))).toBe(true);
    expect(output.push(Buffer.from("\nb\nb\nb\nb\nb\nb\na\n"))).toBe(true);
    expect(output.push(Buffer.from("b".repeat(9)))).toBe(false);
  });
});
