import type { ClientPolicy } from "../../../src/domain/client/client-policy.ts";

/** A policy for tests of discovery; only the client, the proxy and the plugin matter to them. */
export function policyOf(client: string, proxyServer: string): ClientPolicy {
  return {
    datacenter: "datacenter1",
    openstack: "openstack1",
    client,
    jobPrefix: "backup-dc1-os1-",
    proxyServer,
    jobDefs: { name: "DefaultJob", from: "Global" },
    overrideTaggedJobDefs: false,
    storage: "File1",
    pool: "Default",
    schedule: "WeeklyCycle",
    messages: "Standard",
    dedup: "none",
    signature: "SHA256",
    plugin: { name: "openstack", selector: "instance", options: "" },
    intervalMs: 300_000,
    graceDays: 14,
    maxMissing: { count: 10, percent: 20 },
    allowEmpty: false,
    optOutAction: "Leave",
    firstBackup: "Scheduled",
    healMissingFiles: true,
    mode: "Enforce",
    suspended: false,
    deletionPolicy: "Retain",
  };
}
