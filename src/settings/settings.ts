import type { z } from "zod";
import type { ClientPolicy } from "../domain/client/client-policy.ts";
import type { Secret } from "./secret.ts";
import type { BindAddress, LogLevel } from "./setting-kinds.ts";
import { environment, type FrontEnd, SETTINGS } from "./variables.ts";

/** Everything that the environment decides, checked and with defaults; parsed once at start (spec section 8). */
export interface Settings {
  readonly clientsConf: string;
  readonly baseDir: string;
  /** `baseDir` as the Director sees it. */
  readonly directorBaseDir: string;
  readonly clientDefaults: ClientDefaults;
  readonly limits: Limits;
  readonly isDryRun: boolean;
  readonly reloadAfterSync: boolean;
  readonly maxSyncGapMs: number;
  readonly bconsole: BconsoleSettings;
  readonly director: {
    readonly testCommand?: readonly string[] | undefined;
    readonly logFile?: string | undefined;
  };
  readonly catalog: CatalogSettings;
  /** Absent: the process's. */
  readonly timeZone?: string | undefined;
  readonly lockWaitMs: number;
  readonly log: { readonly level: LogLevel; readonly format: "text" | "json" };
  readonly kubernetes: KubernetesSettings;
}

/** What a client gets where its own spec or line says nothing. */
export interface ClientDefaults
  extends Pick<
    ClientPolicy,
    | "allowedJobDefs"
    | "overrideTaggedJobDefs"
    | "storage"
    | "pool"
    | "schedule"
    | "messages"
    | "dedup"
    | "signature"
    | "plugin"
    | "intervalMs"
    | "graceDays"
    | "cleanupAfterDays"
    | "maxMissing"
    | "maxBackupAgeMs"
    | "allowEmpty"
    | "optOutAction"
    | "firstBackup"
    | "healMissingFiles"
  > {
  readonly jobDefs: string;
}

export interface Limits {
  readonly firstBackupsPerClient: number;
  readonly firstBackupsTotal: number;
  readonly purgesPerPass: number;
  readonly newVmsPerPass: number;
  readonly tagChangeIntervalMs: number;
  readonly purgedVolumes: "keep" | "truncate" | "delete";
}

export interface BconsoleSettings {
  /** A path, or a name on PATH. */
  readonly program: string;
  /** Absent: bconsole's own default. */
  readonly configFile?: string | undefined;
  /** The Console that may delete jobs; absent: the same. */
  readonly purgeConfigFile?: string | undefined;
  readonly timeoutMs: number;
  readonly maxAnswerBytes: number;
}

export interface CatalogSettings {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly tls: "off" | "verified" | "unverified";
  readonly tlsCaFile?: string | undefined;
  readonly password?: Secret | undefined;
  /** Absent: `~/.pgpass`. */
  readonly passwordFile?: string | undefined;
  /** Who may delete rows; absent: `user`. */
  readonly purgeUser?: string | undefined;
  readonly purgePassword?: Secret | undefined;
}

export interface KubernetesSettings {
  /** Absent: the service account of the pod. */
  readonly kubeconfig?: string | undefined;
  /** Absent: all namespaces. */
  readonly watchNamespace?: string | undefined;
  readonly podNamespace: string;
  readonly leaderElect: boolean;
  readonly metricsAddress: BindAddress | "off";
  readonly healthAddress: BindAddress | "off";
}

export type ParsedSettings =
  | { readonly kind: "ok"; readonly settings: Settings }
  /** One line for each wrong variable: its name, its value, and what is allowed. */
  | { readonly kind: "invalid"; readonly problems: readonly string[] };

/**
 * Reads the settings of one front end from its environment; the only place that knows a variable's name. All wrong
 * variables are told at once. A variable that is set but empty counts as unset, except where empty means "no such line".
 */
export function parseSettings(env: Readonly<Record<string, string | undefined>>, frontEnd: FrontEnd): ParsedSettings {
  const values: Record<string, string> = {};
  const namedAs = new Map<string, string>();
  for (const { variable, alias, mayBeEmpty } of SETTINGS) {
    for (const name of alias === undefined ? [variable] : [variable, alias]) {
      const value = env[name];
      if (value === undefined || (value === "" && mayBeEmpty === undefined) || variable in values) continue;
      values[variable] = value;
      namedAs.set(variable, name);
    }
  }
  const parsed = environment.safeParse(values);
  if (parsed.success) return { kind: "ok", settings: arrange(parsed.data, frontEnd) };
  const problems = parsed.error.issues.map(({ path, message }) => {
    const variable = String(path[0]);
    const isSecret = SETTINGS.find((setting) => setting.variable === variable)?.isSecret === true;
    const shown = isSecret ? "wrong (its value is not shown" : `${quote(values[variable] ?? "")} (from the environment`;
    return `${namedAs.get(variable) ?? variable} is ${shown}): ${message}`;
  });
  return { kind: "invalid", problems };
}

/** Control characters escaped, and not longer than a line. */
function quote(value: string): string {
  // JSON leaves DEL and the control characters behind it as they are.
  const text = JSON.stringify(value).replaceAll(/\p{Cc}/gu, "?");
  return text.length <= 120 ? text : `${text.slice(0, 116)}..."`;
}

function arrange(env: z.infer<typeof environment>, frontEnd: FrontEnd): Settings {
  const isOperator = frontEnd === "operator";
  return {
    clientsConf: env.CLIENTS_CONF,
    baseDir: env.BASE_DIR,
    directorBaseDir: env.DIRECTOR_BASE_DIR ?? env.BASE_DIR,
    clientDefaults: {
      jobDefs: env.JOBDEFS,
      allowedJobDefs: env.ALLOWED_JOBDEFS,
      overrideTaggedJobDefs: env.OVERRIDE_TAGGED_JOBDEFS,
      storage: env.STORAGE,
      pool: env.POOL,
      schedule: env.SCHEDULE,
      messages: env.MESSAGES,
      dedup: env.DEDUP_ALGO,
      signature: env.SIGNATURE,
      plugin: { name: env.PLUGIN_NAME, selector: env.PLUGIN_SELECTOR, options: env.PLUGIN_OPTIONS },
      intervalMs: env.INTERVAL,
      graceDays: env.GRACE_DAYS,
      cleanupAfterDays: env.CLEANUP_AFTER_DAYS,
      maxMissing: { count: env.MAX_MISSING_COUNT, percent: env.MAX_MISSING_PERCENT },
      maxBackupAgeMs: env.MAX_BACKUP_AGE,
      allowEmpty: env.ALLOW_EMPTY,
      optOutAction: env.OPT_OUT_ACTION,
      firstBackup: env.FIRST_BACKUP,
      healMissingFiles: env.HEAL_MISSING_FILES,
    },
    limits: {
      firstBackupsPerClient: env.FIRST_BACKUPS_PER_CLIENT,
      firstBackupsTotal: env.FIRST_BACKUPS_TOTAL,
      purgesPerPass: env.PURGES_PER_PASS,
      newVmsPerPass: env.NEW_VMS_PER_PASS,
      tagChangeIntervalMs: env.TAG_CHANGE_INTERVAL,
      purgedVolumes: env.PURGED_VOLUMES,
    },
    isDryRun: env.DRYRUN,
    reloadAfterSync: isOperator || env.RELOAD_AFTER_SYNC,
    maxSyncGapMs: env.MAX_SYNC_GAP,
    bconsole: {
      program: env.BCONSOLE,
      configFile: env.B_CONSOLE_CONF,
      purgeConfigFile: env.PURGE_CONSOLE_CONF,
      timeoutMs: env.BCONSOLE_TIMEOUT,
      maxAnswerBytes: env.BCONSOLE_MAX_BYTES,
    },
    director: { testCommand: env.DIRECTOR_TEST_COMMAND, logFile: env.DIRECTOR_LOG },
    catalog: {
      host: env.DB_HOST,
      port: env.DB_PORT,
      database: env.DB_NAME,
      user: env.DB_USER,
      tls: TLS[env.DB_TLS],
      tlsCaFile: env.DB_TLS_CA,
      password: env.PGPASSWORD,
      passwordFile: env.PGPASSFILE,
      purgeUser: env.PURGE_DB_USER,
      purgePassword: env.PURGE_PGPASSWORD,
    },
    timeZone: env.TIMEZONE,
    lockWaitMs: env.LOCK_WAIT,
    log: {
      level: env.LOG_LEVEL ?? (isOperator ? "info" : "warn"),
      format: env.LOG_FORMAT ?? (isOperator ? "json" : "text"),
    },
    kubernetes: {
      kubeconfig: env.KUBECONFIG,
      watchNamespace: env.WATCH_NAMESPACE,
      podNamespace: env.POD_NAMESPACE,
      leaderElect: env.LEADER_ELECT,
      metricsAddress: env.METRICS_BIND_ADDRESS,
      healthAddress: env.HEALTH_PROBE_BIND_ADDRESS,
    },
  };
}

const TLS = { 0: "off", 1: "verified", unverified: "unverified" } as const;
