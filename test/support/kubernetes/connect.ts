import { findCluster } from "../../../src/kubernetes/auth.ts";
import type { ClusterAccess } from "../../../src/kubernetes/credentials/credentials.ts";
import type { SeenRequest } from "../../../src/kubernetes/http/api-transport.ts";
import { systemTiming } from "../../../src/kubernetes/time/timing.ts";
import { KubeTransport } from "../../../src/kubernetes/transport.ts";
import { RecordingLogger } from "./recording-logger.ts";

export interface Connection {
  readonly access: ClusterAccess;
  readonly transport: KubeTransport;
  readonly log: RecordingLogger;
  /** Every attempt that ended. */
  readonly seen: SeenRequest[];
}

/** A transport with the system's clock; `server` takes the place of the kubeconfig's, such as a proxy before it. */
export async function connect(kubeconfig: string, server?: string): Promise<Connection> {
  const log = new RecordingLogger();
  const found = await findCluster({ kubeconfig }, systemTiming, log);
  const access = { ...found, server: server ?? found.server };
  const seen: SeenRequest[] = [];
  const transport = new KubeTransport({
    access,
    timing: systemTiming,
    userAgent: "bacula-openstack-sync-test/1",
    onRequest: (request) => seen.push(request),
  });
  return { access, transport, log, seen };
}
