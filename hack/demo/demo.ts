import { parseArgs } from "node:util";
import { claimDemoBed, endDemoBed } from "./demo-bed.ts";
import { runDemo } from "./run-demo.ts";

const USAGE = `npm run demo              show it, and clean up
npm run demo -- --keep    show it, and leave it running to look around
npm run demo -- --end     end a demo that was left running`;

const { keep, end, help } = readOptions();
if (help) console.log(USAGE);
else process.exit(await main());

async function main(): Promise<number> {
  try {
    await claimDemoBed();
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    return 1;
  }
  if (!end) return runDemo(keep);
  await endDemoBed();
  return 0;
}

function readOptions(): { readonly keep: boolean; readonly end: boolean; readonly help: boolean } {
  const flag = { type: "boolean", default: false } as const;
  try {
    return parseArgs({ options: { keep: flag, end: flag, help: { ...flag, short: "h" } } }).values;
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
    process.exit(2);
  }
}
