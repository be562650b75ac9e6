import { randomUUID } from "node:crypto";

/** One OpenStack instance of a benchmark: an OpenStackClient, its Bacula Client and what the plugin answers for it. */
export interface BenchClient {
  /** Of the OpenStackClient. */
  readonly name: string;
  readonly spec: {
    readonly datacenter: string;
    readonly openstack: string;
    readonly client: string;
    readonly proxyServer: string;
    readonly jobPrefix: string;
    /** Long: passes come when the benchmark asks for them. */
    readonly interval: string;
  };
  readonly vms: readonly BenchVm[];
  /** What `.query` answers. */
  readonly answer: string;
}

export interface BenchVm {
  /** An allowed name, so it is the slug too. */
  readonly name: string;
  readonly uuid: string;
}

export function benchClients(count: number, vmsOfAll: number): readonly BenchClient[] {
  return Array.from({ length: count }, (_, index) => {
    const share = Math.floor(vmsOfAll / count) + (index < vmsOfAll % count ? 1 : 0);
    return benchClient(index + 1, share);
  });
}

function benchClient(number: number, vmCount: number): BenchClient {
  const id = String(number).padStart(2, "0");
  const vms = Array.from({ length: vmCount }, (_, index) => ({
    name: `web-${id}-${String(index + 1).padStart(6, "0")}`,
    uuid: randomUUID(),
  }));
  return {
    name: `bench-os${id}`,
    spec: {
      datacenter: "bench",
      openstack: `os${id}`,
      client: baculaClientName(number),
      proxyServer: `bench-os${id}-proxy`,
      jobPrefix: `backup-bench-os${id}-`,
      interval: "24h",
    },
    vms,
    answer: answerOf(vms),
  };
}

/** The client with its first VM only. */
export function sampleOf(client: BenchClient): BenchClient {
  const vms = client.vms.slice(0, 1);
  return { ...client, vms, answer: answerOf(vms) };
}

function answerOf(vms: readonly BenchVm[]): string {
  return vms.map(({ name, uuid }) => `server=${name} uuid=${uuid}\n`).join("");
}

/** The Client resources that a bed needs; all are its one File Daemon. */
export function baculaClientNames(count: number): readonly [string, ...string[]] {
  return [baculaClientName(1), ...Array.from({ length: count - 1 }, (_, index) => baculaClientName(index + 2))];
}

function baculaClientName(number: number): string {
  return `bacula-bench-os${String(number).padStart(2, "0")}-fd`;
}
