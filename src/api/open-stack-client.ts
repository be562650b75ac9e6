import { z } from "zod";
import {
  FOLDER_NAME,
  JOB_DEFS_GLOB,
  JOB_PREFIX,
  MAX_FOLDERS_LENGTH,
  OPTION_WORD,
  PLUGIN_OPTIONS,
  PLUGIN_WORD,
  RESERVED_DATACENTERS,
  RESOURCE_NAME,
} from "../domain/client/allowed-text.ts";
import { parseDuration } from "../settings/duration.ts";
import { conditions, count, duration, generation, text, textOrEmpty, time, words } from "./fields.ts";
import { asValidations, keepRules, type SpecRule } from "./spec-rule.ts";

// Optional fields have no default here: a default in the CRD would make every GitOps tool see a difference to the
// manifest. The defaults are the operator's settings, and `status.effective` shows them filled in.

const fields = {
  datacenter: text(
    FOLDER_NAME,
    "The datacenter's name: the first folder below BASE_DIR, and part of each FileSet's name. Example: datacenter1. Immutable. With openstack at most 60 characters.",
  ),
  openstack: text(
    FOLDER_NAME,
    "The OpenStack instance's name: the folder below the datacenter's, and part of each FileSet's name. Example: openstack1. Immutable. No two clients may have the same datacenter and openstack.",
  ),
  client: text(
    RESOURCE_NAME,
    "The Client resource of the Director whose File Daemon has the OpenStack plugin: it is asked which VMs exist and it runs their backups. Example: bacula-dc1-os1-fd. It must exist in the Director; this program never writes it. Immutable. Unique among all clients.",
  ),
  proxyServer: text(
    PLUGIN_WORD,
    "The plugin's proxy_server: the proxy VM in the OpenStack instance through which disks are read. Example: dc1-os1-proxy.",
  ),
  jobPrefix: text(
    JOB_PREFIX,
    "Begins the name of every Job of this client; the VM's name follows. Example: backup-dc1-os1-. Immutable, since the catalog knows backups by their job's name. Unique among all clients; at most 60 characters.",
  ),
  jobDefs: text(
    RESOURCE_NAME,
    "The JobDefs of VMs that have neither a tag nor a person's choice. Default: the operator's JOBDEFS (DefaultJob). Example: LinuxVMJob. It must be a JobDefs of type Backup.",
  ).optional(),
  allowedJobDefs: z
    .array(text(JOB_DEFS_GLOB, "A glob over the whole name, case-sensitive: * stands for any characters, ? for one."))
    .max(64)
    .describe(
      "The JobDefs that a tenant may choose by the VM's tag backup-jobdefs. Example: [mysql-consistent, 'Gold*']. Default: the operator's ALLOWED_JOBDEFS, else every JobDefs of type Backup. A tag that is not allowed leaves the VM protected with jobDefs, and its PolicyAccepted is False. An empty list allows none.",
    )
    .optional(),
  storage: textOrEmpty(
    RESOURCE_NAME,
    "The Storage of each Job. Default: the operator's STORAGE (File1). Empty: the line is left out, and the JobDefs decides.",
  ).optional(),
  pool: textOrEmpty(
    RESOURCE_NAME,
    "The Pool of each Job. Default: the operator's POOL (Default). Empty: the line is left out, and the JobDefs decides.",
  ).optional(),
  schedule: textOrEmpty(
    RESOURCE_NAME,
    "The Schedule of each Job. Default: the operator's SCHEDULE (WeeklyCycle). Empty: the line is left out, and the JobDefs decides.",
  ).optional(),
  messages: textOrEmpty(
    RESOURCE_NAME,
    "The Messages resource of each Job. Default: the operator's MESSAGES (Standard). Empty: the line is left out, and the JobDefs decides.",
  ).optional(),
  dedup: textOrEmpty(
    OPTION_WORD,
    "The FileSet's dedup option. Default: the operator's DEDUP_ALGO (sha256, Bacula Enterprise). The community Director knows storage and bothsides. none or empty leaves the line out.",
  ).optional(),
  signature: textOrEmpty(
    OPTION_WORD,
    "The FileSet's signature option. Default: the operator's SIGNATURE (SHA256). Empty: the line is left out.",
  ).optional(),
  plugin: z
    .object({
      name: text(PLUGIN_WORD, "The File Daemon's plugin. Default: the operator's PLUGIN_NAME (openstack).").optional(),
      selector: text(
        PLUGIN_WORD,
        "The plugin's keyword before the VM's uuid. Default: the operator's PLUGIN_SELECTOR (instance).",
      ).optional(),
      options: z
        .string()
        .regex(PLUGIN_OPTIONS.pattern, PLUGIN_OPTIONS.allowed)
        .max(PLUGIN_OPTIONS.maxLength)
        .describe(
          "Further words of the plugin line. Default: the operator's PLUGIN_OPTIONS (none). Example: verbose=1.",
        )
        .optional(),
    })
    .describe(
      "How the Plugin line of FileSets is written. Lines that exist follow a change of these fields, or of proxyServer, where nobody edited them by hand; a changed line makes the next backup a Full, so more than 50 at once wait for the annotation approve-removal.",
    )
    .optional(),
  interval: duration(
    "Time between two passes, 1s to 168h. Default: the operator's INTERVAL (5m). A new VM has its job within one interval and a reload. Each pass is one query to the File Daemon.",
  ).optional(),
  graceDays: z
    .number()
    .min(0)
    .max(36_500)
    .describe(
      "Days that a VM may be absent from trusted listings before its job is disabled; decimals allowed. Default: the operator's GRACE_DAYS (14). Only time during which discovery worked counts.",
    )
    .optional(),
  cleanupAfterDays: z
    .number()
    .min(0)
    .max(36_500)
    .describe(
      "Days after the disable until the VM's job, its files and its backups in the catalog are DELETED; decimals allowed. Default: the operator's CLEANUP_AFTER_DAYS, which is unset: never. 0 is refused, since it may be meant as never: leave the field out for never.",
    )
    .optional(),
  maxMissing: z
    .object({
      count: count("VMs. Default: the operator's MAX_MISSING_COUNT (10).").max(1_000_000).optional(),
      percent: z
        .number()
        .min(0)
        .max(100)
        .describe("Percent of the client's known VMs. Default: the operator's MAX_MISSING_PERCENT (20).")
        .optional(),
    })
    .describe(
      "When more VMs than count AND more than percent of the known ones are gone at once, or more than half of them (3 or more), no removal is begun until a person approves it by the annotation approve-removal: <status.removal.token>. New VMs are protected meanwhile.",
    )
    .optional(),
  maxBackupAge: duration(
    "A VM whose last good backup is older counts as unprotected, and its BackedUp is False. Default: the operator's MAX_BACKUP_AGE, which is unset: age does not count. Example: 36h.",
  ).optional(),
  allowEmpty: z
    .boolean()
    .describe(
      "true: an empty answer means that there are no VMs. false: it is a failure, as a File Daemon without the plugin answers nothing too. Default: the operator's ALLOW_EMPTY (false).",
    )
    .optional(),
  optOutAction: z
    .enum(["Leave", "Disable"])
    .describe(
      "What happens to the existing job of a VM that is tagged backup=false. Leave: its directives stay as they are. Disable: it is disabled. Default: the operator's OPT_OUT_ACTION (Leave). A new VM with the tag never gets a job.",
    )
    .optional(),
  firstBackup: z
    .enum(["Scheduled", "Immediate"])
    .describe(
      "When a new VM is first backed up. Scheduled: by its schedule. Immediate: as soon as its job is in the Director, at most 2 at once. Default: the operator's FIRST_BACKUP (Scheduled). Adopted jobs are never run.",
    )
    .optional(),
  healMissingFiles: z
    .boolean()
    .describe(
      "true: a VM whose job file is gone but whose backups are in the catalog gets its file again. false: it is left and counted as unprotected. Default: the operator's HEAL_MISSING_FILES (true).",
    )
    .optional(),
  mode: z
    .enum(["Enforce", "DryRun"])
    .describe(
      "Enforce: files are written and published. DryRun: nothing is written but this status, whose plan shows what would be done. Default: Enforce; the operator's DRYRUN=1 makes it DryRun for all.",
    )
    .optional(),
  suspend: z
    .boolean()
    .describe(
      "true: no query, no change of files; backups go on as they are, and absence does not count. Default: false.",
    )
    .optional(),
  deletionPolicy: z
    .enum(["Retain", "Delete"])
    .describe(
      "What deleting this object does. Retain: files, jobs and backups stay, and the jobs stay published. Delete: with the annotation confirm-delete: <client>, all VMs of this client are purged like after cleanupAfterDays. Default: Retain.",
    )
    .optional(),
};

/** For `status.effective`: the fields alone, without the rules about changes. */
const effectiveSpec = z.object(fields);
type Spec = z.infer<typeof effectiveSpec>;

const immutable = (field: "datacenter" | "openstack" | "client" | "jobPrefix"): SpecRule<Spec> => ({
  rule: `self.${field} == oldSelf.${field}`,
  message: `${field} is immutable: job files, jobs and backups are known by it. Make another OpenStackClient and delete this one`,
  fieldPath: `.${field}`,
});

const quoted = (values: readonly string[]) => values.map((value) => `'${value}'`).join(", ");
const hours = (wire: string) => (parseDuration(wire) ?? 0) / 3_600_000;

const rules: readonly SpecRule<Spec>[] = [
  immutable("datacenter"),
  immutable("openstack"),
  immutable("client"),
  immutable("jobPrefix"),
  {
    rule: `self.datacenter.size() + self.openstack.size() <= ${MAX_FOLDERS_LENGTH}`,
    message: `datacenter and openstack together have at most ${MAX_FOLDERS_LENGTH} characters: both are part of each FileSet's name`,
    fieldPath: ".openstack",
    holds: ({ datacenter, openstack }) => datacenter.length + openstack.length <= MAX_FOLDERS_LENGTH,
  },
  {
    rule: `!(self.datacenter in [${quoted(RESERVED_DATACENTERS)}])`,
    message: `datacenter is none of ${quoted(RESERVED_DATACENTERS)}: BASE_DIR has files of these names`,
    fieldPath: ".datacenter",
    holds: ({ datacenter }) => !RESERVED_DATACENTERS.includes(datacenter),
  },
  {
    rule: "!has(self.interval) || !self.interval.matches('^([0-9]+[hms])+$') || (duration(self.interval) >= duration('1s') && duration(self.interval) <= duration('168h'))",
    message: "interval is from 1s to 168h, such as 5m",
    fieldPath: ".interval",
    holds: ({ interval }) => interval === undefined || (hours(interval) > 0 && hours(interval) <= 168),
  },
  {
    rule: "!has(self.maxBackupAge) || !self.maxBackupAge.matches('^([0-9]+[hms])+$') || duration(self.maxBackupAge) > duration('0s')",
    message: "maxBackupAge is more than 0s, such as 36h; leave it out if age does not count",
    fieldPath: ".maxBackupAge",
    holds: ({ maxBackupAge }) => maxBackupAge === undefined || hours(maxBackupAge) > 0,
  },
  {
    rule: "!has(self.cleanupAfterDays) || self.cleanupAfterDays > 0.0",
    message:
      "cleanupAfterDays is more than 0, such as 90 or 0.5: 0 may be meant as never or as at once; leave it out for never",
    fieldPath: ".cleanupAfterDays",
    holds: ({ cleanupAfterDays }) => cleanupAfterDays === undefined || cleanupAfterDays > 0,
  },
];

/** `spec` of an OpenStackClient as it is on the wire. */
export const openStackClientSpec = z
  .object(fields)
  .superRefine(keepRules(rules))
  .meta({
    description:
      "What is wanted for one OpenStack instance: which Bacula Client sees it, and how its VMs are backed up.",
    "x-kubernetes-validations": asValidations(rules),
  });
export type OpenStackClientSpec = z.infer<typeof openStackClientSpec>;

/** `status` of an OpenStackClient as it is on the wire; each field may be missing in an object from elsewhere. */
export const openStackClientStatus = z
  .object({
    observedGeneration: generation().optional(),
    conditions: conditions(
      "Ready: the client is seen and its jobs are in the Director. Reconciling, Stalled: only while True; trouble that is retried, or that needs a person. Discovered: the last listing is to be trusted. CatalogReachable. RemovalAllowed: False while removals are held. Published: the Director has the files. DirectorConfigInvalid: only while True; the Director refuses its configuration for reasons outside our files. Paused: only while True.",
    ).optional(),
    counts: z
      .object({
        live: count("VMs of the last trusted listing."),
        active: count("VMs in phase Active."),
        missing: count("VMs in phase Missing: absent, in their grace time."),
        disabled: count("VMs in phase Disabled: absent for longer than the grace time."),
        optedOut: count("VMs in phase OptedOut: tagged backup=false."),
        rejected: count("VMs in phase Rejected: a change of their files was refused, the last good one is in force."),
        held: count("VMs that a person protects from disable and purge."),
        unprotected: count(
          "Live VMs, not opted out, without a published enabled job or without a good backup (within maxBackupAge). The number to alert on.",
        ),
      })
      .describe("How many VMs are in which state.")
      .optional(),
    lastDiscoveryTime: time("When the last trusted listing was taken.").optional(),
    nextDiscoveryTime: time("When the client is to be asked again.").optional(),
    effective: effectiveSpec
      .describe(
        "The spec with every default filled in, as it is in force. A field that is missing here is unset: nothing is purged without cleanupAfterDays.",
      )
      .optional(),
    removal: z
      .object({
        token: words(64, "The value for the annotation approve-removal; good for exactly these VMs."),
        names: z.array(words(255, "A VM's name.")).max(20).describe("The first 20 of the VMs that are held."),
      })
      .describe("What waits for approval; only while RemovalAllowed is False.")
      .optional(),
    plan: z
      .object({
        actions: z
          .array(
            z
              .object({
                vm: words(255, "The VM's name."),
                uuid: words(36, "The VM's uuid."),
                action: words(64, "What would be done, such as Create, Edit, MarkMissing, Disable."),
                reason: words(1_024, "Why."),
              })
              .describe("One step that would be taken."),
          )
          .max(100)
          .describe("The first 100 steps that would be taken."),
        omitted: count("Further steps that are not shown."),
      })
      .describe("What would be done; only in mode DryRun.")
      .optional(),
    lastTakeOver: words(
      255,
      "The annotation take-over that was used, while it stays: this front end's policy counts since then.",
    ).optional(),
    lastApproval: words(64, "The token of the approval that was used last.").optional(),
    lastHandledRequest: words(
      256,
      "The value of the annotation requested-at that was handled last; equal to it: the pass that was asked for is done.",
    ).optional(),
  })
  .describe("What was seen and done. Written by the operator only.");
export type OpenStackClientStatus = z.infer<typeof openStackClientStatus>;
