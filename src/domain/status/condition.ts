/** A condition as the rules state it; the writer adds `lastTransitionTime` and `observedGeneration`. */
export interface Condition<Type extends string = string> {
  readonly type: Type;
  readonly status: "True" | "False" | "Unknown";
  /** A constant of this product, in CamelCase. */
  readonly reason: string;
  /** For a person. Never a time or a duration: a message that changes by itself would write status for ever. */
  readonly message: string;
}
