import { rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type BaculaBed, startBaculaBed } from "../testbed/bacula-bed.ts";
import { runFolder } from "../testbed/cache-folders.ts";
import { type KubeBed, startKubeBed } from "../testbed/kube-bed.ts";
import { claimRunFolder, wipeRunFolder } from "../testbed/run-folder.ts";

export const OPERATOR_NAME = "operator";

const NAME = "demo";
const BACULA = runFolder(NAME, "bacula");
const KUBERNETES = runFolder(NAME, "kubernetes");

export interface DemoBed {
  readonly bacula: BaculaBed;
  readonly kubernetes: KubeBed;
}

/** Makes the demo's state ours, and ends a demo that was kept running; throws when another demo is under way. */
export async function claimDemoBed(): Promise<void> {
  await claimRunFolder(BACULA);
  await endDemoBed();
  await claimRunFolder(BACULA);
}

/**
 * Starts a real Bacula and a real Kubernetes control plane for the demo alone, once it is claimed. `isKept`: both go on
 * when this process ends.
 */
export async function startDemoBed(isKept: boolean): Promise<DemoBed> {
  const options = { name: NAME, outlivesCaller: isKept };
  const [bacula, kubernetes] = await Promise.all([startBaculaBed(options), startKubeBed(options)]);
  return { bacula, kubernetes };
}

/** Ends every process of the claimed demo and removes its state. */
export async function endDemoBed(): Promise<void> {
  // The operator's pid file is in its own folder.
  await wipeRunFolder(join(KUBERNETES, OPERATOR_NAME));
  await Promise.all([wipeRunFolder(BACULA), wipeRunFolder(KUBERNETES)]);
  await rm(dirname(BACULA), { recursive: true, force: true });
}
