import type { VmWishes } from "../discovery/discovery.ts";
import { matchesGlob } from "./glob.ts";
import type { KnownJobDefs } from "./known-job-defs.ts";

export type JobDefsSource = "Person" | "Tag" | "Client" | "Global";

/** The JobDefs of one VM, where it comes from, and the wish that was refused on the way. */
export interface JobDefsChoice {
  readonly name: string;
  readonly from: JobDefsSource;
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
 * and for a record that could be read in two ways, the file's JobDefs stays (rules 1 and 2b).
 */
export function chooseJobDefs(vm: JobDefsWishes, known: KnownJobDefs): JobDefsChoice {
  const fallback: JobDefsChoice = { name: vm.client.name, from: vm.client.from };
  let refused: RefusedJobDefs | undefined;

  if (vm.override !== undefined) {
    const verdict = judge(vm.override, known);
    if (verdict === "accepted") return { name: vm.override, from: "Person" };
    if (verdict === "unknown") return keep(vm, fallback);
    refused = { name: vm.override, from: "Person", reason: verdict };
  }

  if (vm.wishes === undefined || vm.wishes.kind === "ambiguous") return { ...keep(vm, fallback), refused };

  const tag = vm.wishes.jobDefsTag;
  if (tag !== undefined) {
    if (vm.allowed !== undefined && !vm.allowed.some((glob) => matchesGlob(tag, glob))) {
      refused ??= { name: tag, from: "Tag", reason: "NotAllowed" };
    } else {
      const verdict = judge(tag, known);
      if (verdict === "accepted") return { name: tag, from: "Tag", refused };
      if (verdict === "unknown") return { ...keep(vm, fallback), refused };
      refused ??= { name: tag, from: "Tag", reason: verdict };
    }
  }
  return { ...fallback, refused };
}

function judge(name: string, known: KnownJobDefs): "accepted" | "unknown" | "NotFound" | "NotBackup" {
  if (known.kind === "unknown") return known.proven.has(name) ? "accepted" : "unknown";
  const resource = known.resources.get(name);
  if (resource === undefined) return "NotFound";
  return resource.type === "B" ? "accepted" : "NotBackup";
}

function keep(vm: JobDefsWishes, fallback: JobDefsChoice): JobDefsChoice {
  if (vm.present === undefined || vm.present === fallback.name) return fallback;
  if (vm.present === vm.override) return { name: vm.present, from: "Person" };
  const isTag = vm.wishes?.kind !== "read" || vm.wishes.jobDefsTag === vm.present;
  return { name: vm.present, from: isTag ? "Tag" : "Person" };
}
