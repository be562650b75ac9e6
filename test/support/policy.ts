import type { ClientPolicy } from "../../src/domain/client/client-policy.ts";

/** What tests want for a client where they do not say otherwise; the dedup that community Bacula knows. */
export const POLICY: ClientPolicy = {
  datacenter: "datacenter1",
  openstack: "openstack1",
  client: "bacula-dc1-os1-fd",
  proxyServer: "dc1-os1-proxy",
  jobPrefix: "backup-dc1-os1-",
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

/** The front end that the tests are, where they do not say otherwise. */
export const FRONT_END = "operator bacula/dc1-os1";
