import type { StringPool } from "./string-pool.ts";

/** What every reading of a client's folders needs. */
export interface ReadContext {
  /** For times without a zone in `#@` headers. */
  readonly timeZone: string;
  readonly pool: StringPool;
  /** Tells this process's tree versions from those of another. */
  readonly instance: string;
}
