import type { ClientCounts } from "../../domain/status/count-vms.ts";
import { csvText } from "./csv.ts";
import type { FleetReport, VmRow } from "./fleet-report.ts";

const COUNTS = [
  "live",
  "active",
  "missing",
  "disabled",
  "optedOut",
  "rejected",
  "held",
  "unprotected",
] as const satisfies readonly (keyof ClientCounts)[];

const VM_COLUMNS = ["CLIENT", "VM", "PHASE", "JOBDEFS", "FROM", "LAST BACKUP", "PROTECTION"] as const;

/** The report as a person reads it: totals, then one line for each VM with its columns under each other. */
export function reportText({ totals, clients, vms }: FleetReport): string {
  const totalRows = [
    ["CLIENT", ...COUNTS.map((name) => name.toUpperCase())],
    ["all", ...COUNTS.map((name) => String(totals[name]))],
    ...clients.map(({ client, isSeen, counts }) => [
      isSeen ? client : `${client} (not seen)`,
      ...COUNTS.map((name) => String(counts[name])),
    ]),
  ];
  const rows = [[...VM_COLUMNS, "UUID", "REASON"], ...vms.map(textRow)];
  return `${[...aligned(totalRows), "", ...aligned(rows)].join("\n")}\n`;
}

function textRow({ client, vm, uuid, phase, jobDefs, lastBackup, protection, reasons }: VmRow): readonly string[] {
  const reason = reasons.map(({ message }) => message).join(" ");
  return [
    client,
    vm,
    phase,
    jobDefs?.name ?? "-",
    jobDefs?.from ?? "-",
    lastBackup?.endTime ?? "-",
    protection,
    uuid,
    reason === "" ? "-" : reason,
  ];
}

function aligned(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_name, column) =>
    rows.reduce((width, row) => Math.max(width, row[column]?.length ?? 0), 0),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

/**
 * The report for a spreadsheet: rows of the kind `total`, then `client`, then `vm`. Every row has every column; the
 * counts are those of the totals, and `unprotected` is 1 or 0 for a VM, so that its sum is the total.
 */
export function reportCsv({ totals, clients, vms }: FleetReport): string {
  const ofVm = ["vm", "uuid", "job", "phase", "protection", "jobDefs", "from", "lastBackup", "jobId", "reason"];
  const noVm = ofVm.map(() => undefined);
  const counted = (counts: ClientCounts) => COUNTS.map((name) => counts[name]);
  return csvText([
    ["kind", "client", ...ofVm, ...COUNTS],
    ["total", undefined, ...noVm, ...counted(totals)],
    ...clients.map(({ client, counts }) => ["client", client, ...noVm, ...counted(counts)]),
    ...vms.map(({ client, vm, uuid, jobName, phase, protection, jobDefs, lastBackup, reasons }) => [
      "vm",
      client,
      vm,
      uuid,
      jobName,
      phase,
      protection,
      jobDefs?.name,
      jobDefs?.from,
      lastBackup?.endTime,
      lastBackup?.jobId,
      reasons.map(({ message }) => message).join(" "),
      ...COUNTS.map((name) => (name === "unprotected" ? Number(protection === "Unprotected") : undefined)),
    ]),
  ]);
}
