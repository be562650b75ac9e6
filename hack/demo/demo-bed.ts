import { rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type BaculaBed, startBaculaBed } from "../testbed/bacula-bed.ts";
import { runFolder } from "../testbed/cache-folders.ts";
import { type KubeBed, startKubeBed } from "../testbed/kube-bed.ts";
import { claimRunFolder, wipeRunFolder } from "../testbed/run-folder.ts";

const NAME = "demo";
const BACULA = runFolder(NAME, "bacula");
const KUBERNETES = runFolder(NAME, "kubernetes");

export interface DemoBed {
  readonly bacula: BaculaBed;
  readonly kubernetes: KubeBed;
}

/**
 * Starts a real Bacula and a real Kubernetes control plane for the demo alone. A demo that was kept running is ended
 * first; throws when another demo is under way. `isKept`: both go on when this process ends.
 */
export async function startDemoBed(isKept: boolean): Promise<DemoBed> {
  await claimRunFolder(BACULA);
  await endDemoOperator();
  const options = { name: NAME, outlivesCaller: isKept };
  const [bacula, kubernetes] = await Promise.all([startBaculaBed(options), startKubeBed(options)]);
  return { bacula, kubernetes };
}

/** Ends every process of the demo, whoever started it, and removes its state. */
export async function endDemoBed(): Promise<void> {
  await endDemoOperator();
  await Promise.all([wipeRunFolder(BACULA), wipeRunFolder(KUBERNETES)]);
  await rm(dirname(BACULA), { recursive: true, force: true });
}

/** Its pid file is in its own folder. */
async function endDemoOperator(): Promise<void> {
  await wipeRunFolder(join(KUBERNETES, OPERATOR_NAME));
}

export const OPERATOR_NAME = "operator";
