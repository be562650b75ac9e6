import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type BaculaBed, startBaculaBed } from "../../hack/testbed/bacula-bed.ts";
import { toClientPolicy } from "../../src/api/effective.ts";
import { renderFileSet } from "../../src/domain/jobfile/render-fileset.ts";
import { renderJob } from "../../src/domain/jobfile/render-job.ts";
import { type PublishedBlock, publishedBlock, renderPublished } from "../../src/domain/publishing/published-file.ts";
import { renderInclude } from "../../src/domain/publishing/render-include.ts";
import { parseSettings } from "../../src/settings/settings.ts";
import { type BenchClient, baculaClientNames, benchClients } from "./bench-fleet.ts";
import type { BenchOptions } from "./bench-options.ts";
import { print, printHead, progress, ratio, seconds } from "./figures.ts";
import { memoryOf } from "./process-figures.ts";

/**
 * A reload of the Director with include.conf and published files against one with the white paper's include, in the form
 * that loads (spec section 9: at least 20 times faster at 10,000 jobs). Both read the same tree; times are those of
 * bconsole's `reload`, and after each the Director must have every job.
 */
export async function reload({ vms = 10_000, clients: clientCount = 2, rounds = 3 }: BenchOptions): Promise<void> {
  printHead("reload", `${vms} jobs and filesets of ${clientCount} clients, ${rounds} rounds of each include`);
  const bed = await startBaculaBed({ name: "bench-reload", clients: baculaClientNames(clientCount) });
  try {
    await writeTree(bed.baseDir, benchClients(clientCount, vms));
    const published = `@${join(bed.baseDir, "include.conf")}`;
    const listing = `@|"sh -c 'find ${bed.baseDir} -type f \\\\( -name job -o -name fileset \\\\) | xargs -I{} echo @{}'"`;
    progress("a first reload, for the rows of new FileSets ...");
    const first = await reloadWith(bed, published, vms);
    const [ours, theirs]: [number[], number[]] = [[], []];
    for (let round = 1; round <= rounds; round += 1) {
      progress(`round ${round}: include.conf ...`);
      ours.push(await reloadWith(bed, published, vms));
      progress(`round ${round}: find and xargs ...`);
      theirs.push(await reloadWith(bed, listing, vms));
    }
    print("first reload with include.conf, new FileSet rows", seconds([first]));
    print("reload with include.conf", seconds(ours));
    print("reload with find and xargs", seconds(theirs));
    print("ratio of find and xargs to include.conf", ratio(theirs, ours, ">= 20x"));
    print("memory of the Director at the end", `${Math.round((await memoryOf(bed.directorPid)).rssMiB)} MiB`);
  } finally {
    await bed.wipe();
  }
}

/** The tree as a first sync leaves it: job and fileset files, published files, include.conf. */
async function writeTree(baseDir: string, clients: readonly BenchClient[]): Promise<void> {
  const parsed = parseSettings({ DEDUP_ALGO: "none" }, "operator");
  if (parsed.kind !== "ok") throw new Error("the default settings are not valid");
  for (const { spec, vms } of clients) {
    const policy = toClientPolicy(spec, parsed.settings);
    const { jobDefs, storage, pool, schedule, messages } = policy;
    const directives = { jobDefs: jobDefs.name, storage, pool, schedule, messages };
    const folder = join(baseDir, policy.datacenter, policy.openstack);
    const blocks: PublishedBlock[] = [];
    for (const { name: slug, uuid } of vms) {
      const file = { policy, slug, uuid, vmName: slug, directives, createdMs: Date.now() };
      const [job, fileSet] = [renderJob(file), renderFileSet(file)];
      await mkdir(join(folder, slug), { recursive: true });
      await writeFile(join(folder, slug, "job"), job);
      await writeFile(join(folder, slug, "fileset"), fileSet);
      const result = publishedBlock(slug, { job, fileSet });
      if (result.kind === "refused") throw new Error(result.reason);
      blocks.push(result.block);
    }
    await writeFile(join(folder, "published.conf"), renderPublished(blocks));
  }
  const paths = clients.map(({ spec }) => join(baseDir, spec.datacenter, spec.openstack, "published.conf"));
  await writeFile(join(baseDir, "include.conf"), renderInclude(paths));
}

/** Seconds of one reload with that include line as the last line of the Director's configuration. */
async function reloadWith(bed: BaculaBed, line: string, jobCount: number): Promise<number> {
  const text = await readFile(bed.directorConf, "utf8");
  const lines = text.trimEnd().split("\n");
  await writeFile(bed.directorConf, `${[...lines.slice(0, -1), line].join("\n")}\n`);
  const start = performance.now();
  const answer = await bed.console("reload");
  const took = (performance.now() - start) / 1000;
  const jobs = (await bed.console(".jobs type=B")).split("\n").filter((name) => name.startsWith("backup-bench-"));
  if (jobs.length !== jobCount) throw new Error(`the Director has ${jobs.length} of ${jobCount} jobs: ${answer}`);
  return took;
}
