import { dirname } from "node:path";
import { toVolumeError } from "../volume-error.ts";
import { ensureFolder } from "./file-rights.ts";

/**
 * Makes the two folders of a client, BASE_DIR/datacenter/openstack, where they are missing; answers the folders that
 * have got a new entry and are to be synced. Refuses symbolic links.
 */
export async function ensureClientFolder(openstack: string, gid: number): Promise<readonly string[]> {
  const datacenter = dirname(openstack);
  const baseDir = dirname(datacenter);
  try {
    const changed: string[] = [];
    if (await ensureFolder(datacenter, baseDir, gid)) changed.push(baseDir);
    if (await ensureFolder(openstack, datacenter, gid)) changed.push(datacenter);
    return changed;
  } catch (error) {
    throw toVolumeError(error, "write", openstack);
  }
}
