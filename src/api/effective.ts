import type { ClientPolicy } from "../domain/client/client-policy.ts";
import { formatDuration, parseDuration } from "../settings/duration.ts";
import type { Settings } from "../settings/settings.ts";
import type { OpenStackClientSpec } from "./open-stack-client.ts";

/**
 * What an OpenStackClient wants, with every default of the settings filled in. `isDryRun` of the operator makes each
 * client a dry run, whatever its spec says.
 */
export function toClientPolicy(
  spec: OpenStackClientSpec,
  { clientDefaults: defaults, isDryRun }: Pick<Settings, "clientDefaults" | "isDryRun">,
): ClientPolicy {
  return {
    datacenter: spec.datacenter,
    openstack: spec.openstack,
    client: spec.client,
    jobPrefix: spec.jobPrefix,
    proxyServer: spec.proxyServer,
    jobDefs:
      spec.jobDefs === undefined ? { name: defaults.jobDefs, from: "Global" } : { name: spec.jobDefs, from: "Client" },
    allowedJobDefs: spec.allowedJobDefs ?? defaults.allowedJobDefs,
    overrideTaggedJobDefs: defaults.overrideTaggedJobDefs,
    storage: spec.storage ?? defaults.storage,
    pool: spec.pool ?? defaults.pool,
    schedule: spec.schedule ?? defaults.schedule,
    messages: spec.messages ?? defaults.messages,
    dedup: spec.dedup ?? defaults.dedup,
    signature: spec.signature ?? defaults.signature,
    plugin: {
      name: spec.plugin?.name ?? defaults.plugin.name,
      selector: spec.plugin?.selector ?? defaults.plugin.selector,
      options: spec.plugin?.options ?? defaults.plugin.options,
    },
    intervalMs: durationOf(spec.interval) ?? defaults.intervalMs,
    graceDays: spec.graceDays ?? defaults.graceDays,
    cleanupAfterDays: spec.cleanupAfterDays ?? defaults.cleanupAfterDays,
    maxMissing: {
      count: spec.maxMissing?.count ?? defaults.maxMissing.count,
      percent: spec.maxMissing?.percent ?? defaults.maxMissing.percent,
    },
    maxBackupAgeMs: durationOf(spec.maxBackupAge) ?? defaults.maxBackupAgeMs,
    allowEmpty: spec.allowEmpty ?? defaults.allowEmpty,
    optOutAction: spec.optOutAction ?? defaults.optOutAction,
    firstBackup: spec.firstBackup ?? defaults.firstBackup,
    healMissingFiles: spec.healMissingFiles ?? defaults.healMissingFiles,
    mode: isDryRun ? "DryRun" : (spec.mode ?? "Enforce"),
    suspended: spec.suspend ?? false,
    deletionPolicy: spec.deletionPolicy ?? "Retain",
  };
}

/** `status.effective`: the policy in the wire form of a spec. What is unset stays absent. */
export function toEffectiveSpec(policy: ClientPolicy): OpenStackClientSpec {
  const { allowedJobDefs, cleanupAfterDays, maxBackupAgeMs } = policy;
  return {
    datacenter: policy.datacenter,
    openstack: policy.openstack,
    client: policy.client,
    proxyServer: policy.proxyServer,
    jobPrefix: policy.jobPrefix,
    jobDefs: policy.jobDefs.name,
    ...(allowedJobDefs !== undefined && { allowedJobDefs: [...allowedJobDefs] }),
    storage: policy.storage,
    pool: policy.pool,
    schedule: policy.schedule,
    messages: policy.messages,
    dedup: policy.dedup,
    signature: policy.signature,
    plugin: { ...policy.plugin },
    interval: formatDuration(policy.intervalMs),
    graceDays: policy.graceDays,
    ...(cleanupAfterDays !== undefined && { cleanupAfterDays }),
    maxMissing: { ...policy.maxMissing },
    ...(maxBackupAgeMs !== undefined && { maxBackupAge: formatDuration(maxBackupAgeMs) }),
    allowEmpty: policy.allowEmpty,
    optOutAction: policy.optOutAction,
    firstBackup: policy.firstBackup,
    healMissingFiles: policy.healMissingFiles,
    mode: policy.mode,
    suspend: policy.suspended,
    deletionPolicy: policy.deletionPolicy,
  };
}

function durationOf(wire: string | undefined): number | undefined {
  return wire === undefined ? undefined : parseDuration(wire);
}
