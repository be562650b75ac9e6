import { join } from "node:path";
import { NAMESPACE, type OperatorProcess } from "../testbed/operator-process.ts";
import { type DemoBed, OPERATOR_NAME } from "./demo-bed.ts";

/** What may be tried in a demo that was kept running, with the real paths of this one. */
export function lookAround({ bacula, kubernetes }: DemoBed, operator: OperatorProcess): string {
  const fleet = join(bacula.dir, "fleet/dc1-os1-proxy.server");
  return `
The demo goes on running (its token for the API server is good for an hour). To look around:

  export KUBECONFIG=${kubernetes.kubeconfig}
  export BASE_DIR=${bacula.baseDir}
  alias kubectl="${kubernetes.kubectlPath} -n ${NAMESPACE}"
  alias bconsole="${bacula.bconsolePath} -c ${bacula.bconsoleConf}"

  kubectl get osc,mvm -o wide
  kubectl describe osc dc1-os1
  kubectl explain osc.spec
  kubectl get events
  ls $BASE_DIR/datacenter1/openstack1
  echo status dir | bconsole

To make a VM, or delete one (a line each), and have it seen at once instead of within 5 minutes:

  echo "server=web-04 uuid=$(cat /proc/sys/kernel/random/uuid)" >> ${fleet}
  kubectl annotate osc dc1-os1 bacula-openstack-sync.io/requested-at="$(date)" --overwrite

The operator's log, and its metrics:

  tail -f ${join(operator.folder, "log", `${OPERATOR_NAME}.log`)}
  curl http://127.0.0.1:${operator.metricsPort}/metrics

To end it and remove its state:

  npm run demo -- --end
`;
}
