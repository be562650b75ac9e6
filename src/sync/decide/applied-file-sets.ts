import { z } from "zod";
import type { ClientIdentity } from "../../domain/client/client-policy.ts";
import { type FileSetPolicy, isSameFileSetPolicy } from "../../domain/jobfile/file-set-policy.ts";
import type { FrontEndVerdict } from "../../domain/policy/judge-front-end.ts";
import type { LockedTree } from "../ports.ts";

/**
 * Which policy the FileSets of a client followed last: the "old policy" of the three-way comparison (spec section 3). It
 * is the same for all VMs but those that could not follow it yet: absent, suspended, or held for approval.
 */
export interface AppliedFileSets {
  readonly common: FileSetPolicy;
  /** By uuid. */
  readonly others: ReadonlyMap<string, FileSetPolicy>;
}

const policy = z.strictObject({
  signature: z.string(),
  dedup: z.string(),
  plugin: z.strictObject({
    name: z.string(),
    proxyServer: z.string(),
    selector: z.string(),
    options: z.string(),
  }),
});

/** Each policy once; the first is the common one. */
const document = z.strictObject({
  version: z.literal(1),
  policies: z.array(policy).min(1),
  others: z.record(z.string(), z.int().positive()),
});

/** Undefined: lost, or of another form, or nobody knows who applied last; then all FileSets stand as they are. */
export async function loadAppliedFileSets(
  client: ClientIdentity,
  frontEnd: FrontEndVerdict,
  tree: LockedTree,
): Promise<AppliedFileSets | undefined> {
  if (frontEnd.kind === "nobodys") return undefined;
  const { data } = document.safeParse(await tree.readState(stateName(client)));
  const common = data?.policies[0];
  if (data === undefined || common === undefined) return undefined;
  const others = Object.entries(data.others).flatMap(([uuid, index]) => {
    const other = data.policies[index];
    return other === undefined ? [] : [[uuid, other] as const];
  });
  return { common, others: new Map(others) };
}

export async function saveAppliedFileSets(
  client: ClientIdentity,
  applied: AppliedFileSets | undefined,
  tree: LockedTree,
): Promise<void> {
  if (applied === undefined) return;
  const { common, others } = applied;
  const policies = [common];
  const indexes: Record<string, number> = {};
  for (const [uuid, other] of [...others].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const known = policies.findIndex((one, index) => index > 0 && isSameFileSetPolicy(one, other));
    indexes[uuid] = known === -1 ? policies.push(other) - 1 : known;
  }
  const next: z.infer<typeof document> = { version: 1, policies, others: indexes };
  await tree.writeState(stateName(client), next);
}

function stateName({ datacenter, openstack }: ClientIdentity): string {
  return `applied-filesets/${datacenter}/${openstack}`;
}
