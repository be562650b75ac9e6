/**
 * What an administrator wants for one OpenStack instance, with every default filled in: the effective form of an
 * `OpenStackClient` spec or of one line of `clients.conf` plus the settings (spec section 7 and 8).
 *
 * Identity fields (datacenter, openstack, client, jobPrefix) never change during the life of a client.
 */
export interface ClientPolicy extends ClientIdentity {
  /** `proxy_server=` of the plugin line and of `.query`. */
  readonly proxyServer: string;
  /** The JobDefs of VMs without a tag or a person's override, and where that default came from. */
  readonly jobDefs: { readonly name: string; readonly from: "Client" | "Global" };
  /** Globs over the whole name, case-sensitive. Absent: every JobDefs of type Backup is allowed. */
  readonly allowedJobDefs?: readonly string[] | undefined;
  /** Writes Pool, Schedule, Storage and Messages also where a tag's JobDefs has its own. */
  readonly overrideTaggedJobDefs: boolean;
  /** An empty string leaves the directive's line out; so for pool, schedule and messages. */
  readonly storage: string;
  readonly pool: string;
  readonly schedule: string;
  readonly messages: string;
  /** `dedup =` of the FileSet; "" and "none" leave the line out. */
  readonly dedup: string;
  readonly signature: string;
  readonly plugin: PluginPolicy;
  /** Time between two passes. */
  readonly intervalMs: number;
  readonly graceDays: number;
  /** Absent: nothing is ever purged (rule 5). */
  readonly cleanupAfterDays?: number | undefined;
  readonly maxMissing: { readonly count: number; readonly percent: number };
  /** A VM whose last good backup is older counts as unprotected. Absent: age does not count. */
  readonly maxBackupAgeMs?: number | undefined;
  /** An empty answer of `.query` is a listing of no VMs instead of a failure. */
  readonly allowEmpty: boolean;
  readonly optOutAction: "Leave" | "Disable";
  readonly firstBackup: "Scheduled" | "Immediate";
  readonly healMissingFiles: boolean;
  readonly mode: "Enforce" | "DryRun";
  readonly suspended: boolean;
  readonly deletionPolicy: "Retain" | "Delete";
}

/** The four names that make a client; each of `client`, `jobPrefix` and (datacenter, openstack) is unique (rule 6). */
export interface ClientIdentity {
  /** First folder below BASE_DIR. */
  readonly datacenter: string;
  /** Second folder below BASE_DIR. */
  readonly openstack: string;
  /** The Bacula Client (File Daemon of the proxy). */
  readonly client: string;
  /** Begins the name of every Job of this client. */
  readonly jobPrefix: string;
}

/** How the FileSet's `Plugin =` line and the `.query` name the plugin (spec section 3, "Plugin line"). */
export interface PluginPolicy {
  /** The FD plugin, such as `openstack`. */
  readonly name: string;
  /** The keyword before the uuid, such as `instance`. */
  readonly selector: string;
  /** Further words of the plugin line, such as `verbose=1`; may be empty. */
  readonly options: string;
}
