/** Names in a client's folder that are not a VM's. */
const RESERVED = new Set([".", "..", "published.conf", "jobs.tsv", "include.conf"]);

/** A VM's name as a folder and the end of its Job's name; `changed` when that is not the name itself. */
export interface Slug {
  readonly text: string;
  readonly changed: boolean;
}

/**
 * Makes a slug of a VM's name (spec section 3, "Names"): allowed are ASCII letters, digits and `:._-`, anything else
 * becomes `_`; not empty, no leading `-` or `.`, none of the reserved names, at most `maxLength` (1 or more) characters.
 */
export function slugOf(vmName: string, maxLength: number): Slug {
  let text = vmName
    .replace(/[^A-Za-z0-9:._-]/gu, "_")
    .replace(/^[-.]/, "_")
    .slice(0, Math.max(1, maxLength));
  // Behind the cut, which could make a reserved name.
  if (text === "" || RESERVED.has(text.toLowerCase())) text = `_${text}`.slice(0, Math.max(1, maxLength));
  return { text, changed: text !== vmName };
}
