import type { ClientPolicy } from "../domain/client/client-policy.ts";
import type { PersonalWishes } from "./decide/plan-client.ts";
import type { NewVm, Observation } from "./pass-report.ts";

/** One client whose observation waits to be decided on. */
export interface BatchItem {
  readonly policy: ClientPolicy;
  readonly observation: Observation;
  /** Asked at the moment of deciding, so that the newest words count. */
  readonly personal: () => PersonalWishes;
  /** Told of new VMs under the lock, of each part as soon as its files are durable, before it is published; must not throw. */
  readonly onWritten?: ((vms: readonly NewVm[]) => void) | undefined;
  /** Time between two trusted listings that still counts as seeing (rule 3). */
  readonly maxSightGapMs: number;
  /** VMs that got their job, or lost their `missing-since`, earlier in this pass: they were not known before it (rule 2). */
  readonly newlyPresent?: ReadonlySet<string> | undefined;
  /** Lasting name of the front end that asks: the same after a restart, and for each replica of it. */
  readonly frontEnd: string;
  /** A person's word, not used before: from now on this front end's policy counts (spec section 4). */
  readonly takesOver?: boolean | undefined;
  /** How many new VMs may still get a job in this pass (rule 8). */
  readonly maxNewVms: number;
  /** A person's word: hand-edited directives follow policy too in this pass (`sync --apply-policy`). */
  readonly appliesPolicy?: boolean | undefined;
  /** A person's approval of removals, not used before (rule 2). */
  readonly approval?: string | undefined;
}
