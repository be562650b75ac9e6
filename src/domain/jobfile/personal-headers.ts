import type { JobHeaders } from "./job-file.ts";

/** The `#@` headers that are a person's words: of a ManagedVM's spec, or of the command line. */
export const PERSONAL = ["jobDefs", "hold", "suspend"] as const satisfies readonly (keyof JobHeaders)[];
export type Personal = Pick<JobHeaders, (typeof PERSONAL)[number]>;

/** What a person wants of them; `null` takes the header away, an absent field leaves it as it is. */
export type PersonalChange = { readonly [K in keyof Personal]?: Personal[K] | null };

/** What of a person's wish the headers do not say yet, wherever it was spoken; undefined: they say all of it. */
export function personalNews(wish: PersonalChange, headers: Personal): PersonalChange | undefined {
  const news: { -readonly [K in keyof Personal]?: string | null } = {};
  for (const field of PERSONAL) {
    const word = wish[field];
    if (word !== undefined && (word ?? undefined) !== headers[field]) news[field] = word;
  }
  return Object.keys(news).length === 0 ? undefined : news;
}
