import { isKubeError } from "../../kubernetes/http/api-error.ts";
import { clientKey, type ProjectionOwner, type ProjectionPorts } from "./projection-ports.ts";
import { ProjectionWrites } from "./projection-writes.ts";
import type { ShownVm } from "./shown-vm.ts";
import { createManagedVm } from "./write-managed-vm.ts";

/**
 * Makes the objects of VMs that just got their job files beside the Director's reload, which takes seconds for
 * thousands of jobs. They get their status when the pass has ended; what could not be made here is made then.
 */
export class Announcements {
  readonly #owner: ProjectionOwner;
  readonly #ports: ProjectionPorts;
  readonly #signal: AbortSignal;
  readonly #underWay: Promise<void>[] = [];

  constructor(owner: ProjectionOwner, ports: ProjectionPorts, signal: AbortSignal) {
    this.#owner = owner;
    this.#ports = ports;
    this.#signal = signal;
  }

  /** Returns at once. */
  begin(vms: readonly ShownVm[]): void {
    this.#underWay.push(this.#announce(vms).catch(() => undefined));
  }

  /** Resolves when none is under way any more; never rejects. */
  async end(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  async #announce(vms: readonly ShownVm[]): Promise<void> {
    const { store, concurrency } = this.#ports;
    // A VM that was opted out has one already, and so has one whose job file was lost.
    const present = new Set<string>();
    for (const key of store.index("client", clientKey(this.#owner))) present.add(store.get(key)?.uuid ?? "");
    const writes = new ProjectionWrites(concurrency, this.#signal);
    for (const vm of vms) if (!present.has(vm.uuid)) await writes.add(() => this.#create(vm));
    await writes.end();
  }

  async #create(vm: ShownVm): Promise<number> {
    try {
      await createManagedVm(this.#owner, vm, this.#ports, this.#signal);
      return 1;
    } catch (error) {
      if (isKubeError(error, "AlreadyExists")) return 0;
      throw error;
    }
  }
}
