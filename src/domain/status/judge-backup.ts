import type { VmFacts } from "./vm-facts.ts";

export type BackupVerdict = "GoodBackup" | "NeverRun" | "NoGoodBackup" | "OtherFileSet" | "TooOld" | "Unknown";

/**
 * Whether the VM has a good backup (spec section 7): Type B, status T or W, with files, of its present FileSet, and
 * within `maxBackupAge`. A backup of exactly that age is still good.
 */
export function judgeBackup({ history, job, policy }: VmFacts, now: number): BackupVerdict {
  if (history === undefined) return "Unknown";
  const { lastGood, lastRun } = history;
  if (lastGood === undefined || lastGood.files <= 0) {
    return lastGood === undefined && lastRun === undefined ? "NeverRun" : "NoGoodBackup";
  }
  const fileSet = job?.directives.fileSet;
  if (fileSet !== undefined && lastGood.fileSet !== fileSet) return "OtherFileSet";
  const { maxBackupAgeMs } = policy;
  return maxBackupAgeMs !== undefined && now - lastGood.endTimeMs > maxBackupAgeMs ? "TooOld" : "GoodBackup";
}
