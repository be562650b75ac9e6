import { describe, expect, it } from "vitest";
import { renderFileSet } from "../jobfile/render-fileset.ts";
import { renderJob } from "../jobfile/render-job.ts";
import { type PublishedBlock, publishedBlock } from "./published-file.ts";
import { separableChanges } from "./separable-changes.ts";

const POLICY = {
  datacenter: "dc1",
  openstack: "os1",
  client: "fd-1",
  jobPrefix: "backup-",
  proxyServer: "proxy",
  dedup: "sha256",
  signature: "SHA256",
  plugin: { name: "openstack", selector: "instance", options: 'verbose=1 name="a b"' },
} as Parameters<typeof renderJob>[0]["policy"];
const DIRECTIVES = {
  jobDefs: "DefaultJob",
  storage: "File1",
  pool: "Default",
  schedule: undefined,
  messages: "Standard",
};

function block(slug: string, names = slug, edit: (text: string) => string = (text) => text): PublishedBlock {
  const vm = { policy: POLICY, slug: names, uuid: "014c5892-5efb-4efb-bd60-4e038800475d", vmName: names };
  const job = edit(renderJob({ ...vm, directives: DIRECTIVES, createdMs: 0 }));
  const result = publishedBlock(slug, { job, fileSet: renderFileSet(vm) });
  if (result.kind === "refused") throw new Error(result.reason);
  return result.block;
}
const blocks = (...all: readonly PublishedBlock[]) => new Map(all.map((one) => [one.slug, one]));
const byHand = (text: string) => text.replace("  Enabled", "  Priority = 3\n  Enabled");

describe("what of a published file changes", () => {
  it("is nothing where the Director reads the same", () => {
    expect(separableChanges(blocks(block("a")), blocks(block("a")))).toEqual([]);
  });

  it("is each folder that is new, different or gone, by itself", () => {
    const changes = separableChanges(
      blocks(block("same"), block("gone"), block("edited")),
      blocks(block("same"), block("new"), block("edited", "edited", byHand)),
    );
    expect(changes).toEqual([
      { slugs: ["edited"], likelySound: false },
      { slugs: ["gone"], likelySound: true },
      { slugs: ["new"], likelySound: true },
    ]);
  });

  it("keeps together what shares a name: a renamed folder, and a name that moves from one to the next", () => {
    const changes = separableChanges(
      blocks(block("old", "web"), block("x", "one"), block("y", "two"), block("z", "three")),
      blocks(block("renamed", "web"), block("x", "two"), block("y", "three"), block("z", "four")),
    );
    expect(changes.map(({ slugs }) => slugs)).toEqual([
      ["old", "renamed"],
      ["x", "y", "z"],
    ]);
  });

  it.each<[string, (text: string) => string, boolean]>([
    ["as it was written", (text) => text, true],
    ["disabled", (text) => text.replace("= yes", "= no"), true],
    ["with other policy", (text) => text.replace('"Default"', '"GoldPool"'), true],
    ["with a directive more", byHand, false],
    ["with a comment", (text) => text.replace("Job {", "# mine\nJob {"), false],
    ["in another form", (text) => text.replace("Pool       =", "Pool ="), true],
  ])("tells ours from a person's: a job %s", (_, edit, likelySound) => {
    expect(separableChanges(new Map(), blocks(block("a", "a", edit)))).toEqual([{ slugs: ["a"], likelySound }]);
  });
});
