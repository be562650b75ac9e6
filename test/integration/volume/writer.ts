import { setTimeout } from "node:timers/promises";
import { createVolume } from "../../../src/volume/volume.ts";

/**
 * Run as a process of its own: `writer.ts <task> <baseDir> [count]`.
 *
 * - `hold`: takes the lock, says so, and keeps it.
 * - `edit`: writes all job files of dc1/os1 again and again, with status active and disabled by turns.
 * - `create`: creates `count` VMs at once.
 * - `reject`: writes `job.rejected` beside all jobs of dc1/os1 again and again, in two lengths, and removes it.
 * - `publish`: swaps published.conf again and again without ever committing.
 */
const [task = "", baseDir = "", count = "0"] = process.argv.slice(2);
const client = { datacenter: "dc1", openstack: "os1", client: "fd-1", jobPrefix: "backup-" };
const never = new AbortController().signal;
const volume = createVolume({
  baseDir,
  directorBaseDir: baseDir,
  timeZone: "UTC",
  lockWaitMs: 60_000,
  clock: Date,
  newId: () => "id",
});

const outcome = await volume.withLock(async (tree) => {
  switch (task) {
    case "hold":
      process.stdout.write("held\n");
      return setTimeout(60_000);
    case "create": {
      process.stdout.write("writing\n");
      const slugs = Array.from({ length: Number(count) }, (_, n) => `vm-${n}`);
      const texts = slugs.map((slug) => ({ slug, job: `job of ${slug}\n`, fileSet: `fileset of ${slug}\n` }));
      return tree.write(
        client,
        texts.map((one) => ({ kind: "create", ...one })),
        never,
      );
    }
    case "edit": {
      const { folders } = await tree.readClient(client, never);
      process.stdout.write("writing\n");
      for (let round = 1; ; round++) {
        const edit = {
          headers: { missingSince: round % 2 === 0 ? null : Date.UTC(2026, 0, 1) },
          directives: { enabled: round % 2 === 0 },
        };
        await tree.write(
          client,
          folders.map(({ slug }) => ({ kind: "edit", slug, edit })),
          never,
        );
      }
    }
    case "reject": {
      const { folders } = await tree.readClient(client, never);
      process.stdout.write("writing\n");
      for (let round = 0; ; round = (round + 1) % 3) {
        const text = `# Rejected: ${"x".repeat(round * 10_000)}\n`;
        await tree.write(
          client,
          folders.map(({ slug }) => (round === 0 ? { kind: "unreject", slug } : { kind: "reject", slug, text })),
          never,
        );
      }
    }
    case "publish":
      process.stdout.write("writing\n");
      for (let round = 1; ; round++) {
        const text = `# ${"x".repeat(round % 2 === 0 ? 100_000 : 50_000)}\n`;
        await tree.swapPublished(
          new Map([
            [client, text],
            [{ ...client, openstack: `new-${round}` }, text],
          ]),
          never,
        );
      }
    default:
      throw new Error(`no task ${task}`);
  }
}, never);
process.stdout.write(`${outcome.kind}\n`);
