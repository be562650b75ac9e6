import { formatCheck, runChecks } from "./checks/checks.ts";

// `npm run check`: types, lint, dependency rules, dead code. A line for each; exit code 1 when one failed.
const results = await runChecks();
for (const result of results) console.log(formatCheck(result));
process.exitCode = results.every((result) => result.passed) ? 0 : 1;
