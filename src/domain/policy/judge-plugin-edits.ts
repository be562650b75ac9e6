import { createHash } from "node:crypto";
import type { PluginLinePolicy } from "../jobfile/file-set-policy.ts";

/** A VM whose Plugin line would follow a changed policy. */
export interface PluginEdit {
  readonly uuid: string;
  readonly name: string;
}

export type PluginVerdict =
  | { readonly kind: "allowed"; readonly approvedBy?: string | undefined }
  /** None of these Plugin lines is edited; `token` approves the change of exactly these. */
  | { readonly kind: "held"; readonly names: readonly string[]; readonly token: string };

/** Lines that change at once without a question (spec section 3). */
const MOST_PLUGIN_EDITS = 50;

/**
 * A changed Plugin line makes the next run of its job a Full (measured), and a whole fleet's Fulls in one night fill pools
 * and networks. So more than 50 at once wait for approval, all of them, as many absences do (rule 2).
 */
export function judgePluginEdits(
  edits: readonly PluginEdit[],
  to: PluginLinePolicy,
  approval: string | undefined,
): PluginVerdict {
  if (edits.length <= MOST_PLUGIN_EDITS) return { kind: "allowed" };
  const token = pluginToken(edits, to);
  if (approval === token) return { kind: "allowed", approvedBy: token };
  return { kind: "held", names: edits.map(({ name }) => name).sort((a, b) => (a < b ? -1 : 1)), token };
}

/**
 * `<count>-<hash>`, of the sorted uuids and of what the lines become: the same fleet may change again tomorrow, which is
 * another question, and a token is good once.
 */
function pluginToken(edits: readonly PluginEdit[], to: PluginLinePolicy): string {
  const uuids = edits.map(({ uuid }) => uuid).sort((a, b) => (a < b ? -1 : 1));
  const { name, proxyServer, selector, options } = to;
  const text = [...uuids, JSON.stringify([name, proxyServer, selector, options])].join("\n");
  return `${uuids.length}-${createHash("sha256").update(text).digest("hex").slice(0, 8)}`;
}
