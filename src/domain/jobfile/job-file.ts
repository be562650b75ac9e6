/**
 * What a `job` file on the volume says: the `#@` headers (our state) and the directives of its one Job resource.
 * The file's bytes stay the truth; this is what was read from them (spec section 3).
 */
export interface JobFile {
  readonly headers: JobHeaders;
  readonly directives: JobDirectives;
  /** When the file was made, ms since the epoch, as its `created:` comment says in UTC; absent where there is none. */
  readonly createdMs?: number | undefined;
}

/** The `#@` headers. Times are milliseconds since the epoch. */
export interface JobHeaders {
  /** The VM's display name, control characters removed. */
  readonly vm: string;
  /** In lower case. */
  readonly uuid: string;
  readonly datacenter: string;
  readonly openstack: string;
  readonly client: string;
  readonly status: "active" | "disabled";
  readonly missingSince?: number | undefined;
  readonly disabled?: number | undefined;
  readonly reenabled?: number | undefined;
  /** A person's words; the VM is never disabled or purged. */
  readonly hold?: string | undefined;
  /** A person's words; directives stay as they are, absence does not count. */
  readonly suspend?: string | undefined;
  /** A person's choice of JobDefs; before any tag. */
  readonly jobDefs?: string | undefined;
  readonly firstBackup?: "wanted" | undefined;
}

/** The directives we know of one Job resource; a directive that the file does not have is absent. */
export interface JobDirectives {
  readonly name: string;
  readonly jobDefs?: string | undefined;
  readonly client?: string | undefined;
  readonly fileSet?: string | undefined;
  readonly storage?: string | undefined;
  readonly pool?: string | undefined;
  readonly schedule?: string | undefined;
  readonly messages?: string | undefined;
  readonly enabled?: boolean | undefined;
}

/** The directives that policy drives and a surgical edit may change, in the order of the white paper's sample. */
export const POLICY_DIRECTIVES = ["jobDefs", "storage", "pool", "schedule", "messages"] as const;
export type PolicyDirective = (typeof POLICY_DIRECTIVES)[number];

/** What a `fileset` file says. */
export interface FileSetFile {
  readonly name: string;
  /** The values of its `Plugin =` lines, unquoted. */
  readonly plugins: readonly string[];
}

/** What one surgical edit changes; all else of the file stays byte for byte. */
export interface JobEdit {
  /** `null` removes the header or directive; an absent key leaves it as it is. */
  readonly headers?: { readonly [K in keyof JobHeaders]?: JobHeaders[K] | null };
  readonly directives?: { readonly [K in PolicyDirective | "enabled"]?: JobDirectives[K] | null };
}

/** Reading a file: a value, a file that is not ours (no `#@` headers at all), or one that we refuse, with the reason. */
export type Read<T> =
  | { readonly kind: "read"; readonly value: T }
  | { readonly kind: "foreign" }
  | { readonly kind: "invalid"; readonly line: number; readonly reason: string };
