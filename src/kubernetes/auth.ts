import type { ClusterAccess } from "./credentials/credentials.ts";
import { kubeconfigAccess } from "./credentials/kubeconfig.ts";
import { serviceAccountAccess } from "./credentials/service-account.ts";
import type { Logger } from "./logger.ts";
import type { Timing } from "./time/timing.ts";

/** Neither a kubeconfig nor a service account: there is no cluster to talk to. */
class NoClusterError extends Error {
  override readonly name = "NoClusterError";
  readonly code = "NoCluster";
}

export interface ClusterSource {
  /** KUBECONFIG: wins when set. */
  readonly kubeconfig?: string | undefined;
  /** KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT. */
  readonly serviceHost?: string | undefined;
  readonly servicePort?: string | undefined;
  /** Where the service account's files are, when not where kubelet puts them. */
  readonly serviceAccountFolder?: string | undefined;
}

/**
 * Finds the cluster as every Kubernetes program does: the kubeconfig when one is named, else the pod's own service
 * account. Throws `NoClusterError` or `KubeconfigError`, each saying what to set.
 */
export async function findCluster(source: ClusterSource, timing: Timing, log: Logger): Promise<ClusterAccess> {
  if (source.kubeconfig !== undefined && source.kubeconfig !== "") {
    return kubeconfigAccess(source.kubeconfig, timing, log);
  }
  if (source.serviceHost !== undefined && source.serviceHost !== "") {
    const { serviceHost: host, servicePort: port = "443", serviceAccountFolder: folder } = source;
    return serviceAccountAccess({ host, port, folder }, timing, log);
  }
  throw new NoClusterError("no cluster: set KUBECONFIG to a file, or run in a pod with a service account");
}
