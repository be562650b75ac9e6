import { isKubeError } from "../../kubernetes/http/api-error.ts";
import { clientKey, type ProjectionOwner, type ProjectionPorts } from "./projection-ports.ts";
import { ProjectionWrites } from "./projection-writes.ts";
import type { ShownVm } from "./shown-vm.ts";
import { createManagedVm } from "./write-managed-vm.ts";

/**
 * Makes the objects of VMs that just got their job files beside the writing of further files and the Director's reload,
 * which take seconds for thousands of jobs. They get their status when the pass has ended; what could not be made here is made then.
 */
export class Announcements {
  readonly #owner: ProjectionOwner;
  readonly #ports: ProjectionPorts;
  readonly #signal: AbortSignal;
  readonly #writes: ProjectionWrites;
  #present: ReadonlySet<string> | undefined;
  #underWay: Promise<void> = Promise.resolve();

  constructor(owner: ProjectionOwner, ports: ProjectionPorts, signal: AbortSignal) {
    this.#owner = owner;
    this.#ports = ports;
    this.#signal = signal;
    this.#writes = new ProjectionWrites(ports.concurrency, signal);
  }

  /** Returns at once; several calls share one limit of writes in flight. No VM may be named twice. */
  begin(vms: readonly ShownVm[]): void {
    this.#underWay = this.#underWay.then(() => this.#announce(vms)).catch(() => undefined);
  }

  /** Resolves when none is under way any more; never rejects. */
  async end(): Promise<void> {
    await this.#underWay;
    await this.#writes.end().catch(() => undefined);
  }

  async #announce(vms: readonly ShownVm[]): Promise<void> {
    this.#present ??= this.#uuidsPresent();
    for (const vm of vms) if (!this.#present.has(vm.uuid)) await this.#writes.add(() => this.#create(vm));
  }

  /** A VM that was opted out has an object already, and so has one whose job file was lost. */
  #uuidsPresent(): ReadonlySet<string> {
    const { store } = this.#ports;
    const keys = [...store.index("client", clientKey(this.#owner))];
    return new Set(keys.flatMap((key) => store.get(key)?.uuid ?? []));
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
