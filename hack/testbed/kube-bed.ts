import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { runFolder } from "./cache-folders.ts";
import { Daemon } from "./daemon.ts";
import { freePorts } from "./free-ports.ts";
import { install } from "./install.ts";
import { getAsAdmin, isWell } from "./kubernetes/api-request.ts";
import { kubernetesBinary } from "./kubernetes/binaries.ts";
import {
  apiServerCommand,
  controllerManagerCommand,
  etcdCommand,
  etcdFolder,
  type KubePorts,
} from "./kubernetes/commands.ts";
import { compactEtcd } from "./kubernetes/compact-etcd.ts";
import { kubeconfigText } from "./kubernetes/kubeconfig.ts";
import { isListening } from "./reachable.ts";
import { claimRunFolder, releaseRunFolder, wipeRunFolder } from "./run-folder.ts";

export interface KubeBedOptions {
  /** Own folder, own ports, own certificates: beds of different names run side by side. */
  readonly name: string;
  /** Further flags of the API server. */
  readonly apiServerFlags?: readonly string[] | undefined;
  /** True: the processes go on when this process ends (`npm run testbed:up`). Otherwise the kernel ends them with it. */
  readonly outlivesCaller?: boolean | undefined;
}

/**
 * A real control plane for tests and the demo: etcd, kube-apiserver (RBAC on), kube-controller-manager; no kubelet.
 * The API server is ready when this resolves (about 5 s). Installs what is missing first (7 minutes when nothing is built).
 */
export async function startKubeBed(options: KubeBedOptions): Promise<KubeBed> {
  await install("kubernetes");
  const dir = runFolder(options.name, "kubernetes");
  await claimRunFolder(dir);
  await execa(join(import.meta.dirname, "kubernetes/certificates.sh"), [join(dir, "certificates")]);
  const [api = 0, etcd = 0, etcdPeer = 0, controllerManager = 0] = await freePorts(4);
  const bed = new KubeBed(dir, { api, etcd, etcdPeer, controllerManager }, options);
  try {
    await bed.start();
  } catch (error) {
    await wipeRunFolder(dir);
    throw error;
  }
  return bed;
}

export class KubeBed {
  /** The bed's run folder. */
  readonly dir: string;
  readonly ports: KubePorts;
  readonly #etcd: Daemon;
  readonly #apiServer: Daemon;
  readonly #controllerManager: Daemon;
  readonly #apiServerFlags: readonly string[];
  #isControllerManagerWanted = false;
  /** How long its log was at its last start, in characters. */
  #controllerManagerLogStart = 0;

  constructor(dir: string, ports: KubePorts, options: Omit<KubeBedOptions, "name"> = {}) {
    this.dir = dir;
    this.ports = ports;
    this.#apiServerFlags = options.apiServerFlags ?? [];
    const certificates = join(dir, "certificates");
    const shared = {
      folder: dir,
      stopSignal: "SIGTERM",
      deathSignal: "SIGKILL",
      stopGraceMs: 10_000,
      outlivesCaller: options.outlivesCaller ?? false,
      readyTimeoutMs: 90_000,
    } as const;
    this.#etcd = new Daemon({ ...shared, name: "etcd", isReady: () => isListening(ports.etcd) });
    this.#apiServer = new Daemon({
      ...shared,
      name: "kube-apiserver",
      isReady: () => isWell(certificates, `${this.server}/readyz`),
    });
    this.#controllerManager = new Daemon({
      ...shared,
      name: "kube-controller-manager",
      isReady: () => this.#collectsGarbage(),
    });
  }

  /** The API server's URL. */
  get server(): string {
    return `https://127.0.0.1:${this.ports.api}`;
  }

  get caFile(): string {
    return join(this.dir, "certificates/ca.crt");
  }

  /** Of an administrator (group system:masters). */
  get kubeconfig(): string {
    return join(this.dir, "admin.kubeconfig");
  }

  get kubectlPath(): string {
    return kubernetesBinary("kubectl");
  }

  get apiServerPid(): number {
    return this.#apiServer.pid;
  }

  async start(): Promise<void> {
    const certificateFile = join(this.dir, "certificates/admin.crt");
    const keyFile = join(this.dir, "certificates/admin.key");
    const proof = { kind: "certificate", certificateFile, keyFile } as const;
    await writeFile(this.kubeconfig, kubeconfigText(this.server, this.caFile, "admin", proof), { mode: 0o600 });
    await this.startEtcd();
    await this.startApiServer();
    await this.startControllerManager();
  }

  async startEtcd(): Promise<void> {
    await this.#etcd.start(etcdCommand(this.dir, this.ports));
  }

  async killEtcd(): Promise<void> {
    await this.#etcd.kill();
  }

  /** All that was stored is gone; resolves when an empty control plane serves under the same address and certificates. */
  async loseEtcd(): Promise<void> {
    await this.killControllerManager();
    await this.killApiServer();
    await this.killEtcd();
    await rm(etcdFolder(this.dir), { recursive: true });
    await this.startEtcd();
    await this.startApiServer();
    await this.startControllerManager();
  }

  /**
   * Resolves when it is ready to serve. It keeps its port and certificates, and what is stored in etcd. A controller
   * manager that has given up meanwhile is started again, as a kubelet would do.
   */
  async startApiServer(): Promise<void> {
    await this.#apiServer.start(apiServerCommand(this.dir, this.ports, this.#apiServerFlags));
    if (this.#isControllerManagerWanted && !(await this.#controllerManager.isAlive()))
      await this.startControllerManager();
  }

  /** At once (SIGKILL): every connection is cut. */
  async killApiServer(): Promise<void> {
    await this.#apiServer.kill();
  }

  /** It keeps its connections and says nothing, until resumeApiServer(). */
  async pauseApiServer(): Promise<void> {
    await this.#apiServer.kill("SIGSTOP");
  }

  async resumeApiServer(): Promise<void> {
    await this.#apiServer.kill("SIGCONT");
  }

  /** Resolves when all its controllers run: one that loses the API server before that ends itself. */
  async startControllerManager(): Promise<void> {
    this.#isControllerManagerWanted = true;
    this.#controllerManagerLogStart = (await this.#controllerManagerLog()).length;
    await this.#controllerManager.start(controllerManagerCommand(this.dir, this.ports, this.kubeconfig));
  }

  async killControllerManager(): Promise<void> {
    this.#isControllerManagerWanted = false;
    await this.#controllerManager.kill();
  }

  /** The garbage collector is the last to be ready. */
  async #collectsGarbage(): Promise<boolean> {
    const log = await this.#controllerManagerLog();
    return log.includes("Proceeding to collect garbage", this.#controllerManagerLogStart);
  }

  async #controllerManagerLog(): Promise<string> {
    return readFile(this.#controllerManager.logFile, "utf8").catch(() => "");
  }

  /** kubectl as the administrator; its stdout. Throws with its stderr when it fails. */
  async kubectl(args: readonly string[], stdin = ""): Promise<string> {
    const result = await execa(this.kubectlPath, [`--kubeconfig=${this.kubeconfig}`, ...args], {
      input: stdin,
      env: { HOME: this.dir, PATH: "/usr/bin:/bin" },
      extendEnv: false,
      timeout: 120_000,
    });
    return result.stdout;
  }

  /** Makes etcd forget history; see {@link compactEtcd}. */
  async compactEtcd(): Promise<string> {
    return compactEtcd(`http://127.0.0.1:${this.ports.etcd}`);
  }

  /**
   * The path of a kubeconfig with a token of that service account, which must exist, good for an hour. It may do what
   * RBAC grants the account, and no more.
   */
  async serviceAccountKubeconfig(namespace: string, name: string): Promise<string> {
    const token = await this.serviceAccountToken(namespace, name);
    const file = join(this.dir, `${namespace}.${name}.kubeconfig`);
    const text = kubeconfigText(this.server, this.caFile, name, { kind: "token", token }, namespace);
    await writeFile(file, text, { mode: 0o600 });
    return file;
  }

  /** A fresh token by TokenRequest. */
  async serviceAccountToken(namespace: string, name: string): Promise<string> {
    return (await this.kubectl(["create", "token", name, `--namespace=${namespace}`, "--duration=1h"])).trim();
  }

  /** The API server's own figures, in Prometheus' text format. */
  async metricsText(): Promise<string> {
    const answer = await getAsAdmin(join(this.dir, "certificates"), `${this.server}/metrics`);
    if (answer.status !== 200) throw new Error(`/metrics answered ${answer.status}: ${answer.body}`);
    return answer.body;
  }

  /** Ends every process of the bed; its folder stays, and start() goes on with it. */
  async stop(): Promise<void> {
    this.#isControllerManagerWanted = false;
    await this.#controllerManager.stop();
    await this.#apiServer.stop();
    await this.#etcd.stop();
    await releaseRunFolder(this.dir);
  }

  /** Ends every process of the bed at once and removes its folder. */
  async wipe(): Promise<void> {
    await Promise.all([this.#controllerManager, this.#apiServer, this.#etcd].map((daemon) => daemon.kill()));
    await wipeRunFolder(this.dir);
  }
}
