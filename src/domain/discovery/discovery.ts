/** One VM of a trusted answer of `.query`. The uuid is in lower case; the name is the tenant's, unchecked. */
export interface LiveVm {
  readonly uuid: string;
  readonly name: string;
  readonly wishes: VmWishes;
}

/**
 * What the tenant asks for by metadata (white paper 4.4). `ambiguous`: the record could be read in two ways, so its
 * uuids count as present and nothing else of it is believed (rule 1): a present policy stays.
 */
export type VmWishes =
  | { readonly kind: "read"; readonly jobDefsTag?: string | undefined; readonly optedOut: boolean }
  | { readonly kind: "ambiguous" };

/**
 * The outcome of asking which VMs there are. There is no "empty because it failed": only `listed` says anything about
 * which VMs exist, and of it only sightings are certain; absences are confirmed before they count (rule 1).
 */
export type Discovery =
  | {
      readonly kind: "listed";
      readonly vms: readonly LiveVm[];
      /** Exactly 500, 1,000 or 2,000 records: perhaps the page limit of an API behind the plugin. */
      readonly looksLikePageLimit: boolean;
    }
  | { readonly kind: "failed"; readonly reason: DiscoveryFailure; readonly detail: string }
  | { readonly kind: "suspicious"; readonly reason: DiscoverySuspicion; readonly detail: string };

/** Why there is no answer to believe. `detail` (beside it) is bounded, free of control characters and of times. */
export type DiscoveryFailure =
  | "DirectorUnreachable" // bconsole could not connect or log in
  | "DirectorConsolesLow" // few of its consoles are free: nobody was asked (rule 9)
  | "ConsoleFailed" // bconsole missing, killed, or its session died before the following command's answer
  | "TimedOut"
  | "AnswerTooLarge"
  | "ClientUnknown" // error=Client "x" not found
  | "NotAuthorized" // the Console's ACL refuses
  | "ClientUnreachable" // [DE....] between Director and FD
  | "PluginError" // error=... of the plugin or the FD
  | "EmptyAnswer" // nothing, and allowEmpty is off
  | "UnreadableAnswer"; // a line that is no record, a bad uuid

export type DiscoverySuspicion = "AbsencesNotConfirmed";
