/**
 * What a text may look like before it reaches a configuration file, a console command, SQL or a path (rule 8). Both
 * front ends and the CRDs refuse by these same rules. Patterns hold for RE2 (no lookaround) and need the flag `u`.
 */
export interface AllowedText {
  readonly pattern: RegExp;
  /** In UTF-16 units. */
  readonly maxLength: number;
  /** For the message: what is allowed, with an example. */
  readonly allowed: string;
}

/** A folder below BASE_DIR: a datacenter or an OpenStack instance. Not hidden, so never our own state folder. */
export const FOLDER_NAME: AllowedText = {
  pattern: /^[A-Za-z0-9:_][A-Za-z0-9:._-]*$/u,
  // Both are part of each FileSet's name, of which Bacula keeps 104 characters.
  maxLength: 60,
  allowed: "up to 60 ASCII letters, digits and :._- that do not begin with - or ., such as datacenter1",
};

/** The beginning of every job name of one client. */
export const JOB_PREFIX: AllowedText = {
  pattern: /^[A-Za-z0-9:_][A-Za-z0-9:._-]*$/u,
  maxLength: 60,
  allowed: "up to 60 ASCII letters, digits and :._- that do not begin with - or ., such as backup-dc1-os1-",
};

/** A Bacula resource's name (MAX_NAME_LENGTH of Bacula is 128 with the final NUL). Blanks only inside. */
export const RESOURCE_NAME: AllowedText = {
  pattern: /^[A-Za-z0-9:._-]([A-Za-z0-9:._ -]*[A-Za-z0-9:._-])?$/u,
  maxLength: 127,
  allowed: "up to 127 ASCII letters, digits, :._- and blanks inside, such as LinuxVMJob",
};

/** Globs over JobDefs names. */
export const JOB_DEFS_GLOB: AllowedText = {
  pattern: /^[A-Za-z0-9:._*?-]([A-Za-z0-9:._*? -]*[A-Za-z0-9:._*?-])?$/u,
  maxLength: 127,
  allowed: "up to 127 ASCII letters, digits, :._- and the wildcards * and ?, such as Gold*",
};

/** One word of the plugin's language: its name, the selector, the proxy. */
export const PLUGIN_WORD: AllowedText = {
  pattern: /^[A-Za-z0-9:._-]+$/u,
  maxLength: 253,
  allowed: "up to 253 ASCII letters, digits and :._- without blanks, such as dc1-os1-proxy",
};

/** Further words of the plugin line: nothing that ends the quoted string or the line. */
export const PLUGIN_OPTIONS: AllowedText = {
  pattern: /^[^"\\\p{Cc}\p{Zl}\p{Zp}]*$/u,
  maxLength: 512,
  allowed: 'up to 512 characters on one line without " and \\, such as verbose=1',
};

/** A value of a FileSet option, such as a digest. */
export const OPTION_WORD: AllowedText = {
  pattern: /^[A-Za-z0-9_-]+$/u,
  maxLength: 32,
  allowed: "up to 32 ASCII letters, digits, _ and -, such as SHA256",
};

/** A person's words in a `#@` header: one line, no blanks at its ends, since a header is read without them. */
export const REASON_TEXT: AllowedText = {
  pattern: /^[^\s\p{Cc}\p{Zl}\p{Zp}]([^\p{Cc}\p{Zl}\p{Zp}]*[^\s\p{Cc}\p{Zl}\p{Zp}])?$/u,
  maxLength: 256,
  allowed: "up to 256 characters on one line, such as legal case 12",
};

/** Files that BASE_DIR holds beside the datacenters' folders, so no datacenter may have such a name. */
export const RESERVED_DATACENTERS: readonly string[] = ["include.conf", "HOLD"];
/** Of datacenter and openstack together, so that a FileSet's name has room for a slug with its uuid. */
export const MAX_FOLDERS_LENGTH = 60;

/** Whether the text is one of these. */
export function isAllowed(text: string, rule: AllowedText): boolean {
  return text.length <= rule.maxLength && rule.pattern.test(text);
}
