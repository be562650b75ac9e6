import type { VmWishes } from "../discovery/discovery.ts";
import type { JobFile } from "../jobfile/job-file.ts";
import { deadlines } from "./deadlines.ts";
import { decideLifecycle, type LifecyclePolicy, type Sighting } from "./decide-lifecycle.ts";
import { withSoundTimes } from "./sound-times.ts";

/** What is known of one VM now, as far as it decides what comes by itself. */
export interface OutlookFacts {
  readonly job?: JobFile | undefined;
  readonly sighting: Sighting["kind"];
  readonly wishes?: VmWishes | undefined;
  /** The part of its absence in which discovery did not work, ms. */
  readonly blindMs: number;
  /** Not listed, but backed up since it went missing (rule 3). */
  readonly isContradicted: boolean;
}

/** A step that takes protection away, and the first moment at which a pass takes it, ms since the epoch. */
export interface ComingStep {
  readonly step: "disable" | "purge";
  readonly atMs: number;
}

/**
 * What becomes of one VM until a moment (that moment included) if nothing changes: it stays listed or absent, discovery
 * goes on as it does, nobody says a word. The passes of that time decide as ever (`decideLifecycle`), so the clock is
 * set to each deadline in turn. What waits for approval or is capped comes later than told here, never earlier.
 */
export function whatComes(
  { job, sighting, wishes, blindMs, isContradicted }: OutlookFacts,
  policy: LifecyclePolicy,
  nowMs: number,
  untilMs: number,
): readonly ComingStep[] {
  if (job === undefined) return [];
  const seen: Sighting =
    sighting === "live"
      ? { kind: "live", vmHeader: job.headers.vm, wishes: wishes ?? { kind: "ambiguous" } }
      : { kind: sighting };
  const constant = { sighting: seen, knownToCatalog: true, blindMs, backedUpSinceMissing: isContradicted };
  const steps: ComingStep[] = [];
  let headers = withSoundTimes(job.headers, nowMs);
  for (let atMs: number | undefined = nowMs; atMs !== undefined && atMs <= untilMs; ) {
    const decision = decideLifecycle({ ...constant, job: { ...job, headers } }, policy, atMs);
    switch (decision.kind) {
      case "markMissing":
        headers = { ...headers, missingSince: atMs };
        break;
      case "disable":
        steps.push({ step: "disable", atMs });
        headers = { ...headers, status: "disabled", disabled: atMs };
        break;
      case "purge":
        return [...steps, { step: "purge", atMs }];
      default:
        atMs = nextDeadline(deadlines(headers, policy, blindMs), atMs);
    }
  }
  return steps;
}

function nextDeadline({ disableAt, purgeAt }: ReturnType<typeof deadlines>, afterMs: number): number | undefined {
  const coming = [disableAt, purgeAt].filter((ms) => ms !== undefined && ms > afterMs);
  return coming.reduce<number | undefined>((soonest, ms) => Math.min(soonest ?? Infinity, ms ?? Infinity), undefined);
}
