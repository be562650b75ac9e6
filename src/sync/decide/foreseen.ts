import type { PolicyDirective } from "../../domain/jobfile/job-file.ts";
import type { RemovalVerdict } from "../../domain/lifecycle/judge-removals.ts";

/** What a dry run tells beyond the decisions, where it is asked for. */
export interface Foreseen {
  /** What a pass that removes something would be told, if its absences were confirmed. */
  readonly removals: RemovalVerdict;
  /** Every file that a pass would write, in the order of its changes. */
  readonly files: readonly ForeseenFile[];
  /** Where files differ from policy by a person's hand, and stay, by uuid (spec section 3). */
  readonly handEdits: ReadonlyMap<string, readonly HandEdit[]>;
  /** When the client was last seen before, ms since the epoch, as far as it was noted; absent: not noted. */
  readonly lastSeenMs?: number | undefined;
}

/** One file of a VM's folder, before and after; `before` is absent for a new one. */
export interface ForeseenFile {
  readonly slug: string;
  readonly file: "job" | "fileset";
  readonly before?: string | undefined;
  readonly after: string;
}

/** A directive with a person's value; absent: the line is not there, or policy leaves it out. */
export interface HandEdit {
  readonly directive: PolicyDirective;
  readonly file?: string | undefined;
  readonly policy?: string | undefined;
}
