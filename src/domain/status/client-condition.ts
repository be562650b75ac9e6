import type { Condition } from "./condition.ts";
import type { ClientConditionType, ClientReason } from "./reasons.ts";

/** A condition of an OpenStackClient; its reason is one of the documented ones. */
export interface ClientCondition extends Condition<ClientConditionType> {
  readonly reason: ClientReason;
}

export function clientCondition(
  type: ClientConditionType,
  status: ClientCondition["status"],
  reason: ClientReason,
  message: string,
): ClientCondition {
  return { type, status, reason, message };
}
