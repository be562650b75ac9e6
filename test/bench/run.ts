import { parseArgs } from "node:util";
import { firstSync } from "./first-sync.ts";
import { noChange } from "./no-change.ts";
import { reload } from "./reload.ts";

// `npm run bench -- <name> [options]`: one benchmark on real parts. It prints figures and never fails for being slow.
const USAGE = `usage: npm run bench -- <name> [options]

  first-sync  [--vms 10000] [--rounds 3]                 against a bare client that writes the same objects
  no-change   [--vms 100000] [--clients 20] [--rounds 5] against a bare loop that parses, looks at files and compares
  reload      [--vms 10000] [--rounds 3]                 against an include that lists the files by find and xargs

  --cpu-prof <folder>     the operator writes a CPU profile there when it ends
  --node-options=<text>   NODE_OPTIONS of the operator, such as --max-old-space-size=384; no-change takes several
                          and measures a process with each
`;

const BENCHES = new Map([
  ["first-sync", firstSync],
  ["no-change", noChange],
  ["reload", reload],
]);

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    vms: { type: "string" },
    clients: { type: "string" },
    rounds: { type: "string" },
    "cpu-prof": { type: "string" },
    "node-options": { type: "string", multiple: true },
  },
});
const bench = BENCHES.get(positionals[0] ?? "");
if (bench === undefined || positionals.length !== 1) {
  process.stderr.write(USAGE);
  process.exitCode = 2;
} else {
  const profile = values["cpu-prof"] === undefined ? "" : `--cpu-prof --cpu-prof-dir=${values["cpu-prof"]}`;
  await bench({
    vms: whole(values.vms),
    clients: whole(values.clients),
    rounds: whole(values.rounds),
    nodeOptions: (values["node-options"] ?? [""]).map((options) => `${options} ${profile}`.trim()),
  });
}

function whole(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new Error(`"${text}" is no whole number from 1 on`);
  return value;
}
