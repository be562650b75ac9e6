import type { JobDefsSource } from "../../domain/policy/choose-job-defs.ts";
import type { Protection } from "../../domain/status/explain-vm.ts";
import type { VmAnswer } from "./vm-answer.ts";

const PROTECTION = {
  Protected: "is protected",
  Unprotected: "is NOT protected",
  OptedOut: "is not backed up: it is opted out",
  NotListed: "is not listed any more",
  Unknown: "is not known well enough",
} as const satisfies Record<Protection, string>;

/** Where a JobDefs comes from, in the words of the command line's settings. */
const SOURCE = {
  Person: "a person (#@jobdefs in the job file)",
  Tag: "the VM's tag",
  Client: "its line in clients.conf",
  Global: "JOBDEFS",
} as const satisfies Record<JobDefsSource, string>;

/** The answer to `why` for one VM, as lines for a person. */
export function whyLines(answer: VmAnswer): readonly string[] {
  const { vm, uuid, client, protection, because, next } = answer;
  const [firstCause, ...causes] = because.map(({ reason, message }) => `${message} [${reason}]`);
  const [firstStep, ...steps] = next.map(({ at, message }) => (at === undefined ? message : `${at}: ${message}`));
  return [
    `VM ${vm} (${uuid}) of ${client} ${PROTECTION[protection]}.`,
    ...facts(answer).map(([name, value]) => line(name, value)),
    ...(firstCause === undefined ? [] : [line("Why", firstCause), ...causes.map((cause) => line("", cause))]),
    ...(firstStep === undefined ? [] : [line("Next", firstStep), ...steps.map((step) => line("", step))]),
  ];
}

/** What somebody wrote into a file is told, but does not write to the terminal by itself. */
function line(name: string, value: string): string {
  return `  ${(name === "" ? "" : `${name}:`).padEnd(13)}${value.replaceAll(/\p{Cc}/gu, "?")}`;
}

function facts(answer: VmAnswer): readonly (readonly [string, string])[] {
  const { jobName, fileSetName, folder, jobDefs, directives = {}, lastBackup, lastRun, phase, clientLastSeen } = answer;
  const own = Object.entries(directives).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name.charAt(0).toUpperCase()}${name.slice(1)} ${value}`],
  );
  return [
    ["Phase", phase],
    ["Job", jobName === undefined ? "none" : `${jobName}, FileSet ${fileSetName ?? "none"}, in ${folder ?? ""}`],
    ...(jobDefs === undefined
      ? []
      : [["Policy", [`JobDefs ${jobDefs.name} from ${SOURCE[jobDefs.from]}`, ...own].join(", ")] as const]),
    ["Last backup", lastBackup === undefined ? "none" : lastBackupText(lastBackup)],
    ...(lastRun === undefined || lastRun.jobId === lastBackup?.jobId
      ? []
      : [["Last run", `JobId ${lastRun.jobId}, status ${lastRun.status}, ended ${lastRun.endTime}`] as const]),
    ...(clientLastSeen === undefined ? [] : [["Last seen", `discovery last worked ${clientLastSeen}`] as const]),
  ];
}

function lastBackupText({ jobId, level, status, endTime, bytes }: NonNullable<VmAnswer["lastBackup"]>): string {
  return `JobId ${jobId}, level ${level}, status ${status}, ended ${endTime}, ${bytes} bytes`;
}
