import { stat } from "node:fs/promises";
import type { RequestOptions } from "node:https";
import { delimiter } from "node:path";
import type { KubeConfig } from "@kubernetes/client-node";
import type { Logger } from "../logger.ts";
import type { Timing } from "../time/timing.ts";
import { CachedCredentials } from "./cached-credentials.ts";
import type { ClusterAccess, PresentCredentials } from "./credentials.ts";

/** The kubeconfig cannot be used; the message says which file and why. */
class KubeconfigError extends Error {
  override readonly name = "KubeconfigError";
  readonly code = "KubeconfigInvalid";
}

/**
 * Access by the current context of a kubeconfig (`files`: one path, or several separated as in KUBECONFIG).
 * Certificates, tokens, exec plugins and OIDC are client-node's work, its connections are not used. A changed file is
 * read again within a minute. Throws `KubeconfigError`.
 */
export async function kubeconfigAccess(files: string, timing: Timing, log: Logger): Promise<ClusterAccess> {
  const paths = files.split(delimiter).filter((path) => path !== "");
  let config = await load(paths);
  let version = await versionOf(paths);
  const cluster = config.getCurrentCluster();
  if (cluster === null) {
    throw new KubeconfigError(`${files}: current-context "${config.getCurrentContext()}" names no cluster`);
  }
  if (cluster.proxyUrl !== undefined && cluster.proxyUrl !== "") {
    throw new KubeconfigError(`${files}: cluster "${cluster.name}" has a proxy-url, which is not supported`);
  }

  const read = async (): Promise<PresentCredentials> => {
    const versionNow = await versionOf(paths);
    if (versionNow !== version) {
      config = await load(paths);
      version = versionNow;
    }
    return presentOf(config);
  };
  return {
    server: cluster.server.replace(/\/+$/, ""),
    namespace: config.getContextObject(config.getCurrentContext())?.namespace,
    credentials: new CachedCredentials(read, timing, log),
  };
}

async function load(paths: readonly string[]): Promise<KubeConfig> {
  // Loaded only here: it takes half a second and 80 MiB, which a pod with a service account need not pay.
  const { KubeConfig } = await import("@kubernetes/client-node");
  const config = new KubeConfig();
  try {
    for (const [position, path] of paths.entries()) {
      if (position === 0) {
        config.loadFromFile(path);
      } else {
        const further = new KubeConfig();
        further.loadFromFile(path);
        config.mergeConfig(further, true);
      }
    }
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    throw new KubeconfigError(`kubeconfig ${paths.join(delimiter)} cannot be read: ${said}`, { cause: error });
  }
  return config;
}

async function versionOf(paths: readonly string[]): Promise<string> {
  const found = await Promise.all(paths.map((path) => stat(path, { bigint: true })));
  return found.map((file) => `${file.mtimeNs} ${file.size} ${file.ino}`).join("\n");
}

async function presentOf(config: KubeConfig): Promise<PresentCredentials> {
  const options: RequestOptions = {};
  await config.applyToHTTPSOptions(options);
  const headers: Record<string, string> = {};
  if (typeof options.auth === "string") {
    Object.assign(headers, { authorization: `Basic ${Buffer.from(options.auth, "utf8").toString("base64")}` });
  }
  for (const [name, value] of Object.entries(options.headers ?? {})) {
    if (typeof value === "string") headers[name.toLowerCase()] = value;
  }
  return {
    tls: {
      ca: pem(options.ca),
      cert: pem(options.cert),
      key: pem(options.key),
      serverName: options.servername,
      skipVerify: options.rejectUnauthorized === false,
    },
    headers,
  };
}

function pem(value: unknown): string | Buffer | undefined {
  return typeof value === "string" || Buffer.isBuffer(value) ? value : undefined;
}
