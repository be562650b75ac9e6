import { vmHeader } from "../../domain/jobfile/vm-header.ts";
import type { VmExplanation } from "../../domain/status/explain-vm.ts";
import type { VmStatus } from "../../domain/status/vm-status.ts";
import { wireTime } from "../../domain/status/wire-time.ts";
import type { PassReport } from "../../sync/pass-report.ts";
import type { SeenVm } from "../../sync/seen-vms.ts";

/** The whole answer to `why`, as JSON and as the text is made of it. Times are RFC 3339 in UTC. */
export interface VmAnswer extends VmExplanation, Omit<VmStatus, "conditions"> {
  readonly vm: string;
  readonly uuid: string;
  readonly client: string;
  /** The folder under BASE_DIR; absent: it has none. */
  readonly folder?: string | undefined;
  /** The directives of its job that policy drives; absent: left to the JobDefs. */
  readonly directives?: Readonly<Record<string, string | undefined>> | undefined;
  readonly hold?: string | undefined;
  readonly suspend?: string | undefined;
  /** Only while its client cannot be seen: when it was seen last, as far as that was noted. */
  readonly clientLastSeen?: string | undefined;
}

/** What is to be told of one VM of this client. */
export function vmAnswer({ vm, status, explanation }: SeenVm, { policy, outcome }: PassReport): VmAnswer {
  const { datacenter, openstack, client } = policy;
  const { job, slug, sighting } = vm;
  const { conditions: _told, ...shown } = status;
  const { storage, pool, schedule, messages } = job?.directives ?? {};
  const { hold, suspend } = job?.headers ?? {};
  const lastSeenMs = outcome.kind === "passed" && sighting === "unseen" ? outcome.foreseen?.lastSeenMs : undefined;
  return {
    vm: vmHeader(vm.name),
    uuid: vm.uuid,
    client,
    ...explanation,
    ...shown,
    ...(job !== undefined && { folder: `${datacenter}/${openstack}/${slug}` }),
    ...(job !== undefined && { directives: { storage, pool, schedule, messages } }),
    ...(hold !== undefined && { hold }),
    ...(suspend !== undefined && { suspend }),
    ...(lastSeenMs !== undefined && { clientLastSeen: wireTime(lastSeenMs) }),
  };
}
