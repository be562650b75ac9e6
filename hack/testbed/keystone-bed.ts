import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { cacheFolder, runFolder } from "./cache-folders.ts";
import { Daemon } from "./daemon.ts";
import { freePorts } from "./free-ports.ts";
import { install } from "./install.ts";
import { ComputeStandIn } from "./keystone/compute-stand-in.ts";
import { createdIn, KeystoneAdmin } from "./keystone/keystone-admin.ts";
import { isListening } from "./reachable.ts";
import { claimRunFolder, wipeRunFolder } from "./run-folder.ts";

/**
 * A real Keystone on SQLite for tests, with its admin (password `adminpw`), a project `backup`, in it a user `bacula`
 * (password `baculapw`, role reader), and a compute service whose endpoint is a stand-in for Nova. Everything serves
 * when this resolves. Installs what is missing first.
 */
export async function startKeystoneBed(options: { readonly name: string }): Promise<KeystoneBed> {
  await install("keystone");
  const dir = runFolder(options.name, "keystone");
  await claimRunFolder(dir);
  const [port = 0, computePort = 0] = await freePorts(2);
  const state = join(dir, "state");
  await execa("cp", ["-a", "--reflink=auto", join(cacheFolder(), "keystone/template"), state]);
  const configuration = join(state, "keystone.conf");
  const { stdout } = await execa(join(import.meta.dirname, "keystone/write-conf.sh"), [state]);
  await writeFile(configuration, `${stdout}\n`);
  const daemon = new Daemon({
    name: "keystone",
    folder: dir,
    stopSignal: "SIGTERM",
    deathSignal: "SIGKILL",
    stopGraceMs: 5_000,
    outlivesCaller: false,
    isReady: () => isListening(port),
    readyTimeoutMs: 120_000,
  });
  const authUrl = `http://127.0.0.1:${port}/v3`;
  const compute = new ComputeStandIn(authUrl);
  try {
    await daemon.start([
      join(cacheFolder(), "keystone/python"),
      join(import.meta.dirname, "keystone/serve.py"),
      configuration,
      String(port),
    ]);
    await compute.listen(computePort);
    const admin = await KeystoneAdmin.login(authUrl);
    const bed = new KeystoneBed(dir, authUrl, compute, admin, daemon);
    await bed.addComputeService(`http://127.0.0.1:${computePort}/v2.1`);
    await bed.addUser();
    return bed;
  } catch (error) {
    compute.close();
    await wipeRunFolder(dir);
    throw error;
  }
}

class KeystoneBed {
  readonly dir: string;
  readonly authUrl: string;
  readonly compute: ComputeStandIn;
  readonly #admin: KeystoneAdmin;
  readonly #daemon: Daemon;
  #serviceId = "";
  #userId = "";

  constructor(dir: string, authUrl: string, compute: ComputeStandIn, admin: KeystoneAdmin, daemon: Daemon) {
    this.dir = dir;
    this.authUrl = authUrl;
    this.compute = compute;
    this.#admin = admin;
    this.#daemon = daemon;
  }

  /** As `openrc` sets them for the user `bacula`. */
  get passwordVariables(): Readonly<Record<string, string>> {
    return {
      OS_AUTH_URL: this.authUrl,
      OS_USERNAME: "bacula",
      OS_PASSWORD: "baculapw",
      OS_PROJECT_NAME: "backup",
      OS_USER_DOMAIN_NAME: "Default",
      OS_PROJECT_DOMAIN_NAME: "Default",
    };
  }

  async addComputeService(url: string): Promise<void> {
    const made = await this.#admin.send("POST", "/services", { service: { type: "compute", name: "nova" } });
    this.#serviceId = createdIn(made, "service").id;
    await this.#admin.send("POST", "/endpoints", {
      endpoint: { service_id: this.#serviceId, interface: "public", region_id: "RegionOne", url },
    });
  }

  /** The service catalog lists compute, or does not. */
  async enableCompute(enabled: boolean): Promise<void> {
    await this.#admin.send("PATCH", `/services/${this.#serviceId}`, { service: { enabled } });
  }

  async addUser(): Promise<void> {
    const made = await this.#admin.send("POST", "/projects", { project: { name: "backup", domain_id: "default" } });
    const project = createdIn(made, "project").id;
    const user = { name: "bacula", password: "baculapw", domain_id: "default", default_project_id: project };
    this.#userId = createdIn(await this.#admin.send("POST", "/users", { user }), "user").id;
    const role = await this.#admin.idOfRole("reader");
    await this.#admin.send("PUT", `/projects/${project}/users/${this.#userId}/roles/${role}`);
  }

  /** Makes one, as the user `bacula` itself: nobody else may. Times as Keystone wants them, in UTC without a zone. */
  async addApplicationCredential(
    name: string,
    expiresAt?: Date,
  ): Promise<{ readonly id: string; readonly secret: string }> {
    const user = await KeystoneAdmin.login(this.authUrl, { name: "bacula", password: "baculapw", project: "backup" });
    const secret = `secret-of-${name}`;
    const expires = expiresAt === undefined ? {} : { expires_at: expiresAt.toISOString().replace("Z", "000") };
    const made = await user.send("POST", `/users/${this.#userId}/application_credentials`, {
      application_credential: { name, secret, ...expires },
    });
    return { id: createdIn(made, "application_credential").id, secret };
  }

  /** As if its time had come: Keystone makes none that is over already. */
  async expireApplicationCredential(id: string): Promise<void> {
    const sql = "UPDATE application_credential SET expires_at = 1 WHERE id = ?";
    const program = `import sqlite3, sys
with sqlite3.connect(sys.argv[1]) as database: assert database.execute(sys.argv[2], (sys.argv[3],)).rowcount == 1`;
    const database = join(this.dir, "state/keystone.db");
    await execa(join(cacheFolder(), "keystone/python"), ["-c", program, database, sql, id]);
  }

  async wipe(): Promise<void> {
    this.compute.close();
    await this.#daemon.kill();
    await wipeRunFolder(this.dir);
  }
}

export type { KeystoneBed };
