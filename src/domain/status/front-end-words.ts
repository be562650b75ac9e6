/** What a person types to give a front end their word; each completes the sentence "If this is right, ...". */
export interface FrontEndWords {
  /** For what waits for approval (rules 2 and 2b, many changed Plugin lines). */
  readonly approve: (token: string) => string;
  /** For a policy that is to count from now on (spec section 4). */
  readonly takeOver: (client: string) => string;
}

/** The operator is told by annotations of the OpenStackClient. */
export const OPERATOR_WORDS: FrontEndWords = {
  approve: (token) => `set the annotation bacula-openstack-sync.io/approve-removal to ${token}`,
  takeOver: (client) => `set the annotation bacula-openstack-sync.io/take-over to ${client}`,
};

/** The command line is told by options of `sync`. */
export function commandLineWords(client: string): FrontEndWords {
  return {
    approve: (token) => `run sync --approve-removal ${client}=${token}`,
    takeOver: () => `run sync --take-over ${client}`,
  };
}
