import type { VmWishes } from "../discovery/discovery.ts";
import { matchesGlob } from "./glob.ts";
import type { KnownJobDefs } from "./known-job-defs.ts";

export type JobDefsSource = "Person" | "Tag" | "Client" | "Global";

/** The JobDefs of one VM, where it comes from, and the wish that was refused on the way. */
export interface JobDefsChoice {
  readonly name: string;
  readonly from: JobDefsSource;
  /** `kept`: too little is known to judge the VM's wishes, so nothing of its file may be changed for policy. */
  readonly basis: "judged" | "kept";
  readonly refused?: RefusedJobDefs | undefined;
}

export interface RefusedJobDefs {
  readonly name: string;
  readonly from: "Person" | "Tag";
  readonly reason: "NotAllowed" | "NotFound" | "NotBackup";
}

export interface JobDefsWishes {
  /** `#@jobdefs`: a person's override; not bound by `allowedJobDefs`, which is for tenants. */
  readonly override?: string | undefined;
  /** Absent for a VM that is not live. */
  readonly wishes?: VmWishes | undefined;
  /** The JobDefs in the present job file. */
  readonly present?: string | undefined;
  readonly client: { readonly name: string; readonly from: "Client" | "Global" };
  readonly allowed?: readonly string[] | undefined;
}

/**
 * Chooses the JobDefs by priority: a person's override, the VM's tag, the client's, the global one (spec section 4,
 * white paper 4.4). A tag is a tenant's input: it counts only when `allowedJobDefs` matches and the Director has such
 * a JobDefs of type Backup; a refused wish falls to the next level and is told. While the Director's list is unknown,
 * for a record that could be read in two ways, and for a VM that is not live, the file's JobDefs stays (rules 1, 2b).
 */
export function chooseJobDefs(vm: JobDefsWishes, known: KnownJobDefs): JobDefsChoice {
  let refused: RefusedJobDefs | undefined;

  if (vm.override !== undefined) {
    const verdict = judge(vm.override, known);
    if (verdict === "accepted") return { name: vm.override, from: "Person", basis: "judged" };
    if (verdict === "unknown") return keepPresent(vm, refused);
    refused = { name: vm.override, from: "Person", reason: verdict };
  }
  if (vm.wishes?.kind !== "read") return keepPresent(vm, refused);

  const tag = vm.wishes.jobDefsTag;
  if (tag !== undefined) {
    const verdict = isAllowed(tag, vm.allowed) ? judge(tag, known) : "NotAllowed";
    if (verdict === "accepted") return { name: tag, from: "Tag", basis: "judged", refused };
    if (verdict === "unknown") return keepPresent(vm, refused);
    refused ??= { name: tag, from: "Tag", reason: verdict };
  }
  return { ...vm.client, basis: "judged", refused };
}

function isAllowed(tag: string, allowed: readonly string[] | undefined): boolean {
  return allowed === undefined || allowed.some((glob) => matchesGlob(tag, glob));
}

function judge(name: string, known: KnownJobDefs): "accepted" | "unknown" | "NotFound" | "NotBackup" {
  if (known.kind === "unknown") return "unknown";
  const resource = known.resources.get(name);
  if (resource === undefined) return "NotFound";
  return resource.type === "B" ? "accepted" : "NotBackup";
}

/** The choice for a VM whose file is not to be changed for policy, whatever is wished for: its JobDefs stays. */
export function keptJobDefs(vm: JobDefsWishes): JobDefsChoice {
  return keepPresent(vm, undefined);
}

/** The present JobDefs stays; its source is told as well as it can be from what is known. */
function keepPresent(vm: JobDefsWishes, refused: RefusedJobDefs | undefined): JobDefsChoice {
  const basis = "kept";
  if (vm.present === undefined || vm.present === vm.client.name) return { ...vm.client, basis, refused };
  if (vm.present === vm.override) return { name: vm.present, from: "Person", basis, refused };
  const mayBeTag = vm.wishes?.kind !== "read" || vm.wishes.jobDefsTag === vm.present;
  return { name: vm.present, from: mayBeTag ? "Tag" : "Person", basis, refused };
}
