import type { ClientPolicy } from "../domain/client/client-policy.ts";
import type { PersonalWishes } from "./decide/plan-client.ts";
import type { Observation } from "./pass-report.ts";

/** One client whose observation waits to be decided on. */
export interface BatchItem {
  readonly policy: ClientPolicy;
  readonly observation: Observation;
  /** Asked at the moment of deciding, so that the newest words count. */
  readonly personal: () => PersonalWishes;
}
