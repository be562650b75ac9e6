/** A condition as a rule states it: when it came to be so is the merge's to keep. */
export interface DesiredCondition {
  readonly type: string;
  readonly status: "True" | "False" | "Unknown";
  readonly reason: string;
  readonly message: string;
  readonly observedGeneration?: number | undefined;
}

/** A whole status as it shall be. Fields that are `undefined` are absent. */
export interface DesiredStatus {
  readonly conditions?: readonly DesiredCondition[] | undefined;
  readonly [field: string]: unknown;
}

export type StatusMerge =
  | { readonly kind: "same" }
  /** `status` is the whole status to write. */
  | { readonly kind: "changed"; readonly status: Readonly<Record<string, unknown>> };

/**
 * Compares a status with the one that is there. A condition keeps its `lastTransitionTime` until its `status` turns;
 * a new reason or message is written, but is no transition (Kubernetes API conventions). Everything else is compared
 * as JSON: the order of fields and of conditions does not matter, that of other arrays does. `nowIso` is used for new
 * and turned conditions. Merging twice yields no second change.
 */
export function mergeStatus(current: unknown, desired: DesiredStatus, nowIso: string): StatusMerge {
  const present = isObject(current) ? current : {};
  const { conditions, ...others } = desired;
  const { conditions: held } = present;
  const timed = conditions?.map((condition) =>
    withTransitionTime(condition, conditionOf(held, condition.type), nowIso),
  );
  const status = timed === undefined ? others : { ...others, conditions: timed };
  return isSameJson(byType(present), byType(status)) ? { kind: "same" } : { kind: "changed", status };
}

function withTransitionTime(
  condition: DesiredCondition,
  held: Readonly<Record<string, unknown>> | undefined,
  nowIso: string,
): Readonly<Record<string, unknown>> {
  const { status: heldStatus, lastTransitionTime } = held ?? {};
  const isKept = heldStatus === condition.status && typeof lastTransitionTime === "string";
  return { ...condition, lastTransitionTime: isKept ? lastTransitionTime : nowIso };
}

function conditionOf(conditions: unknown, type: string): Readonly<Record<string, unknown>> | undefined {
  if (!Array.isArray(conditions)) return undefined;
  return conditions.filter(isObject).find((condition) => typeOf(condition) === type);
}

function typeOf({ type }: Readonly<Record<string, unknown>>): unknown {
  return type;
}

/** The API server keeps conditions as a map by type: their order is nobody's statement. */
function byType(status: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { conditions } = status;
  if (!Array.isArray(conditions)) return status;
  const key = (condition: unknown): string => (isObject(condition) ? String(typeOf(condition)) : "");
  return { ...status, conditions: conditions.toSorted((a, b) => key(a).localeCompare(key(b))) };
}

/** Equality of what JSON.stringify would write; a field that is `undefined` is absent. */
export function isSameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((value, position) => isSameJson(value, b[position]));
  }
  if (!isObject(a) || !isObject(b)) return false;
  const fields = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...fields].every((field) => isSameJson(a[field], b[field]));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
