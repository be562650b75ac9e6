import { rm } from "node:fs/promises";
import { dirname } from "node:path";
import { runFolder } from "./cache-folders.ts";
import { wipeRunFolder } from "./run-folder.ts";

// `npm run testbed:down [name]`: ends the processes of that bed, and no others, and removes its state.
const name = process.argv[2] ?? "testbed";
const folders = [runFolder(name, "bacula"), runFolder(name, "kubernetes")];
for (const folder of folders) await wipeRunFolder(folder);
await rm(dirname(runFolder(name, "bacula")), { recursive: true, force: true });
console.error(`test bed "${name}" is down; binaries stay in the cache`);
