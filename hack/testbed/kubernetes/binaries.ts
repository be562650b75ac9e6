import { accessSync, constants } from "node:fs";
import { join } from "node:path";
import { cacheFolder } from "../cache-folders.ts";

/** The path of a binary: of $KUBEBUILDER_ASSETS when it is there, else of the cache (where install.sh puts it). */
export function kubernetesBinary(name: "etcd" | "kube-apiserver" | "kube-controller-manager" | "kubectl"): string {
  const { KUBEBUILDER_ASSETS: assets = "" } = process.env;
  const ready = join(assets, name);
  return assets !== "" && isExecutable(ready) ? ready : join(cacheFolder(), "bin", name);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
