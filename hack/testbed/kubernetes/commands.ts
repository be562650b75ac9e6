import { join } from "node:path";
import { kubernetesBinary } from "./binaries.ts";

export interface KubePorts {
  readonly api: number;
  readonly etcd: number;
  readonly etcdPeer: number;
  readonly controllerManager: number;
}

/** Where etcd keeps all that is stored. */
export function etcdFolder(bed: string): string {
  return join(bed, "etcd");
}

export function etcdCommand(bed: string, ports: KubePorts): readonly string[] {
  const client = `http://127.0.0.1:${ports.etcd}`;
  const peer = `http://127.0.0.1:${ports.etcdPeer}`;
  return [
    kubernetesBinary("etcd"),
    "--name=testbed",
    `--data-dir=${etcdFolder(bed)}`,
    "--unsafe-no-fsync",
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=testbed=${peer}`,
  ];
}

/** RBAC is on: who is not an administrator can do only what a test grants. */
export function apiServerCommand(bed: string, ports: KubePorts, extra: readonly string[]): readonly string[] {
  const certificate = (name: string): string => join(bed, "certificates", name);
  return [
    kubernetesBinary("kube-apiserver"),
    `--etcd-servers=http://127.0.0.1:${ports.etcd}`,
    "--bind-address=127.0.0.1",
    `--secure-port=${ports.api}`,
    "--advertise-address=127.0.0.1",
    "--endpoint-reconciler-type=none",
    "--service-cluster-ip-range=10.96.0.0/16",
    "--authorization-mode=Node,RBAC",
    `--client-ca-file=${certificate("ca.crt")}`,
    `--tls-cert-file=${certificate("apiserver.crt")}`,
    `--tls-private-key-file=${certificate("apiserver.key")}`,
    `--service-account-key-file=${certificate("service-account.pub")}`,
    `--service-account-signing-key-file=${certificate("service-account.key")}`,
    "--service-account-issuer=https://kubernetes.default.svc",
    "--allow-privileged=true",
    ...extra,
  ];
}

/** Namespaces are emptied, owned objects collected, service accounts made; there is no scheduler: Pods stay Pending. */
export function controllerManagerCommand(bed: string, ports: KubePorts, kubeconfig: string): readonly string[] {
  return [
    kubernetesBinary("kube-controller-manager"),
    `--kubeconfig=${kubeconfig}`,
    "--bind-address=127.0.0.1",
    `--secure-port=${ports.controllerManager}`,
    "--authentication-skip-lookup",
    // The default of 20 requests a second would make every start and every deleted namespace wait.
    "--kube-api-qps=500",
    "--kube-api-burst=1000",
    `--service-account-private-key-file=${join(bed, "certificates/service-account.key")}`,
    `--root-ca-file=${join(bed, "certificates/ca.crt")}`,
    "--leader-elect=false",
  ];
}
