import type { ClientPolicy } from "../domain/client/client-policy.ts";
import type { Observation } from "./pass-report.ts";
import type { PersonalWishes } from "./plan-client.ts";

/** One client whose observation waits to be decided on. */
export interface BatchItem {
  readonly policy: ClientPolicy;
  readonly observation: Observation;
  /** Asked at the moment of deciding, so that the newest words count. */
  readonly personal: () => PersonalWishes;
}
