import { approvalToken, judgeShrinking, type ShrinkLimits } from "./judge-shrinking.ts";

/** One step that takes protection from a VM, or begins to. */
export interface RemovalStep {
  readonly uuid: string;
  readonly name: string;
  readonly step: "markMissing" | "disable" | "purge";
}

/** What one client has and is about to lose, and what other clients lost lately. */
export interface RemovalFacts {
  readonly steps: readonly RemovalStep[];
  /** Asked twice more, with the same uuids each time (rule 1). */
  readonly isConfirmed: boolean;
  /** `BASE_DIR/HOLD` is there. */
  readonly killSwitch: boolean;
  /** Active jobs without `missing-since`, before this pass. */
  readonly known: number;
  /** Jobs that are active, missing or not, before this pass. */
  readonly active: number;
  /** Uuids of jobs that were disabled in the last 24 hours. */
  readonly disabledLately: readonly string[];
  /** Jobs whose absence began in the last 24 hours. */
  readonly missingLately: number;
  /** The other clients of this process together. */
  readonly others: { readonly known: number; readonly missingLately: number };
  /** The token that a person gave and that was not used before. */
  readonly approval?: string | undefined;
}

export type RemovalVerdict =
  | { readonly kind: "allowed"; readonly approvedBy?: string | undefined }
  /** It must be asked again before anything follows from an absence. */
  | { readonly kind: "unconfirmed" }
  /** `BASE_DIR/HOLD` is there. */
  | { readonly kind: "killSwitch" }
  /** Rules 2 and 2b: these VMs wait for a person's approval. */
  | {
      readonly kind: "held";
      readonly reason: "TooManyMissing" | "TooManyDisabled" | "PolicyOutage";
      readonly names: readonly string[];
      /** How many VMs the client had of that kind. */
      readonly known: number;
      readonly token: string;
    };

/** Over all clients together (rule 2). */
const ALL_CLIENTS: ShrinkLimits = { count: 10, percent: 10 };

/**
 * Whether the steps of one pass that take protection away may be taken, all or none (rules 1 and 2). HOLD stops all. An
 * absence counts only when it was confirmed. Then the guard against shrinking is asked three times: for what is absent
 * now, for what would be disabled within 24 hours (a slow drip), and over all clients together. An approval is good for
 * exactly the VMs that it was given for. Purges of jobs that are long disabled have limits of their own (rule 5,
 * `choosePurges`), but wait with all else while something is held.
 */
export function judgeRemovals(facts: RemovalFacts, limits: ShrinkLimits): RemovalVerdict {
  if (facts.killSwitch) return { kind: "killSwitch" };
  if (facts.steps.length === 0) return { kind: "allowed" };
  if (!facts.isConfirmed) return { kind: "unconfirmed" };

  const missing = facts.steps.filter(({ step }) => step === "markMissing");
  const disabled = facts.steps.filter(({ step }) => step === "disable");
  const missingToken = approvalToken(uuidsOf(missing));
  const isApproved = (token: string) => facts.approval === token;

  const shrinks =
    judgeShrinking({ known: facts.known, missing: missing.length }, limits) === "held" ||
    isTooManyForAll(missing.length, facts);
  if (shrinks && !isApproved(missingToken)) {
    return { kind: "held", reason: "TooManyMissing", names: namesOf(missing), known: facts.known, token: missingToken };
  }
  const drip = disabled.length === 0 ? 0 : disabled.length + facts.disabledLately.length;
  const drips = judgeShrinking({ known: facts.active + facts.disabledLately.length, missing: drip }, limits) === "held";
  const disabledToken = approvalToken(uuidsOf(disabled));
  if (drips && !isApproved(disabledToken)) {
    return {
      kind: "held",
      reason: "TooManyDisabled",
      names: namesOf(disabled),
      known: facts.active,
      token: disabledToken,
    };
  }
  return shrinks || drips ? { kind: "allowed", approvedBy: facts.approval } : { kind: "allowed" };
}

/** Several clients that lose a few VMs each, at the same time, have lost something in common. */
function isTooManyForAll(missing: number, { known, missingLately, others }: RemovalFacts): boolean {
  if (missing === 0 || others.missingLately === 0) return false;
  const total = missing + missingLately + others.missingLately;
  const allKnown = known + missingLately + others.known + others.missingLately;
  return total > ALL_CLIENTS.count && total * 100 > ALL_CLIENTS.percent * allKnown;
}

function uuidsOf(steps: readonly RemovalStep[]): readonly string[] {
  return steps.map(({ uuid }) => uuid);
}

function namesOf(steps: readonly RemovalStep[]): readonly string[] {
  return steps.map(({ name }) => name).sort((a, b) => (a < b ? -1 : 1));
}
