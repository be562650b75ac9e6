/** What a TLS connection to the API server is made with. A changed one is a new object: its identity is its version. */
export interface TlsMaterial {
  readonly ca?: string | Buffer | undefined;
  readonly cert?: string | Buffer | undefined;
  readonly key?: string | Buffer | undefined;
  readonly serverName?: string | undefined;
  /** Only by an explicit `insecure-skip-tls-verify` of the kubeconfig. */
  readonly skipVerify?: boolean | undefined;
}

export interface PresentCredentials {
  readonly tls: TlsMaterial;
  /** Headers that say who we are: Authorization, Impersonate-User. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Who we are to the API server, always as of now: tokens and certificates are exchanged under a running program. */
export interface Credentials {
  /** Cheap when nothing is due; rejects when they cannot be read and none are held from before. */
  present(signal: AbortSignal): Promise<PresentCredentials>;
  /** The server answered 401: the next `present` reads everything again. */
  renew(): void;
}

/** Where the API server is and how to be let in. */
export interface ClusterAccess {
  /** `https://host:port`, perhaps with a path. */
  readonly server: string;
  /** The namespace we live in (in-cluster) or the context's. */
  readonly namespace: string | undefined;
  readonly credentials: Credentials;
}
