import type { ClaimVerdict } from "../client/claims.ts";
import type { DiscoveryFailure, DiscoverySuspicion } from "../discovery/discovery.ts";
import type { RemovalVerdict } from "../lifecycle/judge-removals.ts";
import type { MissingReference } from "../publishing/references.ts";
import type { FrontEndWords } from "./front-end-words.ts";

/** All that an OpenStackClient's conditions are made of. What is absent is not known yet. */
export interface ClientFacts {
  /** What is wrong with the stored spec; then nothing else is looked at. */
  readonly specProblems: readonly string[];
  readonly claim: ClaimVerdict;
  readonly suspended: boolean;
  readonly mode: "Enforce" | "DryRun";
  readonly discovery?: DiscoveryOutcome | undefined;
  readonly catalog?: CatalogOutcome | undefined;
  /** Our clock and the catalog's are too far apart: the pass was blind (rule 3). */
  readonly clockSkewed: boolean;
  /** Names of VMs that are not listed but have been backed up since (rule 3). */
  readonly contradicted: readonly string[];
  readonly unknownReferences: readonly MissingReference[];
  readonly removals?: RemovalOutcome | undefined;
  readonly frontEnd?: FrontEndFacts | undefined;
  readonly publishing?: PublishingOutcome | undefined;
  /** Plugin lines that wait for approval before they follow a changed policy; absent: none. */
  readonly heldPluginEdits?: { readonly names: readonly string[]; readonly token: string } | undefined;
  /** New VMs that the next pass protects, since one pass may protect only so many (rule 8). */
  readonly newVmsWaiting?: number | undefined;
  /** Files that could not be written. */
  readonly failedChanges: readonly { readonly slug: string; readonly reason: string }[];
  /** How a person gives this front end their word; absent: the operator's way. */
  readonly words?: FrontEndWords | undefined;
  /** The Director refuses its configuration for a cause outside our files: what it said. */
  readonly directorConfigError?: string | undefined;
}

/** How this front end stands to others that apply policy to the same client. */
export interface FrontEndFacts {
  /** The Bacula client, which a take-over must name. */
  readonly client: string;
  /** The front end whose other policy is in force in the existing files. */
  readonly heldBy?: string | undefined;
  /** The value of a `take-over` that names something else. */
  readonly ignoredTakeOver?: string | undefined;
}

/** A `Discovery`; of the VMs only their number counts here. */
export type DiscoveryOutcome =
  | {
      readonly kind: "listed";
      readonly vms: { readonly length: number };
      readonly looksLikePageLimit: boolean;
    }
  | { readonly kind: "failed"; readonly reason: DiscoveryFailure; readonly detail: string }
  | { readonly kind: "suspicious"; readonly reason: DiscoverySuspicion; readonly detail: string };

export type CatalogOutcome =
  | { readonly kind: "read" }
  | {
      readonly kind: "unknown";
      readonly reason: "Unreachable" | "NotAuthorized" | "WrongSchema" | "TimedOut" | "QueryFailed";
      readonly detail: string;
    };

/** What was judged of the removals; one that is to be asked again says nothing yet. */
export type RemovalOutcome = Exclude<RemovalVerdict, { readonly kind: "unconfirmed" }>;

export type PublishingOutcome =
  | { readonly kind: "unchanged" }
  | { readonly kind: "published"; readonly jobs: number }
  | { readonly kind: "busy"; readonly reason: string; readonly detail: string }
  | { readonly kind: "refused"; readonly detail: string }
  | { readonly kind: "failed"; readonly reason: string; readonly detail: string }
  /** The files are in place; the reload is somebody else's. */
  | { readonly kind: "reloadLeft"; readonly detail: string }
  | { readonly kind: "dryRun" }
  /** Nothing was to be done. */
  | { readonly kind: "suspended" }
  /** The volume refused, or another writer held the lock: nothing was read or written. */
  | { readonly kind: "volume"; readonly reason: string; readonly detail: string };
