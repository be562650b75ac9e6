import type { KnownJobDefs } from "../../domain/policy/known-job-defs.ts";
import type { Answer, Clock, Director, DirectorResources } from "../ports.ts";

/** `show all` costs seconds at many jobs, so its answer serves for this long. */
const JOB_DEFS_FRESH_MS = 10 * 60_000;
/** When a wished JobDefs is not in the last answer, the Director is asked again after this time. */
const JOB_DEFS_RETRY_MS = 60_000;

/** The Director's lists as passes see them: each is asked only when somebody needs it, and names once a batch. */
export class DirectorInventory {
  readonly #director: Director;
  readonly #clock: Clock;
  readonly #newNames = new Set<string>();
  #resources: Promise<Answer<DirectorResources>> | undefined;
  #jobDefs: { readonly known: Extract<KnownJobDefs, { kind: "known" }>; readonly atMs: number } | undefined;

  constructor(director: Director, clock: Clock) {
    this.#director = director;
    this.#clock = clock;
  }

  /** Names are asked anew in each batch: an administrator may have reloaded between two. */
  beginBatch(): void {
    this.#resources = undefined;
    this.#newNames.clear();
  }

  /** Names of Jobs and FileSets that this batch gave out and the Director does not know yet. */
  get newNames(): ReadonlySet<string> {
    return this.#newNames;
  }

  /** Of two clients whose prefixes begin alike, the later must not give out what the earlier just did. */
  giveOut(name: string): void {
    this.#newNames.add(name);
  }

  resources(signal: AbortSignal): Promise<Answer<DirectorResources>> {
    this.#resources ??= this.#director.resources(signal);
    return this.#resources;
  }

  /** The JobDefs as they were when somebody needed them last. */
  get lastJobDefs(): KnownJobDefs {
    return this.#jobDefs?.known ?? { kind: "unknown" };
  }

  /** The JobDefs, fresh enough to judge the wished names by. What cannot be read is unknown, not absent (rule 2b). */
  async jobDefs(wished: Iterable<string>, signal: AbortSignal): Promise<KnownJobDefs> {
    const now = this.#clock.now();
    const last = this.#jobDefs;
    if (last !== undefined) {
      const ageMs = now - last.atMs;
      const hasAll = [...wished].every((name) => last.known.resources.has(name));
      if (ageMs >= 0 && ageMs < (hasAll ? JOB_DEFS_FRESH_MS : JOB_DEFS_RETRY_MS)) return last.known;
    }
    const answer = await this.#director.jobDefs(signal);
    if (answer.kind === "unknown") return { kind: "unknown" };
    const known = {
      kind: "known" as const,
      resources: new Map(answer.value.map((jobDefs) => [jobDefs.name, jobDefs])),
    };
    this.#jobDefs = { known, atMs: now };
    return known;
  }
}
