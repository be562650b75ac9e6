import { z } from "zod";
import { managedVmSpec, managedVmStatus } from "../../../src/api/managed-vm.ts";
import { openStackClientStatus } from "../../../src/api/open-stack-client.ts";

const metadata = z.object({ name: z.string(), uid: z.string(), resourceVersion: z.string(), generation: z.number() });
const openStackClient = z.object({ metadata, status: openStackClientStatus.default({}) });
const managedVm = z.object({ metadata, spec: managedVmSpec, status: managedVmStatus.default({}) });
const managedVmList = z.object({ items: z.array(managedVm) });

/** What tests look at of the objects, as the API server shows them. */
export type OpenStackClient = z.infer<typeof openStackClient>;
export type ManagedVm = z.infer<typeof managedVm>;

export function readOpenStackClient(json: string): OpenStackClient {
  return openStackClient.parse(JSON.parse(json));
}

export function readManagedVms(json: string): readonly ManagedVm[] {
  return managedVmList.parse(JSON.parse(json)).items;
}

interface WithConditions {
  readonly status: {
    readonly conditions?:
      | readonly { readonly type: string; readonly status: string; readonly reason: string; readonly message: string }[]
      | undefined;
  };
}

/** `True Listed`: status and reason of one condition; undefined when it is not there. */
export function condition({ status }: WithConditions, type: string): string | undefined {
  const found = status.conditions?.find((candidate) => candidate.type === type);
  return found === undefined ? undefined : `${found.status} ${found.reason}`;
}

export function message({ status }: WithConditions, type: string): string {
  return status.conditions?.find((candidate) => candidate.type === type)?.message ?? "";
}

/** All of a ManagedVM that is the same when it is made anew: no uid, no versions, no times of transitions. */
export function withoutVersions({ metadata: { name }, spec, status }: ManagedVm) {
  const { observedGeneration: _, ...rest } = status;
  const conditions = status.conditions?.map((each) => ({
    type: each.type,
    status: each.status,
    reason: each.reason,
    message: each.message,
  }));
  return { name, spec, status: { ...rest, conditions } };
}
