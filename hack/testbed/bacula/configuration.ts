import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cacheFolder } from "../cache-folders.ts";

export interface BaculaPorts {
  readonly director: number;
  readonly fd: number;
  readonly sd: number;
  readonly catalog: number;
  readonly mute: number;
}

export interface Catalog {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
}

/** What the File Daemon loads: the stand-in openstack plugin, only bpipe, or no plugin at all. */
export type FdPlugins = "openstack" | "bpipe" | "none";

/** A program that install.sh has put into the cache. */
export function baculaProgram(name: "bconsole" | "bacula-dir" | "bacula-fd" | "bacula-sd" | "dbcheck"): string {
  return join(cacheFolder(), "bacula", "bin", name);
}

export function fdConfiguration(bed: string, plugins: FdPlugins): string {
  return join(bed, "etc", `bacula-fd-${plugins}.conf`);
}

/** Writes the whole configuration of a bed into `<bed>/etc`, and an empty include.conf, which the Director needs to start. */
export async function writeConfiguration(
  bed: string,
  baseDir: string,
  clients: readonly [string, ...string[]],
  ports: BaculaPorts,
  catalog: Catalog,
): Promise<void> {
  for (const folder of ["etc", "work", "volumes", "fleet", "log", "restore"]) {
    await mkdir(join(bed, folder), { recursive: true });
  }
  await mkdir(baseDir, { recursive: true });
  for (const empty of [join(baseDir, "include.conf"), join(bed, "etc/extra.conf"), join(bed, "etc/query.sql")]) {
    await writeFile(empty, "");
  }
  const values: Record<string, string> = {
    BED: bed,
    BASE_DIR: baseDir,
    DIRECTOR_PORT: String(ports.director),
    FD_PORT: String(ports.fd),
    SD_PORT: String(ports.sd),
    MUTE_PORT: String(ports.mute),
    CATALOG_PORT: String(catalog.port),
    DB_NAME: catalog.database,
    DB_USER: catalog.user,
    DB_PASSWORD: catalog.password,
    FIRST_CLIENT: clients[0],
    CLIENTS: clients.map((name) => clientResource(name, ports.fd)).join("\n"),
    DEVICES: [1, 2, 3, 4].map((number) => deviceResource(number, bed)).join("\n"),
    RUN_AT: timeTwelveHoursFrom(new Date()),
  };
  for (const name of ["bacula-dir.conf", "bacula-sd.conf", "bconsole.conf", "bconsole-tool.conf"]) {
    await writeFile(join(bed, "etc", name), await render(name, values));
  }
  const pluginDirectories: Record<FdPlugins, string> = {
    openstack: `Plugin Directory = "${join(cacheFolder(), "bacula/plugins")}"`,
    bpipe: `Plugin Directory = "${join(cacheFolder(), "bacula/other-plugins")}"`,
    none: "",
  };
  for (const plugins of ["openstack", "bpipe", "none"] as const) {
    const text = await render("bacula-fd.conf", { ...values, PLUGIN_DIRECTORY: pluginDirectories[plugins] });
    await writeFile(fdConfiguration(bed, plugins), text);
  }
}

async function render(template: string, values: Readonly<Record<string, string>>): Promise<string> {
  const text = await readFile(join(import.meta.dirname, "conf", template), "utf8");
  return text.replaceAll(/@([A-Z_]+)@/g, (placeholder, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`${template} has ${placeholder}, which nobody fills in`);
    return value;
  });
}

function clientResource(name: string, port: number): string {
  return `Client {
  Name = ${name}
  Address = 127.0.0.1
  FDPort = ${port}
  Catalog = MyCatalog
  Password = "fdpw"
  AutoPrune = no
  Maximum Concurrent Jobs = 20
}`;
}

function deviceResource(number: number, bed: string): string {
  return `Device {
  Name = FileDev${number}
  Media Type = File
  Archive Device = "${join(bed, "volumes")}"
  Autochanger = yes
  LabelMedia = yes
  Random Access = yes
  AutomaticMount = yes
  RemovableMedia = no
  AlwaysOpen = no
  Maximum Concurrent Jobs = 20
}`;
}

/** In the process's zone, which is the Director's too: `HH:MM`. */
function timeTwelveHoursFrom(now: Date): string {
  const hour = (now.getHours() + 12) % 24;
  return `${String(hour).padStart(2, "0")}:${String(now.getMinutes()).padStart(2, "0")}`;
}
