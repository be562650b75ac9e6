import type { z } from "zod";

/**
 * A rule over several fields, or over a field's old and new value. The API server keeps it by `rule` (CEL); `holds` is
 * the same for objects that were stored before the rule was. A rule about a change has none: there is no old object.
 */
export interface SpecRule<Spec> {
  readonly rule: string;
  readonly message: string;
  readonly fieldPath: string;
  readonly holds?: (spec: Spec) => boolean;
}

/** The rules as the CRD carries them. */
export function asValidations<Spec>(rules: readonly SpecRule<Spec>[]) {
  return rules.map(({ rule, message, fieldPath }) => ({ rule, message, fieldPath }));
}

/** The rules as zod keeps them; messages are the same. */
export function keepRules<Spec>(rules: readonly SpecRule<Spec>[]) {
  return (spec: Spec, context: z.RefinementCtx): void => {
    for (const { holds, message, fieldPath } of rules) {
      if (holds !== undefined && !holds(spec)) {
        context.addIssue({ code: "custom", message, path: fieldPath.split(".").filter((part) => part !== "") });
      }
    }
  };
}
