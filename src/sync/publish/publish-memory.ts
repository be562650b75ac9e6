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
  readonly #verifiedPolicies = new Set<string>();
  readonly #refusedContents = new Set<string>();

  get(client: string): RememberedPublish | undefined {
    return this.#clients.get(client);
  }
  remember(client: string, publish: RememberedPublish): void {
    this.#clients.set(client, publish);
  }
  forget(client: string): void {
    this.#clients.delete(client);
  }

  /** A policy whose every reference the Director was seen to have. */
  isVerified(policyKey: string): boolean {
    return this.#verifiedPolicies.has(policyKey);
  }
  markVerified(policyKey: string): void {
    this.#verifiedPolicies.add(policyKey);
  }

  /** Content that the Director refused: the same bytes are never reloaded again (rule 7: each failure burns a slot). */
  isRefused(contentHash: string): boolean {
    return this.#refusedContents.has(contentHash);
  }
  markRefused(contentHash: string): void {
    this.#refusedContents.add(contentHash);
  }
}
