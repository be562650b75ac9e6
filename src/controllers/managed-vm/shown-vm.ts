import type { Personal } from "../../domain/jobfile/personal-headers.ts";
import type { DesiredStatus } from "../../kubernetes/status/merge-status.ts";

/** One VM's ManagedVM without its status. */
export interface ShownVm {
  readonly uuid: string;
  /** For an object that is not there yet; one that is keeps its name. */
  readonly name: string;
  readonly vmName: string;
  /** The person's fields as the headers say them; absent for a VM without a job, whose spec then stays as it is. */
  readonly personal?: Personal | undefined;
}

/** One VM as its ManagedVM shall show it. */
export interface DesiredManagedVm extends ShownVm {
  readonly status: DesiredStatus;
}
