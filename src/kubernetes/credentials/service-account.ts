import { readFile } from "node:fs/promises";
import { isIPv6 } from "node:net";
import { join } from "node:path";
import type { Logger } from "../logger.ts";
import type { Timing } from "../time/timing.ts";
import { CachedCredentials } from "./cached-credentials.ts";
import type { ClusterAccess } from "./credentials.ts";

/** Where kubelet mounts the service account of a pod. */
const serviceAccountFolder = "/var/run/secrets/kubernetes.io/serviceaccount";

export interface ServiceAccountSource {
  /** KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT, which kubelet sets in every pod. */
  readonly host: string;
  readonly port: string;
  readonly folder?: string | undefined;
}

/**
 * Access by the pod's own service account: `token`, `ca.crt` and `namespace` of the folder. Token and CA are read
 * again every minute, since kubelet exchanges both. Rejects when the files are not there.
 */
export async function serviceAccountAccess(
  source: ServiceAccountSource,
  timing: Timing,
  log: Logger,
): Promise<ClusterAccess> {
  const folder = source.folder ?? serviceAccountFolder;
  const read = async () => {
    const [token, ca] = await Promise.all([
      readFile(join(folder, "token"), "utf8"),
      readFile(join(folder, "ca.crt"), "utf8"),
    ]);
    return { tls: { ca }, headers: { authorization: `Bearer ${token.trim()}` } };
  };
  const namespace = (await readFile(join(folder, "namespace"), "utf8").catch(() => "")).trim();
  const host = isIPv6(source.host) ? `[${source.host}]` : source.host;
  return {
    server: `https://${host}:${source.port}`,
    namespace: namespace === "" ? undefined : namespace,
    credentials: new CachedCredentials(read, timing, log),
  };
}
