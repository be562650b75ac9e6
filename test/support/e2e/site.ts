import { join } from "node:path";
import { type BaculaBed, startBaculaBed } from "../../../hack/testbed/bacula-bed.ts";
import { type KubeBed, startKubeBed } from "../../../hack/testbed/kube-bed.ts";
import { getAsAdmin } from "../../../hack/testbed/kubernetes/api-request.ts";
import { installOperator, NAMESPACE, OperatorProcess } from "../../../hack/testbed/operator-process.ts";
import { ANNOTATIONS } from "../../../src/api/group.ts";
import { type ManagedVm, type OpenStackClient, readManagedVms, readOpenStackClient } from "./kube-objects.ts";

/** What a test says of an OpenStackClient; everything else is a site's usual one. */
export type SpecOverrides = Readonly<Record<string, unknown>>;

/** Of the client that most tests work on. */
export const SPEC = {
  datacenter: "datacenter1",
  openstack: "openstack1",
  client: "bacula-dc1-os1-fd",
  proxyServer: "dc1-os1-proxy",
  jobPrefix: "backup-dc1-os1-",
} as const;

/** A real Bacula, a real control plane with the CRDs and the operator's rights, and any number of operators. */
export class Site {
  readonly bacula: BaculaBed;
  readonly kubernetes: KubeBed;
  readonly #operators: OperatorProcess[] = [];

  private constructor(bacula: BaculaBed, kubernetes: KubeBed) {
    this.bacula = bacula;
    this.kubernetes = kubernetes;
  }

  /** Two beds of that name, the Director's with these Clients; no operator runs yet. */
  static async open(name: string, clients?: readonly [string, ...string[]]): Promise<Site> {
    const [bacula, kubernetes] = await Promise.allSettled([startBaculaBed({ name, clients }), startKubeBed({ name })]);
    if (bacula.status === "fulfilled" && kubernetes.status === "fulfilled") {
      const site = new Site(bacula.value, kubernetes.value);
      await installOperator(kubernetes.value);
      return site;
    }
    if (bacula.status === "fulfilled") await bacula.value.wipe();
    if (kubernetes.status === "fulfilled") await kubernetes.value.wipe();
    throw new AggregateError(
      [bacula, kubernetes].flatMap((bed) => (bed.status === "rejected" ? [bed.reason] : [])),
      `the beds ${name} did not start`,
    );
  }

  /** Starts one with the service account's rights; `name` tells several apart. Serves when this resolves. */
  async startOperator(settings: Readonly<Record<string, string>> = {}, name = "operator"): Promise<OperatorProcess> {
    const { kubernetes, bacula } = this;
    const operator = await OperatorProcess.prepare({ kubernetes, bacula, name, settings });
    this.#operators.push(operator);
    await operator.start();
    return operator;
  }

  /** Ends everything and removes it; an operator still running is ended the hard way. */
  async close(): Promise<void> {
    await Promise.all(this.#operators.map((operator) => operator.kill()));
    await Promise.all([this.bacula.wipe(), this.kubernetes.wipe()]);
  }

  /**
   * The cluster is lost with all of its objects: an empty control plane takes its place, with the CRDs and the operator's
   * rights. An operator that still runs has no rights there; stop it before, and start another.
   */
  async loseCluster(): Promise<void> {
    await this.kubernetes.loseEtcd();
    await installOperator(this.kubernetes);
  }

  /** `kubectl apply` of one OpenStackClient; rejects with kubectl's message. */
  async apply(name: string, overrides: SpecOverrides = {}): Promise<void> {
    const manifest = {
      apiVersion: "bacula-openstack-sync.io/v1alpha1",
      kind: "OpenStackClient",
      metadata: { name, namespace: NAMESPACE },
      spec: { ...SPEC, ...overrides },
    };
    await this.kubernetes.kubectl(["apply", "-f", "-"], JSON.stringify(manifest));
  }

  /** `kubectl delete` of one OpenStackClient; resolves when Kubernetes has collected its ManagedVMs too, which it does when it likes. */
  async remove(name: string): Promise<void> {
    await this.kubernetes.kubectl(["delete", "osc", name, "-n", NAMESPACE]);
    await until(
      () => this.managedVms(name),
      (objects) => objects.length === 0,
      `the ManagedVMs of ${name} are gone`,
      60_000,
    );
  }

  async client(name: string): Promise<OpenStackClient> {
    return readOpenStackClient(await this.#get(`openstackclients/${name}`));
  }

  /** All ManagedVMs, or those of one OpenStackClient; by name. */
  async managedVms(client?: string): Promise<readonly ManagedVm[]> {
    const selector = client === undefined ? "" : `?fieldSelector=spec.clientRef.name=${client}`;
    return readManagedVms(await this.#get(`managedvms${selector}`));
  }

  /** As `kubectl get`, which tests wait with and which would take most of the processor's time. */
  async #get(resource: string): Promise<string> {
    const { dir, server } = this.kubernetes;
    const url = `${server}/apis/bacula-openstack-sync.io/v1alpha1/namespaces/${NAMESPACE}/${resource}`;
    const { status, body } = await getAsAdmin(join(dir, "certificates"), url);
    if (status !== 200) throw new Error(`${resource}: the API server answered ${status}: ${body}`);
    return body;
  }

  /** Asks for a pass by `requested-at`; resolves when the status says that it is done. */
  async pass(name: string, token: string): Promise<OpenStackClient> {
    const annotation = `${ANNOTATIONS.requestedAt}=${token}`;
    await this.kubernetes.kubectl(["annotate", "--overwrite", "osc", name, "-n", NAMESPACE, annotation]);
    return until(
      () => this.client(name),
      ({ status }) => status.lastHandledRequest === token,
      `lastHandledRequest of ${name} is ${token}`,
    );
  }

  /** The jobs of type Backup that the Director has. */
  async directorJobs(): Promise<readonly string[]> {
    const answer = await this.bacula.console(".jobs type=B");
    return answer
      .split("\n")
      .filter((line) => /^(?:HandWritten|backup-\S+)$/u.test(line))
      .sort();
  }
}

/**
 * Looks again and again until what it sees is as wanted; throws with the last sight when it takes too long. A look that
 * fails counts as a sight that is not wanted.
 */
export async function until<T>(
  look: () => Promise<T>,
  isWanted: (seen: T) => boolean,
  what: string,
  timeoutMs = 30_000,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  let last: unknown;
  do {
    try {
      const seen = await look();
      if (isWanted(seen)) return seen;
      last = seen;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  } while (performance.now() < deadline);
  const shown = last instanceof Error ? last.message : JSON.stringify(last, null, 1);
  throw new Error(`not within ${timeoutMs / 1000} s: ${what}; last seen: ${shown}`);
}
