import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { KubeBed } from "../../hack/testbed/kube-bed.ts";

/** Of the kernel's clock in /proc; 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/** CPU time that a living process has used, user and system together, in seconds. */
export async function cpuSeconds(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8");
  // The command's name, in brackets, may hold blanks; utime and stime are the 12th and 13th field after it.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

export interface ControlPlaneCpu {
  readonly apiServer: number;
  readonly etcd: number;
}

export async function controlPlaneCpu(kubernetes: KubeBed): Promise<ControlPlaneCpu> {
  const etcdPid = Number(await readFile(join(kubernetes.dir, "pid/etcd"), "utf8"));
  return { apiServer: await cpuSeconds(kubernetes.apiServerPid), etcd: await cpuSeconds(etcdPid) };
}

export interface Memory {
  /** VmRSS: resident now. */
  readonly rssMiB: number;
  /** VmHWM: the most that was resident since the process began. */
  readonly peakMiB: number;
}

export async function memoryOf(pid: number): Promise<Memory> {
  const text = await readFile(`/proc/${pid}/status`, "utf8");
  const mib = (field: string) => Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, "mu").exec(text)?.[1]) / 1024;
  return { rssMiB: mib("VmRSS"), peakMiB: mib("VmHWM") };
}

export function shownMemory({ rssMiB, peakMiB }: Memory): string {
  return `${Math.round(rssMiB)} MiB now (VmRSS), ${Math.round(peakMiB)} MiB at most (VmHWM)`;
}
