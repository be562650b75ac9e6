import { hash } from "node:crypto";
import type { DesiredStatus } from "../../kubernetes/status/merge-status.ts";
import type { ManagedVmRecord } from "./managed-vm-record.ts";

/**
 * Which status each ManagedVM was last seen to have, as a hash: so that a pass without changes compares a hundred
 * thousand statuses without parsing one. Lost with the process; then each is parsed and compared once.
 */
export class ProjectionMemory {
  readonly #settled = new Map<string, { readonly resourceVersion: string; readonly hash: string }>();

  isSettled(record: ManagedVmRecord, status: DesiredStatus): boolean {
    const settled = this.#settled.get(record.uid);
    return (
      settled !== undefined && settled.resourceVersion === record.resourceVersion && settled.hash === hashOf(status)
    );
  }

  /** True while nobody has written to the object since its status was settled. */
  isUntouched(record: ManagedVmRecord): boolean {
    return this.#settled.get(record.uid)?.resourceVersion === record.resourceVersion;
  }

  settle(record: ManagedVmRecord, status: DesiredStatus): void {
    this.#settled.set(record.uid, { resourceVersion: record.resourceVersion, hash: hashOf(status) });
  }

  forget(uid: string): void {
    this.#settled.delete(uid);
  }
}

function hashOf(status: DesiredStatus): string {
  return hash("md5", JSON.stringify(status), "base64");
}
