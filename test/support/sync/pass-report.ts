import type { PassOutcome, PassReport, VmReport } from "../../../src/sync/pass-report.ts";
import { POLICY } from "../policy.ts";

const UUID = "014c5892-5efb-4efb-bd60-4e038800475d";

/** A VM that is listed, and whose job is published; `change` says what is different. */
export function vmReport(name: string, change: Partial<VmReport> = {}): VmReport {
  const { datacenter, openstack, client, jobPrefix } = POLICY;
  return {
    uuid: UUID,
    name,
    slug: name,
    job: {
      headers: { vm: name, uuid: UUID, datacenter, openstack, client, status: "active" },
      directives: { name: `${jobPrefix}${name}`, jobDefs: "DefaultJob", fileSet: "fs", enabled: true },
    },
    wishes: { kind: "read", optedOut: false },
    sighting: "live",
    decision: { kind: "unchanged" },
    blindMs: 0,
    isContradicted: false,
    jobDefs: { name: "DefaultJob", from: "Global", basis: "judged" },
    publishing: { kind: "published" },
    ...change,
  };
}

/** A pass that saw everything and in which nothing went wrong; `change` says what did. */
export function passReport(
  change: Partial<Extract<PassOutcome, { kind: "passed" }>> = {},
  mode: "Enforce" | "DryRun" = "Enforce",
  observation: Partial<PassReport["observation"]> = {},
): PassReport {
  const atMs = Date.UTC(2026, 10, 24, 12);
  return {
    policy: { ...POLICY, mode },
    observation: {
      discovery: { kind: "listed", vms: [], looksLikePageLimit: false },
      catalog: { kind: "read", history: new Map(), catalogNowMs: atMs },
      atMs,
      absences: "confirmed",
      ...observation,
    },
    outcome: {
      kind: "passed",
      vms: [],
      publishing: { kind: "unchanged" },
      failedChanges: [],
      unknownReferences: [],
      removals: { kind: "allowed" },
      pluginEdits: { kind: "allowed" },
      frontEnd: { kind: "ours" },
      ...change,
    },
  };
}
