import type { ClientPolicy } from "../client/client-policy.ts";

/** What a client's policy says of its FileSets; the same for each of its VMs. */
export interface FileSetPolicy {
  /** "" leaves the line out; so for dedup. */
  readonly signature: string;
  readonly dedup: string;
  readonly plugin: PluginLinePolicy;
}

/** The parts of a Plugin line beside the uuid. */
export interface PluginLinePolicy {
  readonly name: string;
  readonly proxyServer: string;
  /** The keyword before the uuid. */
  readonly selector: string;
  /** Further words, each apart by one blank; may be empty. */
  readonly options: string;
}

/** Policies that write the same FileSets are the same: `none` is no dedup, and a second blank is no other option. */
export function fileSetPolicyOf({
  signature,
  dedup,
  plugin,
  proxyServer,
}: Pick<ClientPolicy, "signature" | "dedup" | "plugin" | "proxyServer">): FileSetPolicy {
  const { name, selector } = plugin;
  const options = plugin.options.split(" ").filter((word) => word !== "");
  return {
    signature,
    dedup: dedup.toLowerCase() === "none" ? "" : dedup,
    plugin: { name, proxyServer, selector, options: options.join(" ") },
  };
}

export function isSameFileSetPolicy(a: FileSetPolicy, b: FileSetPolicy): boolean {
  return a.signature === b.signature && a.dedup === b.dedup && isSamePlugin(a.plugin, b.plugin);
}

function isSamePlugin(a: PluginLinePolicy, b: PluginLinePolicy): boolean {
  return a.name === b.name && a.proxyServer === b.proxyServer && a.selector === b.selector && a.options === b.options;
}
