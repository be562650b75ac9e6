import { fileSetName } from "../naming/resource-names.ts";
import { fileSetPolicyOf } from "./file-set-policy.ts";
import { optionWord, renderPluginLine } from "./plugin-line.ts";
import { quoted, quotedName } from "./quoted.ts";
import type { NewVmFiles } from "./render-job.ts";

/**
 * The `fileset` file of a new VM, byte for byte in the white paper's form. Its plugin line always names the uuid: a
 * FileSet without a selector backs up the whole cloud. Throws UnsafeValueError.
 */
export function renderFileSet(vm: Pick<NewVmFiles, "policy" | "slug" | "uuid">): string {
  const { policy, slug, uuid } = vm;
  const { signature, dedup, plugin } = fileSetPolicyOf(policy);
  const options: string[] = [];
  if (signature !== "") options.push(`      signature = ${optionWord("signature", signature)}`);
  if (dedup !== "") options.push(`      dedup     = ${optionWord("dedup", dedup)}`);
  return [
    "FileSet {",
    `  Name = ${quotedName("FileSet name", fileSetName(policy, slug))}`,
    "  Include {",
    "    Options {",
    ...options,
    "    }",
    `    Plugin = ${quoted("Plugin", renderPluginLine(plugin, uuid))}`,
    "  }",
    "}",
    "",
  ].join("\n");
}
