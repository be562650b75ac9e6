import { formatCheck, runChecks } from "./checks/checks.ts";
import { runTestProjects, type Tally } from "./checks/test-projects.ts";
import { install } from "./testbed/install.ts";

// `npm test`: everything. What the test beds miss is installed meanwhile. The last line is `N passed, N failed`.
const lines: string[] = [];
const total = { passed: 0, failed: 0 };

const installing = part("test bed", async () => {
  await install("bacula");
  await install("kubernetes");
  return { passed: 0, failed: 0 };
});
await part("checks", async () => {
  const results = await runChecks();
  for (const result of results) console.log(formatCheck(result));
  const passed = results.filter((result) => result.passed).length;
  return { passed, failed: results.length - passed };
});
await part("unit tests", () => runTestProjects(["unit"], "{src,hack}/**/*.test.ts"));
if (await installing) {
  // In one run: both wait most of the time, and no file of one needs the end of the other.
  await part("integration and e2e tests", () =>
    runTestProjects(["integration", "e2e"], "test/{integration,e2e}/**/*.test.ts"),
  );
} else {
  await part("integration and e2e tests", () =>
    Promise.reject(new Error("not run, since the test bed is not complete")),
  );
}

for (const line of lines) console.log(line);
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 ? 0 : 1;

/** Runs one part and adds what it counted; a part that can't run is one failure. True when nothing failed. */
async function part(name: string, run: () => Promise<Tally>): Promise<boolean> {
  const start = performance.now();
  let tally: Tally;
  try {
    tally = await run();
  } catch (error) {
    console.error(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    tally = { passed: 0, failed: 1 };
  }
  total.passed += tally.passed;
  total.failed += tally.failed;
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  const count = tally.passed + tally.failed;
  lines.push(`${name}: ${count} ${count === 1 ? "test" : "tests"}, ${tally.failed} failed, ${seconds} s`);
  console.log(lines.at(-1));
  return tally.failed === 0;
}
