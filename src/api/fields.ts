import { z } from "zod";
import type { AllowedText } from "../domain/client/allowed-text.ts";
import { DURATION_ALLOWED, DURATION_PATTERN } from "../settings/duration.ts";

// The building blocks of the CRDs' schemas. All of them are bounded, because the API server prices each CEL rule by the
// largest object that the schema lets through.

/** A text of this form; the message of a refusal says what is allowed. */
export function text(rule: AllowedText, description: string) {
  return z.string().regex(rule.pattern, rule.allowed).min(1).max(rule.maxLength).describe(description);
}

/** The same, or "" where an empty text means something. */
export function textOrEmpty(rule: AllowedText, description: string) {
  const pattern = new RegExp(`^(${rule.pattern.source.replace(/^\^|\$$/gu, "")})?$`, "u");
  return z.string().regex(pattern, `${rule.allowed}, or empty`).max(rule.maxLength).describe(description);
}

/** `90s`, `5m`, `1h30m`. */
export function duration(description: string) {
  return z.string().regex(DURATION_PATTERN, DURATION_ALLOWED).min(2).max(21).describe(description);
}

/** A time of the status, RFC 3339 in UTC. */
export function time(description: string) {
  return z.string().max(40).meta({ format: "date-time", description });
}

/** A text of the status that we write ourselves. */
export function words(maxLength: number, description: string) {
  return z.string().max(maxLength).describe(description);
}

/** A whole number of at least `min`. */
export function count(description: string, min = 0) {
  return z.int().min(min).max(Number.MAX_SAFE_INTEGER).describe(description);
}

export const generation = () =>
  count("The metadata.generation that this status speaks of. Smaller than it: the last change is not processed yet.");

/** `metav1.Condition`, merged by type. `types` explains each type for `kubectl explain`. */
export function conditions(types: string) {
  const condition = z.object({
    type: z
      .string()
      .min(1)
      .max(64)
      .regex(/^[A-Za-z][A-Za-z0-9]*$/u)
      .describe("What is judged, such as Ready."),
    status: z.enum(["True", "False", "Unknown"]).describe("The judgement: True, False or Unknown."),
    reason: z
      .string()
      .min(1)
      .max(128)
      .regex(/^[A-Za-z][A-Za-z0-9]*$/u)
      .describe("A constant in CamelCase that says why; alerts and scripts may rely on it."),
    message: words(
      32_768,
      "Why, for a person: names, numbers and what to do. Never a time, so that it changes only with its cause.",
    ),
    lastTransitionTime: time("When `status` of this condition last changed. No deadline is ever computed from it."),
    observedGeneration: count("The metadata.generation that this condition was judged by.").optional(),
  });
  return z
    .array(condition.describe("One judgement."))
    .max(16)
    .meta({ description: types, "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["type"] });
}
