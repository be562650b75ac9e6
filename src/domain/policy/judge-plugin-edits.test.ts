import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { PluginLinePolicy } from "../jobfile/file-set-policy.ts";
import { judgePluginEdits } from "./judge-plugin-edits.ts";

const B: PluginLinePolicy = { name: "openstack", proxyServer: "b", selector: "instance", options: "" };
const C = { ...B, proxyServer: "c" };
const fleet = (count: number, from = 0) =>
  Array.from({ length: count }, (_, index) => ({ uuid: `u${index + from}`, name: `vm${index + from}` }));
function tokenOf(edits: ReturnType<typeof fleet>, to = B): string {
  const verdict = judgePluginEdits(edits, to, undefined);
  return verdict.kind === "held" ? verdict.token : "none";
}

describe("Plugin lines that follow a changed policy", () => {
  it("are edited at once when they are 50 or fewer", () => {
    expect(judgePluginEdits(fleet(50), B, undefined)).toEqual({ kind: "allowed" });
  });
  it("are held when they are more, and named with a token", () => {
    const verdict = judgePluginEdits(fleet(51), B, undefined);
    expect(verdict).toMatchObject({ kind: "held", token: expect.stringMatching(/^51-[0-9a-f]{8}$/) });
    expect(verdict.kind === "held" && verdict.names).toHaveLength(51);
  });
  it("are allowed by the token of exactly these VMs and of this change, in any order", () => {
    const token = tokenOf(fleet(60));
    expect(judgePluginEdits(fleet(60).reverse(), B, token)).toEqual({ kind: "allowed", approvedBy: token });
    expect(judgePluginEdits(fleet(60, 1), B, token).kind).toBe("held");
    expect(judgePluginEdits(fleet(60), C, token).kind).toBe("held");
  });
  it("never go on beyond 50 by another's token", () => {
    fc.assert(
      fc.property(fc.integer({ min: 51, max: 80 }), fc.integer({ min: 51, max: 80 }), fc.nat(3), (one, other, from) => {
        const isSame = one === other && from === 0;
        const { kind } = judgePluginEdits(fleet(one), B, tokenOf(fleet(other, from)));
        expect(kind).toBe(isSame ? "allowed" : "held");
      }),
    );
  });
});
