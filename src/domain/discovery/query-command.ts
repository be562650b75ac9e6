import type { ClientPolicy } from "../client/client-policy.ts";

/** A value that must not be written to bconsole; the settings or the spec have let through what they should not. */
export class QueryValueError extends Error {
  readonly code = "QUERY_VALUE_NOT_ALLOWED";
  readonly field: string;
  readonly value: string;
  readonly allowed: string;

  constructor(field: string, value: string, allowed: string) {
    super(`${field} is ${JSON.stringify(value)}: it must be ${allowed}`);
    this.name = "QueryValueError";
    this.field = field;
    this.value = value;
    this.allowed = allowed;
  }
}

/**
 * The one `.query` line that asks a proxy for its VMs (white paper 3.1), without a newline.
 *
 * Every value is held against an allow list, since a newline would start a second command and a line that begins with
 * `@exec` runs a program in bconsole itself; a blank or a quote would add words to the plugin's own command.
 *
 * @throws QueryValueError naming the value and what is allowed.
 */
export function queryCommand(policy: Pick<ClientPolicy, "client" | "proxyServer" | "plugin">): string {
  const plugin = allow("plugin name", policy.plugin.name, PLUGIN_NAME);
  const proxy = allow("proxyServer", policy.proxyServer, PROXY_SERVER);
  const client = allow("client", policy.client, CLIENT_NAME);
  return `.query plugin="${plugin}: proxy_server=${proxy}" client="${client}" parameter=server`;
}

interface AllowList {
  readonly pattern: RegExp;
  readonly inWords: string;
}

const PLUGIN_NAME: AllowList = {
  pattern: /^[A-Za-z0-9_-]{1,64}$/,
  inWords: "1 to 64 ASCII letters, digits, _ or -, such as openstack",
};
const PROXY_SERVER: AllowList = {
  pattern: /^[A-Za-z0-9][A-Za-z0-9:._-]{0,254}$/,
  inWords: "a host name or uuid of 1 to 255 ASCII letters, digits or : . _ - beginning with a letter or digit",
};
/** Bacula's own rule for a resource name, less a blank at either end. */
const CLIENT_NAME: AllowList = {
  pattern: /^(?! )[A-Za-z0-9:._ -]{1,127}(?<! )$/,
  inWords: "a Bacula resource name of 1 to 127 ASCII letters, digits, blanks or : . _ -",
};

function allow(field: string, value: string, list: AllowList): string {
  if (!list.pattern.test(value)) throw new QueryValueError(field, value, list.inWords);
  return value;
}
