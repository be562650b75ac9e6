import type { VmPublishing } from "../pass-report.ts";

/** What one process remembers of its last publish of one client, so that an unchanged tree is not read again. */
export interface RememberedPublish {
  /** `ClientTree.version` that was published. */
  readonly treeVersion: string;
  readonly bySlug: ReadonlyMap<string, VmPublishing>;
}

/** Lost with the process; then the next pass reads the tree once and finds the same. */
export class PublishMemory {
  readonly #clients = new Map<string, RememberedPublish>();
  readonly #unseen = new Set<string>();
  readonly #doubted = new Set<string>();
  #testedMs: number | undefined;
  readonly #verifiedPolicies = new Set<string>();

  get(client: string): RememberedPublish | undefined {
    return this.#clients.get(client);
  }
  remember(client: string, publish: RememberedPublish): void {
    this.#clients.set(client, publish);
  }
  forget(client: string): void {
    this.#clients.delete(client);
  }

  /** Whether every client that published was seen in the Director's list since; notes what was seen of one. */
  noteSeenInDirector(client: string, isSeen: boolean): void {
    if (isSeen) this.#unseen.delete(client);
    else this.#unseen.add(client);
  }
  forgetUnseen(): void {
    this.#unseen.clear();
  }
  areAllSeenInDirector(): boolean {
    return this.#unseen.size === 0;
  }

  /** A client of which the Director showed something else than is published, although nothing of that is new. */
  noteDoubt(client: string, isDoubted: boolean): void {
    if (isDoubted) this.#doubted.add(client);
    else this.#doubted.delete(client);
  }
  isDoubted(client: string): boolean {
    return this.#doubted.has(client);
  }

  /** When the Director's configuration was last tested as it is in force, ms since the epoch. */
  noteTested(atMs: number): void {
    this.#testedMs = atMs;
  }
  isTestDue(nowMs: number, afterMs: number): boolean {
    const ageMs = nowMs - (this.#testedMs ?? -Infinity);
    return ageMs < 0 || ageMs >= afterMs;
  }

  /** A policy whose every reference the Director was seen to have. */
  isVerified(policyKey: string): boolean {
    return this.#verifiedPolicies.has(policyKey);
  }
  markVerified(policyKey: string): void {
    this.#verifiedPolicies.add(policyKey);
  }
}
