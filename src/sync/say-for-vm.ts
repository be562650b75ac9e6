import type { ClientIdentity } from "../domain/client/client-policy.ts";
import type { JobHeaders } from "../domain/jobfile/job-file.ts";
import { type PersonalChange, personalNews } from "../domain/jobfile/personal-headers.ts";
import { isCalled } from "../domain/naming/is-called.ts";
import type { LockedTree, Volume, VolumeFailure } from "./ports.ts";

/** A VM that has a job file, which is where a person's words are kept. */
export interface VmWithJob {
  readonly client: ClientIdentity;
  readonly slug: string;
  readonly jobName: string;
  /** Before the change. */
  readonly headers: JobHeaders;
}

export type SaidOutcome =
  /** The header says it; `news` is false when it did before. */
  | { readonly kind: "said"; readonly vm: VmWithJob; readonly news: boolean }
  /** No job file of the clients is for it; folders that cannot be read are named. */
  | { readonly kind: "unknown"; readonly unreadable: readonly string[] }
  /** A person must say which one is meant; nothing was written. */
  | { readonly kind: "several"; readonly vms: readonly VmWithJob[] }
  | { readonly kind: "volume"; readonly reason: VolumeFailure | "LockHeld"; readonly detail: string };

/**
 * Writes a person's words for one VM into the headers of its job file, under the lock, and nothing else: all other bytes
 * stay, and headers need no publish (spec section 3). The Director and the catalog are not asked, so a VM can be held
 * whatever is down. The operator brings the words of a ManagedVM there by the same rule (`personalNews`), and shows what
 * the headers say. `writes` false: it is only told what would be written.
 */
export async function sayForVm(
  word: string,
  wish: PersonalChange,
  {
    clients,
    volume,
    writes,
  }: { readonly clients: readonly ClientIdentity[]; readonly volume: Volume; readonly writes: boolean },
  signal: AbortSignal,
): Promise<SaidOutcome> {
  const lock = await volume.withLock((tree) => say(word, wish, { clients, tree, writes }, signal), signal);
  switch (lock.kind) {
    case "done":
      return lock.value;
    case "held":
      return { kind: "volume", reason: "LockHeld", detail: `another writer holds the lock: ${lock.holder}` };
    case "unusable":
      return { kind: "volume", reason: lock.reason, detail: lock.detail };
    default:
      return lock satisfies never;
  }
}

async function say(
  word: string,
  wish: PersonalChange,
  {
    clients,
    tree,
    writes,
  }: { readonly clients: readonly ClientIdentity[]; readonly tree: LockedTree; readonly writes: boolean },
  signal: AbortSignal,
): Promise<SaidOutcome> {
  const found: VmWithJob[] = [];
  const unreadable: string[] = [];
  for (const client of clients) {
    const seen = await vmsCalled(word, client, tree, signal);
    found.push(...seen.vms);
    unreadable.push(...seen.unreadable);
  }
  const [vm, ...others] = found;
  if (vm === undefined) return { kind: "unknown", unreadable };
  if (others.length > 0) return { kind: "several", vms: found };
  const headers = personalNews(wish, vm.headers);
  if (headers === undefined) return { kind: "said", vm, news: false };
  if (writes) {
    const [failed] = await tree.write(vm.client, [{ kind: "edit", slug: vm.slug, edit: { headers } }], signal);
    if (failed !== undefined) return { kind: "volume", reason: failed.reason, detail: failed.detail };
  }
  return { kind: "said", vm, news: true };
}

async function vmsCalled(
  word: string,
  client: ClientIdentity,
  tree: LockedTree,
  signal: AbortSignal,
): Promise<{ readonly vms: readonly VmWithJob[]; readonly unreadable: readonly string[] }> {
  const { folders } = await tree.readClient(client, signal);
  const known = new Set<string>();
  const vms: VmWithJob[] = [];
  const unreadable: string[] = [];
  for (const folder of folders) {
    if (folder.kind === "unreadable") unreadable.push(`${client.datacenter}/${client.openstack}/${folder.slug}`);
    if (folder.kind !== "ours" || folder.job.headers.client !== client.client) continue;
    const { slug, job } = folder;
    const { headers, directives } = job;
    // A copied folder is nobody's: the first by slug is the VM's, as for a pass.
    if (known.has(headers.uuid)) continue;
    known.add(headers.uuid);
    if (isCalled({ uuid: headers.uuid, name: headers.vm, job: directives.name }, word))
      vms.push({ client, slug, jobName: directives.name, headers });
  }
  return { vms, unreadable };
}
