import { vmHeader } from "../domain/jobfile/vm-header.ts";
import { someNames } from "../domain/status/some-names.ts";
import type { PassReport, VmReport } from "../sync/pass-report.ts";
import type { Problem } from "./problem.ts";

interface VmTrouble extends Pick<Problem, "level" | "fails"> {
  readonly isOf: (vm: VmReport) => boolean;
  /** Each VM has a line of its own, with this. */
  readonly detail?: (vm: VmReport) => string;
  /** `vms` are the names of all that it concerns. */
  readonly words: (vms: string, isDryRun: boolean) => string;
}

/** What may be wrong with single VMs, each told once for all VMs of a pass; the first two in the white paper's words (8.6). */
const TROUBLES: readonly VmTrouble[] = [
  {
    level: "WARN",
    fails: false,
    isOf: ({ decision }) => decision.kind === "create" && decision.knownToCatalog,
    words: (vms, isDryRun) =>
      `known to catalog but job file missing: ${vms}. Their files ${isDryRun ? "would be" : "are"} written again; find out who deleted them`,
  },
  {
    level: "WARN",
    fails: true,
    isOf: ({ decision }) => decision.kind === "leaveMissingFile",
    words: (vms) =>
      `known to catalog but job file missing: ${vms}. They have no backup, since HEAL_MISSING_FILES is 0; set it to 1, or put the files back`,
  },
  {
    level: "ERROR",
    fails: true,
    isOf: ({ publishing }) => publishing.kind === "rejected",
    detail: ({ publishing }) => {
      if (publishing.kind !== "rejected") return "";
      return `${publishing.reason}; ${publishing.lastGoodPublished ? "its last good file is in force" : "it has no job"}`;
    },
    words: (vms) => `a file is refused: ${vms}. Correct it; job.rejected beside it says why`,
  },
  {
    level: "WARN",
    fails: false,
    isOf: ({ jobDefs }) => jobDefs.refused !== undefined,
    detail: ({ jobDefs: { name, refused } }) => `${refused?.name} ${refused?.reason}, ${name} counts`,
    words: (vms) => `the wished JobDefs is refused: ${vms}. It must exist, be of type Backup and fit ALLOWED_JOBDEFS`,
  },
  {
    level: "WARN",
    fails: false,
    isOf: ({ schedule }) => schedule?.kind === "notScheduled",
    words: (vms) =>
      `the Director does not run these jobs by itself: ${vms}. See show disabled in bconsole, and the Schedule of their jobs`,
  },
  {
    level: "ERROR",
    fails: true,
    isOf: ({ firstBackup }) => firstBackup?.kind === "failed",
    detail: ({ firstBackup }) => (firstBackup?.kind === "failed" ? firstBackup.detail : ""),
    words: (vms) => `the Director did not take the first backup: ${vms}. The next sync tries again`,
  },
];

/** What a pass found wrong with single VMs of its client. */
export function vmProblems({ outcome, policy }: PassReport): readonly Problem[] {
  if (outcome.kind !== "passed") return [];
  return TROUBLES.flatMap(({ level, fails, isOf, detail, words }) => {
    const vms = outcome.vms.filter(isOf);
    const told = (of: string): Problem => {
      return { level, fails, message: `${words(of, policy.mode === "DryRun")} (${policy.client})` };
    };
    if (vms.length === 0) return [];
    if (detail === undefined) return [told(someNames(vms.map(({ name }) => vmHeader(name))))];
    const alone = vms.slice(0, MOST_ALONE).map((vm) => told(`${vmHeader(vm.name)}: ${detail(vm)}`));
    const rest = vms.slice(MOST_ALONE).map(({ name }) => vmHeader(name));
    return rest.length === 0 ? alone : [...alone, told(someNames(rest))];
  });
}

/** Lines of one kind for single VMs of a client; the others share one. */
const MOST_ALONE = 10;
