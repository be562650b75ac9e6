import { fileSetName } from "../naming/resource-names.ts";
import { quoted, quotedName, UnsafeValueError } from "./quoted.ts";
import type { NewVmFiles } from "./render-job.ts";

/** A word of the plugin line: a blank or quote in it would begin another. */
const WORD = /^[A-Za-z0-9:._-]+$/;
const KEYWORD = /^[A-Za-z0-9_-]+$/;

/**
 * The `fileset` file of a new VM, byte for byte in the white paper's form. Its plugin line always names the uuid: a
 * FileSet without a selector backs up the whole cloud. Throws UnsafeValueError.
 */
export function renderFileSet(vm: Pick<NewVmFiles, "policy" | "slug" | "uuid">): string {
  const { policy, slug, uuid } = vm;
  const options = [`      signature = ${word("signature", policy.signature)}`];
  if (policy.dedup !== "" && policy.dedup.toLowerCase() !== "none") {
    options.push(`      dedup     = ${word("dedup", policy.dedup)}`);
  }
  return [
    "FileSet {",
    `  Name = ${quotedName("FileSet name", fileSetName(policy, slug))}`,
    "  Include {",
    "    Options {",
    ...options,
    "    }",
    `    Plugin = ${quoted("Plugin", pluginLine(policy, uuid))}`,
    "  }",
    "}",
    "",
  ].join("\n");
}

function pluginLine({ plugin, proxyServer }: NewVmFiles["policy"], uuid: string): string {
  if (!KEYWORD.test(plugin.selector))
    throw new UnsafeValueError(`plugin selector ${JSON.stringify(plugin.selector)} is no keyword such as instance`);
  const start = `${word("plugin name", plugin.name)}: proxy_server=${word("proxy server", proxyServer)} ${plugin.selector}=${word("uuid", uuid)}`;
  return plugin.options === "" ? start : `${start} ${plugin.options}`;
}

function word(what: string, value: string): string {
  if (!WORD.test(value))
    throw new UnsafeValueError(`${what} ${JSON.stringify(value)} is not one word of letters, digits and : . _ -`);
  return value;
}
