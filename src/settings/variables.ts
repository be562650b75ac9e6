import { z } from "zod";
import {
  JOB_DEFS_GLOB,
  OPTION_WORD,
  PLUGIN_OPTIONS,
  PLUGIN_WORD,
  RESOURCE_NAME,
} from "../domain/client/allowed-text.ts";
import type { SettingKind } from "./setting-kinds.ts";
import * as kinds from "./setting-kinds.ts";

export type FrontEnd = "operator" | "command line";

/** One variable as the documentation lists it. */
export interface VariableDescription {
  /** Another name for it; counts when the variable itself is not set. */
  readonly alias?: string;
  /** The field of an OpenStackClient's spec that goes before it. */
  readonly specField?: string;
  /** As it would be written, or in words what happens without it. */
  readonly shownDefault: string;
  readonly description: string;
  /** Completes the sentence `GRACE_DAYS is "-1": ...`. */
  readonly allowed: string;
  readonly frontEnd: FrontEnd | "both";
  /** An empty value means something; otherwise it counts as unset. */
  readonly mayBeEmpty?: true;
  /** The value is never shown. */
  readonly isSecret?: true;
}

const descriptions = z.registry<VariableDescription>();

type About = Omit<VariableDescription, "shownDefault" | "allowed" | "frontEnd"> & { readonly frontEnd?: FrontEnd };

/** A variable with a default, written as one would write it in the environment. */
function withDefault<T>(kind: SettingKind<T>, shownDefault: string, about: About) {
  const schema = z.string().default(shownDefault).pipe(kind.schema);
  return schema.register(descriptions, describe(kind, shownDefault, about));
}

/** A variable that may be unset; `otherwise` says what happens then. */
function unset<T>(kind: SettingKind<T>, otherwise: string, about: About) {
  return kind.schema.optional().register(descriptions, describe(kind, otherwise, about));
}

function describe<T>(kind: SettingKind<T>, shownDefault: string, about: About): VariableDescription {
  const { allowed, isSecret } = kind;
  return { frontEnd: "both", ...about, shownDefault, allowed, ...(isSecret && { isSecret }) };
}

/** The environment as this program reads it: every variable of spec section 8, in its order. */
export const environment = z.object({
  CLIENTS_CONF: withDefault(kinds.file(), "./clients.conf", {
    description: "The clients, one a line: datacenter openstack client proxy_server job_prefix [jobdefs].",
    frontEnd: "command line",
  }),
  BASE_DIR: withDefault(kinds.folder(), "/opt/bacula/etc/openstack", {
    description: "The folder of the job files; it is shared with the Director.",
  }),
  DIRECTOR_BASE_DIR: unset(kinds.folder(), "the same as BASE_DIR", {
    description: "BASE_DIR as the Director sees it: the paths in include.conf begin with it.",
  }),
  JOBDEFS: withDefault(kinds.text(RESOURCE_NAME, "a JobDefs"), "DefaultJob", {
    specField: "jobDefs",
    description: "The JobDefs of VMs for which nobody chose another.",
  }),
  STORAGE: withDefault(kinds.textOrEmpty(RESOURCE_NAME, "a Storage"), "File1", {
    specField: "storage",
    mayBeEmpty: true,
    description: "The Storage of each Job; empty leaves the line out.",
  }),
  POOL: withDefault(kinds.textOrEmpty(RESOURCE_NAME, "a Pool"), "Default", {
    specField: "pool",
    mayBeEmpty: true,
    description: "The Pool of each Job; empty leaves the line out.",
  }),
  SCHEDULE: withDefault(kinds.textOrEmpty(RESOURCE_NAME, "a Schedule"), "WeeklyCycle", {
    specField: "schedule",
    mayBeEmpty: true,
    description: "The Schedule of each Job; empty leaves the line out.",
  }),
  MESSAGES: withDefault(kinds.textOrEmpty(RESOURCE_NAME, "a Messages resource"), "Standard", {
    specField: "messages",
    mayBeEmpty: true,
    description: "The Messages resource of each Job; empty leaves the line out.",
  }),
  DEDUP_ALGO: withDefault(kinds.textOrEmpty(OPTION_WORD, "dedup"), "sha256", {
    specField: "dedup",
    mayBeEmpty: true,
    description: "The FileSet's dedup option: sha256 is Bacula Enterprise's; none or empty leaves the line out.",
  }),
  SIGNATURE: withDefault(kinds.textOrEmpty(OPTION_WORD, "a signature"), "SHA256", {
    specField: "signature",
    mayBeEmpty: true,
    description: "The FileSet's signature option; empty leaves the line out.",
  }),
  PLUGIN_NAME: withDefault(kinds.text(PLUGIN_WORD, "a plugin"), "openstack", {
    specField: "plugin.name",
    description: "The File Daemon's plugin in the Plugin line and in the query.",
  }),
  PLUGIN_SELECTOR: withDefault(kinds.text(PLUGIN_WORD, "a selector"), "instance", {
    specField: "plugin.selector",
    description: "The plugin's keyword before the VM's uuid.",
  }),
  PLUGIN_OPTIONS: withDefault(kinds.textOrEmpty(PLUGIN_OPTIONS, "the options"), "", {
    specField: "plugin.options",
    mayBeEmpty: true,
    description: "Further words of the Plugin line.",
  }),
  ALLOWED_JOBDEFS: unset(kinds.listOf(JOB_DEFS_GLOB, "globs"), "every JobDefs of type Backup", {
    specField: "allowedJobDefs",
    description: "Globs of the JobDefs that a VM's tag may choose, separated by blanks.",
  }),
  OVERRIDE_TAGGED_JOBDEFS: withDefault(kinds.onOff(), "0", {
    description: "1: Pool, Schedule, Storage and Messages are written also where a tag's JobDefs has its own.",
  }),
  GRACE_DAYS: withDefault(
    kinds.decimal("days must be 0 or more, such as 14 or 0.5", (days) => days <= 36_500),
    "14",
    { specField: "graceDays", description: "Days that a VM may be absent before its job is disabled." },
  ),
  CLEANUP_AFTER_DAYS: unset(
    kinds.decimal(
      "days must be more than 0, such as 90; 0 is refused, since it may be meant as never or as at once: leave it unset for never",
      (days) => days > 0 && days <= 36_500,
    ),
    "unset: nothing is ever purged",
    {
      specField: "cleanupAfterDays",
      description: "Days after the disable until the job, its files and its backups in the catalog are deleted.",
    },
  ),
  MAX_MISSING_COUNT: withDefault(kinds.whole(" of VMs", 0, 1_000_000, 10), "10", {
    specField: "maxMissing.count",
    description: "More missing VMs than this, and than the percentage, are held for approval.",
  }),
  MAX_MISSING_PERCENT: withDefault(
    kinds.decimal("percent must be from 0 to 100, such as 20", (percent) => percent <= 100),
    "20",
    { specField: "maxMissing.percent", description: "Percent of the client's known VMs; see MAX_MISSING_COUNT." },
  ),
  ALLOW_EMPTY: withDefault(kinds.onOff(), "0", {
    specField: "allowEmpty",
    description: "1: an empty answer to the query means no VMs; 0: it is a failure.",
  }),
  OPT_OUT_ACTION: withDefault(kinds.oneOf("Leave", "Disable"), "Leave", {
    specField: "optOutAction",
    description: "What happens to the existing job of a VM that is tagged backup=false.",
  }),
  HEAL_MISSING_FILES: withDefault(kinds.onOff(), "1", {
    specField: "healMissingFiles",
    description: "1: a VM known to the catalog whose job file is gone gets it again; 0: it is counted as unprotected.",
  }),
  FIRST_BACKUP: withDefault(kinds.oneOf("Scheduled", "Immediate"), "Scheduled", {
    specField: "firstBackup",
    description: "When a new VM is first backed up.",
  }),
  MAX_BACKUP_AGE: unset(kinds.duration(1_000, "1s"), "unset: age does not count", {
    specField: "maxBackupAge",
    description: "A VM whose last good backup is older counts as unprotected.",
  }),
  FIRST_BACKUPS_PER_CLIENT: withDefault(kinds.whole(" of runs", 1, 1_000, 2), "2", {
    description: "First backups at once for one client, counting what runs and what is queued.",
  }),
  FIRST_BACKUPS_TOTAL: withDefault(kinds.whole(" of runs", 1, 1_000, 5), "5", {
    description: "First backups at once for all clients together.",
  }),
  PURGES_PER_PASS: withDefault(kinds.whole(" of VMs", 1, 10, 10), "10", {
    description: "VMs that one pass over one client may purge; at most 10.",
  }),
  NEW_VMS_PER_PASS: withDefault(kinds.whole(" of VMs", 1, 1_000_000, 10_000), "10000", {
    description: "New VMs that one pass over one client protects; the rest follows in the next pass.",
  }),
  TAG_CHANGE_INTERVAL: withDefault(kinds.duration(0, "0s"), "1h", {
    description: "Tag changes of one VM are applied at most once in this time.",
  }),
  PURGED_VOLUMES: withDefault(kinds.oneOf("keep", "truncate", "delete"), "keep", {
    description: "What happens to a volume that a purge leaves empty.",
  }),
  DRYRUN: withDefault(kinds.onOff(), "0", {
    specField: "mode",
    description: "1: nothing is written and only shown; in the operator it is mode DryRun for all clients.",
  }),
  RELOAD_AFTER_SYNC: withDefault(kinds.onOff(), "0", {
    description: "1: the Director reloads after a change; the operator always does.",
    frontEnd: "command line",
  }),
  INTERVAL: withDefault(kinds.duration(1_000, "1s"), "5m", {
    specField: "interval",
    description: "Time between two passes over one client.",
    frontEnd: "operator",
  }),
  MAX_SYNC_GAP: withDefault(kinds.duration(60_000, "1m"), "36h", {
    description: "A longer gap between two trusted listings does not count as absence.",
    frontEnd: "command line",
  }),
  BCONSOLE: withDefault(kinds.file(), "bconsole", {
    alias: "B_CONSOLE",
    description: "The bconsole program: a path, or a name on PATH.",
  }),
  B_CONSOLE_CONF: unset(kinds.file(), "bconsole's own default", { description: "bconsole's configuration file." }),
  PURGE_CONSOLE_CONF: unset(kinds.file(), "the same as B_CONSOLE_CONF", {
    description: "The configuration file of the Console that may delete jobs.",
  }),
  BCONSOLE_TIMEOUT: withDefault(kinds.duration(1_000, "1s"), "60s", {
    description: "How long one bconsole session may take before it is killed.",
  }),
  BCONSOLE_MAX_BYTES: withDefault(kinds.size(), "64 MiB", {
    description: "How long an answer of bconsole may be.",
  }),
  DIRECTOR_TEST_COMMAND: unset(kinds.command(), "unset: not tested", {
    description: "Tests the Director's configuration, such as bacula-dir -t -c /opt/bacula/etc/bacula-dir.conf.",
  }),
  DIRECTOR_LOG: unset(kinds.file(), "unset: not read", {
    description: "The append file of the Director's Daemon messages, where it names what it refuses.",
  }),
  DB_HOST: withDefault(kinds.word("localhost"), "localhost", { description: "The catalog's PostgreSQL server." }),
  DB_PORT: withDefault(kinds.whole("", 1, 65_535, 5_432), "5432", { description: "Its port." }),
  DB_NAME: withDefault(kinds.word("bacula"), "bacula", { description: "The catalog's database." }),
  DB_USER: withDefault(kinds.word("bacula"), "bacula", { description: "Who reads the catalog." }),
  DB_TLS: withDefault(kinds.oneOf("0", "1", "unverified"), "0", {
    description: "1: TLS with a verified certificate; unverified: TLS with any; 0: none.",
  }),
  DB_TLS_CA: unset(kinds.file(), "the system's", { description: "The CA file for DB_TLS=1." }),
  PGPASSWORD: unset(kinds.secret(), "PGPASSFILE", { description: "The password of DB_USER." }),
  PGPASSFILE: unset(kinds.file(), "~/.pgpass", {
    description: "The file of passwords, as PostgreSQL's own clients read it.",
  }),
  PURGE_DB_USER: unset(kinds.word("bacula_purge"), "DB_USER", { description: "Who may delete rows of the catalog." }),
  PURGE_PGPASSWORD: unset(kinds.secret(), "PGPASSWORD or PGPASSFILE", {
    description: "The password of PURGE_DB_USER.",
  }),
  TIMEZONE: unset(kinds.timeZone(), "the process's", {
    description: "The zone of times without one in existing job files (YYYY-MM-DD HH:MM:SS).",
  }),
  LOCK_WAIT: withDefault(kinds.duration(0, "0s"), "5m", {
    description: "How long to wait for another writer of BASE_DIR.",
  }),
  LOG_LEVEL: unset(kinds.logLevel(), "warn (operator: info)", {
    alias: "RUST_LOG",
    description: "How much is logged.",
  }),
  LOG_FORMAT: unset(kinds.oneOf("text", "json"), "text (operator: json)", { description: "How it is logged." }),
  KUBECONFIG: unset(kinds.file(), "the service account of the pod", {
    description: "How to reach the API server from outside.",
    frontEnd: "operator",
  }),
  WATCH_NAMESPACE: unset(kinds.namespace(), "all namespaces", {
    description: "The only namespace whose resources are looked at.",
    frontEnd: "operator",
  }),
  POD_NAMESPACE: withDefault(kinds.namespace(), "default", {
    description: "The operator's own namespace: its Lease is there.",
    frontEnd: "operator",
  }),
  LEADER_ELECT: withDefault(kinds.onOff(), "1", {
    description: "1: of several operators one acts, by a Lease.",
    frontEnd: "operator",
  }),
  METRICS_BIND_ADDRESS: withDefault(kinds.bindAddress(), ":8080", {
    description: "Where /metrics is served; 0 for nowhere.",
    frontEnd: "operator",
  }),
  HEALTH_PROBE_BIND_ADDRESS: withDefault(kinds.bindAddress(), ":8081", {
    description: "Where /livez and /readyz are served; 0 for nowhere.",
    frontEnd: "operator",
  }),
});

/** The same as a list, for messages and for the documentation. */
export const SETTINGS: readonly (VariableDescription & { readonly variable: string })[] = Object.entries(
  environment.shape,
).flatMap(([variable, schema]) => {
  const description = descriptions.get(schema);
  return description === undefined ? [] : [{ variable, ...description }];
});
