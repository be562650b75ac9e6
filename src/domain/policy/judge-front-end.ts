/** Who put policy into a client's existing files last, and which policy that was. */
export interface LastApplied {
  /** The client's policy as one comparable text. */
  readonly policyKey: string;
  /** The front end's lasting name; absent: nobody did yet, or nobody knows (the state was lost). */
  readonly frontEnd?: string | undefined;
}

/** A front end with its policy. Its name is the same after a restart, and for each replica of it. */
export type FrontEnd = LastApplied & { readonly frontEnd: string };

/** How a front end stands to the policy in a client's existing files. */
export type FrontEndVerdict =
  /** It applied last, or takes over. */
  | { readonly kind: "ours" }
  /** Nobody applied last: files stand as they are, as on adoption, and it is the one from now on. */
  | { readonly kind: "nobodys" }
  /** Another one applied last, and the same: there is nothing to take turns with. */
  | { readonly kind: "agrees"; readonly with: string }
  /** Another one applied another policy last: no existing file is changed for policy until a person takes over. */
  | { readonly kind: "held"; readonly by: string };

/**
 * Two front ends with different policies for one client do not take turns (spec section 4, last sentence): without this
 * each of them would find the other's policy in the files, take its own for the newer one, and edit all files in every
 * pass. New VMs, absences, grace and restores do not depend on it.
 */
export function judgeFrontEnd(last: LastApplied, ours: FrontEnd, takesOver = false): FrontEndVerdict {
  if (takesOver || last.frontEnd === ours.frontEnd) return { kind: "ours" };
  if (last.frontEnd === undefined) return { kind: "nobodys" };
  return last.policyKey === ours.policyKey
    ? { kind: "agrees", with: last.frontEnd }
    : { kind: "held", by: last.frontEnd };
}

/** Who applied last after a pass in which every VM was judged; one that agrees changes nothing of it. */
export function nextLastApplied(verdict: FrontEndVerdict, last: LastApplied, ours: FrontEnd): LastApplied {
  return verdict.kind === "ours" || verdict.kind === "nobodys" ? ours : last;
}
