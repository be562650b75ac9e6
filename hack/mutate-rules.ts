import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { z } from "zod";

// `node hack/mutate-rules.ts [rule ...]`: takes each safety rule out of a copy of this project, one at a time, and shows
// which test notices. Exit code 1 when nobody does.

interface Mutation {
  readonly rule: string;
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly original: string;
  readonly without: string;
  readonly tests: readonly string[];
}

const PASSES = ["test/integration/sync/pass.test.ts", "test/integration/sync/lifecycle.test.ts"];
const REFUSALS = ["test/integration/sync/rejected.test.ts", "test/integration/sync/rule-7.test.ts"];
const PURGES = "test/integration/sync/purge.test.ts";
const VERIFIED = "test/integration/sync/verified.test.ts";
const FAULT_SEARCH = "src/domain/publishing/fault-search.test.ts";
const MUTATIONS: readonly Mutation[] = [
  {
    rule: "1 unknown is not gone: an absence counts unasked",
    file: "src/domain/lifecycle/judge-removals.ts",
    original: 'if (!facts.isConfirmed) return { kind: "unconfirmed" };',
    without: "",
    tests: ["src/domain/lifecycle/judge-removals.test.ts", ...PASSES],
  },
  {
    rule: "1 unknown is not gone: answers that differ are believed",
    file: "src/sync/observe-client.ts",
    original: "if (uuids !== undefined && uuidsOf(again) === uuids) continue;",
    without: "if (uuids !== undefined || uuidsOf(again) === uuids) continue;",
    tests: PASSES,
  },
  {
    rule: "2 shrink guard: no loss is too large",
    file: "src/domain/lifecycle/judge-shrinking.ts",
    original: 'return isLarge || isMost ? "held" : "allowed";',
    without: 'return isLarge && isMost && known < 0 ? "held" : "allowed";',
    tests: ["src/domain/lifecycle/judge-removals.test.ts", ...PASSES],
  },
  {
    rule: "2b policy outage: lost tags are obeyed",
    file: "src/domain/policy/judge-wish-changes.ts",
    original: "if (!isLarge && !isAll) return",
    without: "if (!isLarge || !isAll || known >= 0) return",
    tests: ["src/domain/policy/judge-wish-changes.test.ts", ...PASSES],
  },
  {
    rule: "3 time counts only while we could see: blind time counts",
    file: "src/domain/lifecycle/absence-clock.ts",
    original: "return Math.min(total, Math.max(0, nowMs - sinceMs));",
    without: "return Math.min(total, Math.max(0, nowMs - sinceMs), 0);",
    tests: ["src/domain/lifecycle/absence-clock.test.ts", ...PASSES],
  },
  {
    rule: "3 time counts only while we could see: HOLD is not looked at",
    file: "src/domain/lifecycle/judge-removals.ts",
    original: 'if (facts.killSwitch) return { kind: "killSwitch" };',
    without: "",
    tests: ["src/domain/lifecycle/judge-removals.test.ts", ...PASSES],
  },
  {
    rule: "4 any Nova state counts as present: a VM in ERROR is not there",
    file: "src/domain/discovery/parse-answer.ts",
    original: "sightings.push(reading);",
    without: 'if (!record.lines.some((line) => line.includes("status=ERROR"))) sightings.push(reading);',
    tests: ["src/domain/discovery/parse-answer.test.ts"],
  },
  {
    rule: "5 destruction is opt-in: without cleanupAfterDays there is some default",
    file: "src/domain/lifecycle/deadlines.ts",
    original: "if (policy.cleanupAfterDays === undefined) return { disableAt };",
    without:
      "if (policy.cleanupAfterDays === undefined) return deadlines(headers, { ...policy, cleanupAfterDays: 90 }, blindMs);",
    tests: ["src/domain/lifecycle/decide-lifecycle.test.ts", "src/domain/status/vm-status.test.ts"],
  },
  {
    rule: "5 destruction is opt-in: a held VM is purged like any other",
    file: "src/domain/lifecycle/decide-lifecycle.ts",
    original: 'if (isInForce("hold", headers, facts) || facts.backedUpSinceMissing) return asDecision(draft);',
    without: "if (facts.backedUpSinceMissing) return asDecision(draft);",
    tests: ["src/domain/lifecycle/decide-lifecycle.test.ts"],
  },
  {
    rule: "5 destruction is opt-in: a purge is not announced",
    file: "src/domain/purge/choose-purges.ts",
    original: "if (vm.isAnnounced) announced.push(vm);",
    without: "if (vm.isAnnounced || !vm.isUnderWay) announced.push(vm);",
    tests: ["src/domain/purge/choose-purges.test.ts", PURGES],
  },
  {
    rule: "5 destruction is opt-in: purges have no limit a day",
    file: "src/domain/purge/choose-purges.ts",
    original: "const freeToday = Math.max(0, PURGES_PER_DAY - begunToday);",
    without: "const freeToday = PURGES_PER_DAY + 0 * begunToday;",
    tests: ["src/domain/purge/choose-purges.test.ts", PURGES],
  },
  {
    rule: "5 destruction is opt-in: a job that was renamed by hand is purged",
    file: "src/domain/purge/judge-purge.ts",
    original: "directives.name !== name\n",
    without: "directives.name !== name && name === undefined\n",
    tests: ["src/domain/purge/judge-purge.test.ts", PURGES],
  },
  {
    rule: "section 4, two front ends do not take turns: each applies its policy in its turn",
    file: "src/domain/policy/judge-front-end.ts",
    original: ': { kind: "held", by: last.frontEnd };',
    without: ': { kind: "ours" };',
    tests: ["src/domain/policy/judge-front-end.test.ts", "test/integration/sync/two-front-ends.test.ts"],
  },
  {
    rule: "6 one client never touches another's jobs: two clients may claim the same",
    file: "src/domain/client/claims.ts",
    original: "return winner === undefined ? [] : [refusal(rule, claim, winner)];",
    without: "return winner === undefined || claim !== winner ? [] : [refusal(rule, claim, winner)];",
    tests: ["src/domain/client/claims.test.ts"],
  },
  {
    rule: "6 one client never touches another's jobs: any file in the folder is ours",
    file: "src/sync/decide/plan-client.ts",
    original: 'if (folder.kind !== "ours" || folder.job.headers.client !== policy.client) continue;',
    without: 'if (folder.kind !== "ours") continue;',
    tests: [...PASSES, "test/integration/model/found-by-the-model.test.ts"],
  },
  {
    rule: "7 the Director is never broken by us: references are not checked",
    file: "src/domain/publishing/references.ts",
    original: "name === undefined || existing.has(name) ? [] :",
    without: "name !== resource || existing.has(name) ? [] :",
    tests: ["src/domain/publishing/references.test.ts", ...PASSES],
  },
  {
    rule: "7 the Director is never broken by us: refused files stay",
    file: "src/volume/publish/published-files.ts",
    original: "for (const entry of entries) await journal.restore(entry);",
    without: "",
    tests: ["src/volume/publish/published-files.test.ts", ...PASSES],
  },
  {
    rule: "7 the Director is never broken by us: what was singled out is blamed without a proof",
    file: "src/domain/publishing/fault-search.ts",
    original: "const isBlamed = isProven && !isOutside;",
    without: "const isBlamed = isProven || !isProven;",
    tests: [FAULT_SEARCH, ...REFUSALS],
  },
  {
    rule: "7 the Director is never broken by us: trials are not counted",
    file: "src/sync/publish/reload-slots.ts",
    original: "const trials = counted.trials + (isTrial ? 1 : 0);",
    without: "const trials = counted.trials + (isTrial ? 0 : 0);",
    tests: REFUSALS,
  },
  {
    rule: "7 the Director is never broken by us: trials do not end",
    file: "src/domain/publishing/fault-search.ts",
    original: "if (isOutside || trialsLeft <= 0) return",
    without: "if (isOutside) return",
    tests: [FAULT_SEARCH],
  },
  {
    rule: "7 the Director is never broken by us: what is in force is not asked for before a blame",
    file: "src/domain/publishing/fault-search.ts",
    original: "if (step.changes.length === 0) return { ...refused, isOutside: true };",
    without: "",
    tests: [FAULT_SEARCH],
  },
  {
    rule: "7 the Director is never broken by us: a refused block is offered again",
    file: "src/sync/publish/refused-content.ts",
    original: "return known.reason;",
    without: "return known.reason === this.#document.startTime ? known.reason : undefined;",
    tests: REFUSALS,
  },
  {
    rule: "7 the Director is never broken by us: somebody else's fault is looked at in each pass",
    file: "src/sync/publish/reload-candidates.ts",
    original: "if (outside?.isDue === false) return",
    without: 'if (outside?.detail === "") return',
    tests: REFUSALS,
  },
  {
    rule: "7 the Director is never broken by us: changes that share a name are torn apart",
    file: "src/domain/publishing/separable-changes.ts",
    original: "for (const name of names) groupOfName.set(name, group);",
    without: "",
    tests: ["src/domain/publishing/separable-changes.test.ts", ...REFUSALS],
  },
  {
    rule: "7 the Director is never broken by us: a refused file has no copy",
    file: "src/sync/publish/keep-rejected.ts",
    original: 'return text === rejected ? [] : [{ kind: "reject", slug, text }];',
    without: "return text === rejected ? [] : [];",
    tests: REFUSALS,
  },
  {
    rule: "7 the Director is never broken by us: the copy of a refused file is written in each pass",
    file: "src/sync/publish/keep-rejected.ts",
    original: 'return text === rejected ? [] : [{ kind: "reject", slug, text }];',
    without: 'return [{ kind: "reject", slug, text }];',
    tests: REFUSALS,
  },
  {
    rule: "7 the Director is never broken by us: the copy of a refused file stays",
    file: "src/sync/publish/keep-rejected.ts",
    original: 'return rejected === undefined ? [] : [{ kind: "unreject", slug }];',
    without: "return [];",
    tests: REFUSALS,
  },
  {
    rule: "7 the Director is never broken by us: a dry run copies refused files",
    file: "src/sync/publish/publish-clients.ts",
    original: 'policy.mode === "DryRun" ? [] : rejectedFileChanges',
    without: "rejectedFileChanges",
    tests: REFUSALS,
  },
  {
    rule: "7 the Director is never broken by us: what a test names stays published",
    file: "src/sync/sync-batch.ts",
    original: "await takeOutBroken(enforced, context);",
    without: "await takeOutBroken(enforced.slice(enforced.length), context);",
    tests: ["test/integration/sync/take-out.test.ts"],
  },
  {
    rule: "7 the Director is never broken by us: what a test names of all is taken from all",
    file: "src/sync/publish/take-out-broken.ts",
    original: 'if (found === "nowhere" || taken.size >= MOST_TAKEN_OUT) return',
    without: 'if (found === "nowhere") return',
    tests: ["test/integration/sync/take-out.test.ts"],
  },
  {
    rule: "7 the Director is never broken by us: what was taken out is put back",
    file: "src/volume/publish/reload-journal.ts",
    original: "entries().filter(({ client }) => !forgotten.has(keyOf(client)))",
    without: "entries().filter(({ client }) => keyOf(client) !== '' || forgotten.size < 0)",
    tests: ["src/volume/publish/published-files.test.ts"],
  },
  {
    rule: "7 the Director is never broken by us: a long job's slots are used up",
    file: "src/sync/publish/pinned-slots.ts",
    original: "if (reloads < MOST_WHILE_ONE_RUNS) return",
    without: "if (reloads < MOST_WHILE_ONE_RUNS || running.size > 0) return",
    tests: REFUSALS,
  },
  {
    rule: "7 the Director is never broken by us: a changed job is taken for loaded unseen",
    file: "src/sync/publish/show-jobs.ts",
    original: "if (other === undefined) continue;",
    without: "if (other?.directive !== undefined || other === undefined) continue;",
    tests: [VERIFIED, "src/domain/publishing/shown-directives.test.ts"],
  },
  {
    rule: "7 the Director is never broken by us: what an owed reload left is taken for proven",
    file: "src/volume/publish/published-files.ts",
    original: "if (kept === undefined) return readPublished(client, layout);",
    without: "if (kept !== null) return readPublished(client, layout);",
    tests: [VERIFIED, "src/volume/publish/published-files.test.ts"],
  },
  {
    rule: "7 the Director is never broken by us: a job that it does not run is well",
    file: "src/domain/status/is-unprotected.ts",
    original: "return isInDirector && isEnabled && notScheduledMessage(facts) === undefined;",
    without: "return isInDirector && isEnabled;",
    tests: ["src/domain/status/not-scheduled.test.ts", "src/domain/status/vm-status.test.ts"],
  },
  {
    rule: "7 the Director is never broken by us: a stopped job that it runs is well",
    file: "src/domain/status/not-scheduled.ts",
    original: 'if (schedule.kind !== "enabledInConsole") return undefined;',
    without: 'if (schedule.kind !== "scheduled" && schedule.kind !== "notScheduled") return undefined;',
    tests: ["src/domain/status/not-scheduled.test.ts"],
  },
  {
    rule: "7 the Director is never broken by us: passes wait for its schedule",
    file: "src/sync/sync-runner.ts",
    original: "if (this.#waitsForSchedule) await asking;",
    without: "await asking;",
    tests: ["test/integration/sync/schedule.test.ts"],
  },
  {
    rule: "8 hostile input: a name reaches paths and files as it is",
    file: "src/domain/naming/slug.ts",
    original: '.replace(/[^A-Za-z0-9:._-]/gu, "_")',
    without: "",
    tests: ["src/domain/naming/slug.test.ts", "src/domain/naming/assign-slugs.test.ts"],
  },
  {
    rule: "8 hostile input: control characters reach the headers",
    file: "src/domain/jobfile/vm-header.ts",
    original: "return Array.from(plain.trim())",
    without: "return Array.from(name.trim() === plain ? plain : name)",
    tests: ["src/domain/jobfile/vm-header.test.ts", "src/domain/jobfile/render-job.test.ts"],
  },
  {
    rule: "9 bconsole: a command may be anything",
    file: "src/bacula/console-command.ts",
    original: 'if (command.startsWith("@"))',
    without: 'if (command.startsWith("@") && command === "")',
    tests: ["src/bacula/console-command.test.ts", "src/bacula/bconsole.test.ts"],
  },
  {
    rule: "9 bconsole: it may take the administrator's messages",
    file: "src/bacula/console-command.ts",
    original: "if (READS_MESSAGES.test(command)) throw",
    without: "if (READS_MESSAGES.test(command) && command === '') throw",
    tests: ["src/bacula/console-command.test.ts"],
  },
  {
    rule: "9 bconsole: it may take the last console",
    file: "src/bacula/console-watch.ts",
    original: "return CONSOLES - used >= KEPT_FREE;",
    without: "return CONSOLES + used >= KEPT_FREE;",
    tests: ["src/bacula/console-watch.test.ts"],
  },
  {
    rule: "10 nothing lost: a crash forgets that a reload is owed",
    file: "src/volume/publish/published-files.ts",
    original: "await journal.add(changed.map(({ client }) => client));",
    without: "",
    tests: ["src/volume/publish/published-files.test.ts"],
  },
];

const MAX_NAME = 160;
const PROJECT = join(import.meta.dirname, "..");
/** The project's own configuration would install the test beds first, which none of these tests needs. */
const VITEST_CONFIG = 'export default { test: { include: ["**/*.test.ts"], testTimeout: 60_000, pool: "forks" } };\n';

const Report = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string().optional(),
      assertionResults: z.array(z.object({ status: z.string(), fullName: z.string() })),
    }),
  ),
});

const chosen = process.argv.slice(2);
const mutations = MUTATIONS.filter(({ rule }) => chosen.length === 0 || chosen.includes(rule.split(" ", 1)[0] ?? ""));
process.exitCode = await main();

async function main(): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), "mutate-rules-"));
  try {
    await copyProject(folder);
    const unharmed = await failingTests(folder, [...new Set(mutations.flatMap(({ tests }) => tests))]);
    if (unharmed.length > 0) {
      console.error(`Tests fail with every rule in place, so nothing can be shown: ${unharmed.join("; ")}`);
      return 1;
    }
    let missed = 0;
    for (const mutation of mutations) {
      const caught = await tryWithout(mutation, folder);
      if (caught.length === 0) missed++;
      console.log(`rule ${mutation.rule}\n  ${describe(caught)}`);
    }
    console.log(`${mutations.length - missed} of ${mutations.length} caught`);
    return missed === 0 ? 0 : 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function copyProject(folder: string): Promise<void> {
  const parts = ["src", "test", "hack", "crds", "docs", "package.json", "tsconfig.json"];
  for (const part of parts) await cp(join(PROJECT, part), join(folder, part), { recursive: true });
  await symlink(join(PROJECT, "node_modules"), join(folder, "node_modules"));
  await writeFile(join(folder, "vitest.config.mjs"), VITEST_CONFIG);
}

/** The full names of the tests that fail without the rule. */
async function tryWithout({ rule, file, original, without, tests }: Mutation, folder: string) {
  const path = join(folder, file);
  const source = await readFile(path, "utf8");
  if (source.split(original).length !== 2) {
    throw new Error(`rule ${rule}: ${file} must have exactly once: ${original}. The code moved on; mend the mutation`);
  }
  await writeFile(
    path,
    source.replace(original, () => without),
  );
  try {
    return await failingTests(folder, tests);
  } finally {
    await writeFile(path, source);
  }
}

async function failingTests(folder: string, tests: readonly string[]): Promise<readonly string[]> {
  const report = join(folder, "report.json");
  await rm(report, { force: true });
  const vitest = join(folder, "node_modules/vitest/vitest.mjs");
  const run = await execa(
    process.execPath,
    [vitest, "run", "--root", folder, "--reporter=json", `--outputFile=${report}`, ...tests],
    { cwd: folder, reject: false },
  );
  const text = await readFile(report, "utf8").catch(() => {
    throw new Error(`vitest wrote no report: ${run.stderr}`);
  });
  const { testResults } = Report.parse(JSON.parse(text));
  if (testResults.length !== tests.length) {
    throw new Error(`${tests.length} test files were named and ${testResults.length} ran: ${tests.join(" ")}`);
  }
  // A mutant that cannot be loaded shows nothing of the rule.
  const unloaded = testResults.find(({ assertionResults }) => assertionResults.length === 0);
  if (unloaded !== undefined) throw new Error(`${unloaded.name} did not run: ${unloaded.message ?? ""}`);
  return testResults.flatMap(({ assertionResults }) =>
    assertionResults.filter(({ status }) => status !== "passed").map(({ fullName }) => fullName),
  );
}

function describe([first, ...others]: readonly string[]): string {
  if (first === undefined) return "NOT CAUGHT";
  const name = first.length > MAX_NAME ? `${first.slice(0, MAX_NAME)}...` : first; // of a table with a fleet in it
  return others.length === 0 ? `caught by: ${name}` : `caught by: ${name} (and ${others.length} more)`;
}
