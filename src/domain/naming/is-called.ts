import { vmHeader } from "../jobfile/vm-header.ts";

/** The words by which a person may mean one VM. */
export interface Called {
  readonly uuid: string;
  /** As it is listed, or as the header says it. */
  readonly name: string;
  /** Its Job; absent: it has none. */
  readonly job?: string | undefined;
}

/**
 * Whether a person's word means this VM: its uuid in any case, its name, or its Job's name, each of them whole. Names
 * are compared as headers write them, which is how a person reads them. Several VMs may have one name.
 */
export function isCalled({ uuid, name, job }: Called, word: string): boolean {
  const plain = vmHeader(word);
  return plain !== "" && (plain.toLowerCase() === uuid || plain === vmHeader(name) || plain === job);
}
