import type { ClientPolicy } from "../../domain/client/client-policy.ts";
import { isNamedIn, slugAtLine } from "../../domain/publishing/named-culprit.ts";
import { isSameBlock, type PublishedBlock, renderPublished } from "../../domain/publishing/published-file.ts";
import type { BatchContext } from "../batch-context.ts";
import type { RefusedConfiguration } from "../ports.ts";
import { publishedBlocks } from "./published-blocks.ts";
import { blockHash, RefusedContent } from "./refused-content.ts";

/** How often what is in force is tested; a text that is about to be published is tested by itself. */
const TESTED_AGAIN_MS = 5 * 60_000;
/**
 * More blocks than this are broken by something that they all refer to, such as a Pool that is being renamed: that is not
 * their fault, and taking them out would leave their VMs unprotected.
 */
const MOST_TAKEN_OUT = 10;

/**
 * With a command that tests the configuration, what it names of our published files leaves them in every pass, also a
 * blind one and while the Director is down, since a Director that restarts would not start (rule 7). The block's last
 * good text takes its place where there is another; the folder is Rejected, and offered again after a while.
 */
export async function takeOutBroken(policies: readonly ClientPolicy[], context: BatchContext): Promise<void> {
  const { tree, director, memory, clock, signal } = context;
  if (!memory.isTestDue(clock.now(), TESTED_AGAIN_MS)) return;
  if (!(await isAnyPublished(policies, context))) return;
  let test = await director.testConfiguration(signal);
  const before = test.kind === "broken" ? await publishedTexts(policies, context) : new Map<ClientPolicy, string>();
  const texts = new Map(before);
  /** As it was before the first repair, which forgets it. */
  const proven = new Map<ClientPolicy, readonly PublishedBlock[]>();
  const taken = new Map<string, { readonly reason: string; readonly foundBy: "test" }>();
  for (; test.kind === "broken"; test = await director.testConfiguration(signal)) {
    const found = await findBlock(test, texts, context);
    if (found === "elsewhere") break;
    // Words that lead to no block of ours were of another copy of the tree, and so perhaps were those before.
    if (found === "nowhere" || taken.size >= MOST_TAKEN_OUT) return tree.repairPublished(before, signal);
    const { policy, slug, blocks } = found;
    const broken = blocks.find((block) => block.slug === slug);
    const good = proven.get(policy) ?? (await publishedBlocks((await tree.readProven(policy)) ?? "", signal));
    proven.set(policy, good);
    const lastGood = good.find((block) => block.slug === slug && !isSameBlock(block, broken));
    const text = renderPublished([...blocks.filter((block) => block !== broken), ...(lastGood ? [lastGood] : [])]);
    texts.set(policy, text);
    await tree.repairPublished(new Map([[policy, text]]), signal);
    const reason = `the Director would not start with it: ${test.detail}`;
    taken.set(blockHash(policy, slug, broken, undefined), { reason, foundBy: "test" });
  }
  if (test.kind !== "broken") memory.noteTested(clock.now());
  if (taken.size === 0) return;
  const refused = await RefusedContent.open(context);
  await refused.note({ blocks: taken });
}

async function isAnyPublished(policies: readonly ClientPolicy[], { tree }: BatchContext): Promise<boolean> {
  for (const policy of policies) if ((await tree.readPublished(policy)) !== undefined) return true;
  return false;
}

async function publishedTexts(
  policies: readonly ClientPolicy[],
  { tree }: BatchContext,
): Promise<ReadonlyMap<ClientPolicy, string>> {
  const texts = new Map<ClientPolicy, string>();
  for (const policy of policies) {
    const text = await tree.readPublished(policy);
    if (text !== undefined) texts.set(policy, text);
  }
  return texts;
}

/** The block that the Director's words name; `elsewhere`: in a file that is none of these clients'. */
async function findBlock(
  { detail, file, line }: RefusedConfiguration,
  texts: ReadonlyMap<ClientPolicy, string>,
  { tree, signal }: BatchContext,
) {
  const place = file === undefined ? undefined : tree.publishedAt(file);
  if (file !== undefined && place?.kind !== "published") return "elsewhere";
  let isOurFile = false;
  for (const [policy, text] of texts) {
    const isThere =
      place?.kind !== "published" || (place.datacenter === policy.datacenter && place.openstack === policy.openstack);
    if (!isThere) continue;
    isOurFile = place !== undefined;
    const blocks = await publishedBlocks(text, signal);
    const slug =
      place === undefined
        ? blocks.find((block) => isNamedIn(detail, block))?.slug
        : slugAtLine(text, line ?? Number.NaN);
    if (slug !== undefined) return { policy, slug, blocks };
  }
  return isOurFile ? "nowhere" : "elsewhere";
}
