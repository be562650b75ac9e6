import { readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { parse } from "yaml";
import { type AccessOrProblem, accessOf } from "./access.ts";
import { type Cloud, cloudOfEnvironment, cloudsFile } from "./cloud.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * How to log in at OpenStack, found as openstacksdk does: OS_CLOUD names a cloud of clouds.yaml (OS_CLIENT_CONFIG_FILE,
 * else the first of `.`, ~/.config/openstack, /etc/openstack; secrets also in the secure.yaml beside it); without it the
 * OS_* variables count, and else the only cloud of the file. Nothing of the file's values is ever told but names.
 */
export async function findAccess(env: Environment): Promise<AccessOrProblem | { readonly kind: "noCredentials" }> {
  const wanted = env["OS_CLOUD"] ?? "";
  const fromEnvironment = cloudOfEnvironment(env);
  if (fromEnvironment !== undefined && (wanted === "" || wanted === "envvars"))
    return accessOf(fromEnvironment, "OS_* variables");
  const file = await firstFile(env);
  if (file === undefined) {
    if (wanted === "") return { kind: "noCredentials" };
    return unusable(`OS_CLOUD is ${wanted}, and there is no clouds.yaml`, "set OS_CLIENT_CONFIG_FILE to its path");
  }
  const read = readClouds(file);
  if (read.kind === "unusable") return read;
  const names = Object.keys(read.clouds);
  const name = wanted === "" && names.length === 1 ? (names[0] ?? "") : wanted;
  const cloud = read.clouds[name];
  if (cloud === undefined) {
    const problem = wanted === "" ? "OS_CLOUD is not set" : `OS_CLOUD is ${wanted}`;
    return unusable(`${problem}; ${file.path} has ${names.join(", ") || "no cloud"}`, "set OS_CLOUD to one of them");
  }
  return accessOf(await withSecrets(cloud, name, file.path), `${file.path}, cloud ${name}`);
}

interface TextFile {
  readonly path: string;
  readonly text: string;
}

async function firstFile(env: Environment): Promise<TextFile | undefined> {
  const home = env["HOME"] ?? "/nonexistent";
  const folders = [".", join(env["XDG_CONFIG_HOME"] ?? join(home, ".config"), "openstack"), "/etc/openstack"];
  const named = env["OS_CLIENT_CONFIG_FILE"] ?? "";
  const paths = [...(named === "" ? [] : [named]), ...folders.map((folder) => join(folder, "clouds.yaml"))];
  for (const path of paths) {
    const text = await readFile(path, "utf8").catch(() => undefined);
    if (text !== undefined) return { path: resolve(path), text };
  }
  return undefined;
}

function readClouds({
  path,
  text,
}: TextFile):
  | { readonly kind: "read"; readonly clouds: Readonly<Record<string, Cloud>> }
  | Extract<AccessOrProblem, { kind: "unusable" }> {
  let content: unknown;
  try {
    content = parse(text, { logLevel: "silent" });
  } catch {
    // The parser's message would show the line, and so perhaps the password.
    return unusable(`${path} is no YAML`, "correct it");
  }
  const clouds = cloudsFile.safeParse(content);
  if (clouds.success) return { kind: "read", clouds: clouds.data.clouds };
  const where = clouds.error.issues.map(({ path: keys }) => keys.join(".") || "the file").join(", ");
  return unusable(`${path} is not as a clouds.yaml should be at: ${where}`, "correct it");
}

/** secure.yaml goes before clouds.yaml, key by key. */
async function withSecrets(cloud: Cloud, name: string, path: string): Promise<Cloud> {
  const text = await readFile(join(dirname(path), "secure.yaml"), "utf8").catch(() => undefined);
  if (text === undefined) return cloud;
  const read = readClouds({ path, text });
  const secrets = read.kind === "read" ? read.clouds[name] : undefined;
  return { ...cloud, ...secrets, auth: { ...cloud.auth, ...secrets?.auth } };
}

function unusable(problem: string, remedy: string): Extract<AccessOrProblem, { kind: "unusable" }> {
  return { kind: "unusable", problem, remedy };
}
