import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

/**
 * Brings the binaries of one part into the cache, each only when it is missing; progress goes to stderr in plain words.
 * Throws when a part can't be had: the script has then said which one and what to do.
 */
export async function install(part: "bacula" | "kubernetes" | "keystone"): Promise<void> {
  const script = join(import.meta.dirname, part, "install.sh");
  const child = spawn(script, { stdio: ["ignore", "inherit", "inherit"] });
  const [code] = await once(child, "exit");
  if (code !== 0) throw new Error(`the test bed's part ${part} is not complete; what is missing is said above`);
}
