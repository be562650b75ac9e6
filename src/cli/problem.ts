/** One line for a person: what is wrong, why, and what to do. */
export interface Problem {
  readonly level: "ERROR" | "WARN";
  /** Whether the run is no success because of it. */
  readonly fails: boolean;
  /** The condition and reason of docs/conditions.md, where it is one of them. */
  readonly reason?: string | undefined;
  readonly message: string;
}
