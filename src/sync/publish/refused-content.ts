import { createHash } from "node:crypto";
import { z } from "zod";
import type { ClientIdentity } from "../../domain/client/client-policy.ts";
import type { PublishedBlock } from "../../domain/publishing/published-file.ts";
import type { BatchContext } from "../batch-context.ts";

/** What was found out without a lost reload slot, or without a culprit, is asked again after this time. */
const ASKED_AGAIN_MS = 3_600_000;
/**
 * Somebody else's fault stops every client, so it is looked sooner whether it is mended, or whether what we would
 * publish now mends it. That costs two slots where no words tell whose fault it is: 24 last for 5 hours.
 */
const OUTSIDE_ASKED_AGAIN_MS = 1_800_000;
/** Of each kind; the newest stay. */
const MOST_REMEMBERED = 1_000;
const DOCUMENT = "refused-content";

const block = z.strictObject({
  reason: z.string(),
  atMs: z.number(),
  /** `reload`: asking again would cost one of the Director's reload slots. */
  foundBy: z.enum(["test", "reload"]),
});
const text = z.strictObject({ detail: z.string(), atMs: z.number() });
/** By hash. `startTime`: of the Director that refused; null while it could not be asked. */
const document = z.strictObject({
  startTime: z.string().nullable(),
  blocks: z.record(z.string(), block),
  texts: z.record(z.string(), text),
  /** The Director refused what is in force, so the trouble is elsewhere; null: it takes it, or was not asked. */
  outside: text.extend({ lastConfigured: z.string().nullable() }).nullable(),
});
type Document = z.infer<typeof document>;
type RefusedBlock = z.infer<typeof block>;
type RefusedText = z.infer<typeof text>;

type Outside = NonNullable<Document["outside"]>;

const NOTHING: Document = { startTime: null, blocks: {}, texts: {}, outside: null };
type Context = Pick<BatchContext, "tree" | "director" | "clock" | "signal">;

/**
 * What the Director refused, so that the same content is not reloaded again and again (rule 7: each failure burns a
 * slot). A folder's block that reloads have convicted is not offered to that Director again; a Director that was
 * started anew has all its slots, and perhaps what was missing. What was found without the loss of a slot, and a whole
 * text whose culprit is not known, is tried again after an hour: a VM must not stay unprotected for a fault that is
 * long mended.
 */
export class RefusedContent {
  readonly #context: Context;
  #document: Document;
  #isChecked = false;

  private constructor(context: Context, known: Document) {
    this.#context = context;
    this.#document = known;
  }

  /** Of one batch. */
  static async open(context: Context): Promise<RefusedContent> {
    return new RefusedContent(context, document.safeParse(await context.tree.readState(DOCUMENT)).data ?? NOTHING);
  }

  /** Why this block is not to be offered now; undefined: it may be. */
  async blockReason(hash: string): Promise<string | undefined> {
    if (this.#document.blocks[hash] === undefined) return undefined;
    await this.#forgetIfRestarted();
    const known = this.#document.blocks[hash];
    if (known === undefined || (known.foundBy === "test" && this.#isOld(known))) return undefined;
    return known.reason;
  }

  /** What the Director said of this whole text; undefined: it may be offered. */
  async textDetail(hash: string): Promise<string | undefined> {
    if (this.#document.texts[hash] === undefined) return undefined;
    await this.#forgetIfRestarted();
    const known = this.#document.texts[hash];
    return known === undefined || this.#isOld(known) ? undefined : known.detail;
  }

  /**
   * While it is there, nothing of ours is to be judged; `isDue`: time to look whether it is mended. That is at once when
   * the Director has taken a configuration since: somebody has mended it.
   */
  async outside(): Promise<{ readonly detail: string; readonly isDue: boolean } | undefined> {
    if (this.#document.outside !== null) await this.#forgetIfRestarted();
    const { outside } = this.#document;
    if (outside === null) return undefined;
    const isDue = this.#isOld(outside, OUTSIDE_ASKED_AGAIN_MS) || (await this.#isConfiguredSince(outside));
    return { detail: outside.detail, isDue };
  }

  /** Adds to what is known, durably. */
  async note(news: {
    readonly blocks?: ReadonlyMap<string, Omit<RefusedBlock, "atMs">>;
    readonly texts?: ReadonlyMap<string, Omit<RefusedText, "atMs">>;
    readonly outside?: Pick<Outside, "detail"> | null;
  }): Promise<void> {
    const { tree, director, clock, signal } = this.#context;
    const { blocks = new Map(), texts = new Map(), outside = this.#document.outside } = news;
    if (blocks.size === 0 && texts.size === 0 && outside === this.#document.outside) return;
    await this.#forgetIfRestarted();
    const start = await director.startTime(signal);
    const configured = outside === null ? undefined : await director.lastConfigured(signal);
    const lastConfigured = configured?.kind === "answered" ? configured.value : null;
    const atMs = clock.now();
    this.#document = {
      startTime: start.kind === "answered" ? start.value : this.#document.startTime,
      blocks: newest(
        this.#document.blocks,
        [...blocks].map(([hash, refused]) => [hash, { ...refused, atMs }]),
      ),
      texts: newest(
        this.#document.texts,
        [...texts].map(([hash, refused]) => [hash, { ...refused, atMs }]),
      ),
      outside:
        outside === this.#document.outside
          ? this.#document.outside
          : outside && { detail: outside.detail, atMs, lastConfigured },
    };
    await tree.writeState(DOCUMENT, this.#document);
  }

  async #forgetIfRestarted(): Promise<void> {
    const { startTime } = this.#document;
    if (this.#isChecked || startTime === null) return;
    this.#isChecked = true;
    const start = await this.#context.director.startTime(this.#context.signal);
    if (start.kind === "answered" && start.value !== startTime) this.#document = NOTHING;
  }

  async #isConfiguredSince({ lastConfigured }: Outside): Promise<boolean> {
    if (lastConfigured === null) return false;
    const now = await this.#context.director.lastConfigured(this.#context.signal);
    return now.kind === "answered" && now.value !== lastConfigured;
  }

  #isOld({ atMs }: { readonly atMs: number }, afterMs = ASKED_AGAIN_MS): boolean {
    const ageMs = this.#context.clock.now() - atMs;
    return ageMs < 0 || ageMs >= afterMs;
  }
}

/** Names what of a folder the Director would read; `wanted` undefined: that it is to read `present` no more. */
export function blockHash(
  { datacenter, openstack }: ClientIdentity,
  slug: string,
  wanted: PublishedBlock | undefined,
  present: PublishedBlock | undefined,
): string {
  const block = wanted ?? present;
  const kind = wanted === undefined ? "withdrawn" : "published";
  return hashOf(JSON.stringify([kind, datacenter, openstack, slug, block?.job ?? null, block?.fileSet ?? null]));
}

/** Names a whole published file. */
export function textHash({ datacenter, openstack }: ClientIdentity, published: string): string {
  return hashOf(JSON.stringify([datacenter, openstack, published]));
}

function hashOf(content: string): string {
  return createHash("sha256").update(content).digest("hex");
}

function newest<T extends { readonly atMs: number }>(
  known: Readonly<Record<string, T>>,
  news: readonly (readonly [string, T])[],
): Record<string, T> {
  const all = Object.entries({ ...known, ...Object.fromEntries(news) });
  return Object.fromEntries(all.sort(([, a], [, b]) => b.atMs - a.atMs).slice(0, MOST_REMEMBERED));
}
