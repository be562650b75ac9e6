import type { ClientIdentity } from "../domain/client/client-policy.ts";
import type { Volume } from "./ports.ts";

/**
 * Whether job files of each client exist in its folder: of two that claim the same, the one that has worked here before
 * is the owner (rule 6). A volume that cannot be read says no for all, so that age decides.
 */
export async function hasJobFiles(
  clients: readonly ClientIdentity[],
  volume: Volume,
  signal: AbortSignal,
): Promise<readonly boolean[]> {
  const lock = await volume.withLock(async (tree) => {
    const answers: boolean[] = [];
    for (const client of clients) {
      const { folders } = await tree.readClient(client, signal);
      answers.push(folders.some((folder) => folder.kind === "ours" && folder.job.headers.client === client.client));
    }
    return answers;
  }, signal);
  return lock.kind === "done" ? lock.value : clients.map(() => false);
}
