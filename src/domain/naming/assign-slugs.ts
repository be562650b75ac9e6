import type { ClientIdentity } from "../client/client-policy.ts";
import { fileSetName, jobName, maxSlugLength } from "./resource-names.ts";
import { slugOf } from "./slug.ts";

export interface NewVm {
  readonly uuid: string;
  readonly name: string;
  /** The slug that this uuid had before its folder was lost; its names in the Director are its own. */
  readonly formerSlug?: string | undefined;
}

export interface SlugRequest {
  readonly identity: ClientIdentity;
  /** VMs without a folder; the uuid in lower case. */
  readonly newVms: Iterable<NewVm>;
  /** Slugs of the client's folders: once given, a slug stays its VM's. */
  readonly takenSlugs: Iterable<string>;
  /** Names of the Director's Jobs and FileSets, from wherever they are. */
  readonly takenNames: Iterable<string>;
}

/** How much of the uuid a slug gets, from what is enough nearly always to what is enough for sure. */
const UUID_LENGTHS = [8, 13, 18, 23, 36];

/**
 * Gives each new VM of one client its slug (spec section 3, "Names"). A name that had to be changed or cut, or that is
 * taken (compared without case), gets the first 8 characters of the uuid, or more. Of several new VMs with one name the
 * lowest uuid keeps it plain, so the order of an answer does not matter. A slug once given to a uuid stays. Where the client's names leave too little room,
 * a VM without a free slug gets none: no name is better than one that Bacula cuts or that another VM has.
 */
export function assignSlugs(request: SlugRequest): ReadonlyMap<string, string> {
  const { identity } = request;
  const slugs = new Set([...request.takenSlugs].map((slug) => slug.toLowerCase()));
  const names = new Set([...request.takenNames].map((name) => name.toLowerCase()));
  const isTaken = (slug: string) =>
    slugs.has(slug.toLowerCase()) ||
    names.has(jobName(identity, slug).toLowerCase()) ||
    names.has(fileSetName(identity, slug).toLowerCase());

  const maxLength = maxSlugLength(identity);
  const assigned = new Map<string, string>();
  if (maxLength < 1) return assigned;
  const newVms = [...request.newVms].sort(byUuidAndName);
  for (const { uuid, formerSlug } of newVms) {
    if (formerSlug === undefined || assigned.has(uuid) || slugs.has(formerSlug.toLowerCase())) continue;
    assigned.set(uuid, formerSlug);
    slugs.add(formerSlug.toLowerCase());
  }
  for (const vm of newVms) {
    if (assigned.has(vm.uuid)) continue;
    const { text, changed } = slugOf(vm.name, maxLength);
    const candidates = UUID_LENGTHS.flatMap((length) => withUuid(text, vm.uuid.slice(0, length), maxLength));
    const slug = [...(changed ? [] : [text]), ...candidates].find((candidate) => !isTaken(candidate));
    if (slug === undefined) continue; // such as a folder of this very VM that cannot be read
    assigned.set(vm.uuid, slug);
    slugs.add(slug.toLowerCase());
  }
  return assigned;
}

/** The text, cut where needed, with a part of the uuid; that part alone without room for both; nothing without room. */
function withUuid(text: string, uuid: string, maxLength: number): readonly string[] {
  const room = maxLength - uuid.length - 1;
  if (room >= 1) return [`${text.slice(0, room)}-${uuid}`];
  return uuid.length <= maxLength ? [uuid] : [];
}

function byUuidAndName(a: NewVm, b: NewVm): number {
  if (a.uuid !== b.uuid) return a.uuid < b.uuid ? -1 : 1;
  return a.name < b.name ? -1 : 1;
}
