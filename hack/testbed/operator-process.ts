import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { BaculaBed } from "./bacula-bed.ts";
import { baculaSettings } from "./bacula-settings.ts";
import { Daemon } from "./daemon.ts";
import { freePorts } from "./free-ports.ts";
import type { KubeBed } from "./kube-bed.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
export const NAMESPACE = "bacula";
const SERVICE_ACCOUNT = "bacula-openstack-sync";

export interface OperatorOptions {
  readonly kubernetes: KubeBed;
  readonly bacula: BaculaBed;
  /** Tells several operators of one bed apart. */
  readonly name?: string | undefined;
  /** Further settings, before the bed's own. */
  readonly settings?: Readonly<Record<string, string>> | undefined;
  readonly outlivesCaller?: boolean | undefined;
  /** Its entry point; the sources, unbuilt, when left out. */
  readonly program?: string | undefined;
  /** How it finds the API server: by a kubeconfig (the default), or like a pod, which needs root. */
  readonly access?: "kubeconfig" | "serviceAccount" | undefined;
}

/** Applies the CRDs and the operator's namespace, service account and least rights, as an administrator would. */
export async function installOperator(kubernetes: KubeBed): Promise<void> {
  await kubernetes.kubectl(["apply", "-f", join(ROOT, "crds")]);
  await kubernetes.kubectl(["wait", "--for=condition=Established", "crd", "--all", "--timeout=60s"]);
  const namespaces = await kubernetes.kubectl(["get", "namespaces", "-o", "name"]);
  if (!namespaces.includes(`namespace/${NAMESPACE}\n`)) await kubernetes.kubectl(["create", "namespace", NAMESPACE]);
  await kubernetes.kubectl(["apply", "-f", join(ROOT, "hack/manifests/operator-rbac.yaml")]);
}

/** A real operator beside the beds: its own process, with the service account's token and least rights. */
export class OperatorProcess {
  readonly folder: string;
  readonly metricsPort: number;
  readonly healthPort: number;
  readonly #daemon: Daemon;
  readonly #program: string;
  readonly #access: Access;
  readonly #settings: Readonly<Record<string, string>>;

  private constructor(
    folder: string,
    daemon: Daemon,
    program: string,
    access: Access,
    settings: Readonly<Record<string, string>>,
    ports: readonly [number, number],
  ) {
    this.folder = folder;
    this.#daemon = daemon;
    this.#program = program;
    this.#access = access;
    this.#settings = settings;
    [this.metricsPort, this.healthPort] = ports;
  }

  /** Prepares it; `start` starts it. The operator must be installed. */
  static async prepare(options: OperatorOptions): Promise<OperatorProcess> {
    const { kubernetes, bacula, name = "operator", program = join(ROOT, "src/main.ts") } = options;
    const folder = join(kubernetes.dir, name);
    await mkdir(folder, { recursive: true });
    const [metricsPort = 0, healthPort = 0] = await freePorts(2);
    const access =
      options.access === "serviceAccount" ? await accessOfPod(kubernetes, folder) : await accessByFile(kubernetes);
    const settings = {
      ...access.settings,
      POD_NAMESPACE: NAMESPACE,
      METRICS_BIND_ADDRESS: `127.0.0.1:${metricsPort}`,
      HEALTH_PROBE_BIND_ADDRESS: `127.0.0.1:${healthPort}`,
      ...baculaSettings(bacula),
      ...options.settings,
    };
    const daemon = new Daemon({
      name,
      folder,
      stopSignal: "SIGTERM",
      deathSignal: "SIGKILL",
      stopGraceMs: 30_000,
      outlivesCaller: options.outlivesCaller ?? false,
      isReady: () => answers(`http://127.0.0.1:${healthPort}/livez`),
      readyTimeoutMs: 60_000,
    });
    return new OperatorProcess(folder, daemon, program, access, settings, [metricsPort, healthPort]);
  }

  async start(): Promise<void> {
    const file = join(this.folder, "settings.env");
    const lines = Object.entries(this.#settings).map(([variable, value]) => `${variable}="${value}"\n`);
    await writeFile(file, lines.join(""), { mode: 0o600 });
    await this.#daemon.start([
      ...this.#access.launcher,
      process.execPath,
      `--env-file=${file}`,
      this.#program,
      "operator",
    ]);
  }

  get pid(): number {
    return this.#daemon.pid;
  }

  isAlive(): Promise<boolean> {
    return this.#daemon.isAlive();
  }

  /** SIGTERM and the graceful way out. */
  stop(): Promise<void> {
    return this.#daemon.stop();
  }

  kill(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    return this.#daemon.kill(signal);
  }

  /** Its log so far, one JSON document a line. */
  log(): Promise<string> {
    return readFile(this.#daemon.logFile, "utf8");
  }

  /** The value of one sample of /metrics, such as `bacula_openstack_sync_leader`; undefined when it is not there. */
  async metric(sample: string): Promise<number | undefined> {
    const text = await (await fetch(`http://127.0.0.1:${this.metricsPort}/metrics`)).text();
    const line = text.split("\n").find((candidate) => candidate.startsWith(`${sample} `));
    return line === undefined ? undefined : Number(line.slice(sample.length + 1));
  }

  async isReady(): Promise<boolean> {
    return answers(`http://127.0.0.1:${this.healthPort}/readyz`);
  }
}

interface Access {
  readonly settings: Readonly<Record<string, string>>;
  /** What starts the command, and its first arguments. */
  readonly launcher: readonly string[];
}

async function accessByFile(kubernetes: KubeBed): Promise<Access> {
  return {
    settings: { KUBECONFIG: await kubernetes.serviceAccountKubeconfig(NAMESPACE, SERVICE_ACCOUNT) },
    launcher: [],
  };
}

async function accessOfPod(kubernetes: KubeBed, folder: string): Promise<Access> {
  const files = join(folder, "serviceaccount");
  await mkdir(files, { recursive: true, mode: 0o700 });
  await writeFile(join(files, "token"), await kubernetes.serviceAccountToken(NAMESPACE, SERVICE_ACCOUNT), {
    mode: 0o600,
  });
  await copyFile(kubernetes.caFile, join(files, "ca.crt"));
  await writeFile(join(files, "namespace"), NAMESPACE);
  const { hostname, port } = new URL(kubernetes.server);
  const settings = { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port };
  return { settings, launcher: [join(import.meta.dirname, "as-pod.sh"), files] };
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}
