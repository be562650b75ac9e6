import { createHash } from "node:crypto";
import type { Discovery } from "../../../src/domain/discovery/discovery.ts";
import type { JobFile } from "../../../src/domain/jobfile/job-file.ts";
import { isSameBlock } from "../../../src/domain/publishing/published-file.ts";
import { shownDirectives, shownOtherwise } from "../../../src/domain/publishing/shown-directives.ts";
import type { PassReport } from "../../../src/sync/pass-report.ts";
import type { ModelClient } from "./model-client.ts";
import { includedFiles } from "./model-director.ts";
import { publishedBlocks } from "./published-blocks.ts";
import { readVmFolder } from "./read-vm-folder.ts";
import { SEEN_DIRECTIVE, UNKNOWN_DIRECTIVE } from "./unknown-directive.ts";
import { MAX_SIGHT_GAP_MS, type WitnessedWorld } from "./witnessed-world.ts";

const DAY_MS = 86_400_000;
const MOST_PLUGIN_EDITS = 50;
const MOST_RELOADS_WHILE_ONE_RUNS = 12;
type Files = ReadonlyMap<string, string>;
type Report = PassReport | "crashed" | "suspended";

interface Absence {
  seenMs: number;
  lastMs: number | undefined;
}

/** Sees what each pass did to the files, knows what it had been told, and throws where a promise was broken. */
export class Witness {
  readonly #world: WitnessedWorld;
  /** By client and uuid: how long the VM was surely absent, by this model's own counting. */
  readonly #absences = new Map<string, Absence>();
  #before: Files = new Map();

  constructor(world: WitnessedWorld) {
    this.#world = world;
  }

  /** Readable jobs of one client, the first folder of each VM. */
  jobsOf(client: ModelClient): readonly { readonly uuid: string; readonly name: string }[] {
    const jobs = jobFiles(this.#world.disk.files(), client);
    return [...jobs.values()].map(({ headers, directives }) => ({ uuid: headers.uuid, name: directives.name }));
  }

  stateLost(): void {
    this.#editors.clear();
    for (const absence of this.#absences.values()) Object.assign(absence, { seenMs: 0, lastMs: undefined });
  }

  /** Between a swap and its reload a process died, and then its journal was lost: nothing tells what was good before. */
  journalLost(): void {
    this.#knowsLastGood = false;
  }
  #knowsLastGood = true;

  before(): void {
    this.#before = this.#world.disk.files();
  }

  after(reports: readonly Report[], { isUnmounted }: { readonly isUnmounted: boolean }): void {
    const after = this.#world.disk.files();
    if (isUnmounted) {
      this.#checkNothingWritten(after);
      return;
    }
    for (const [at, client] of this.#world.clients.entries()) {
      const report = reports[at];
      if (report !== undefined) this.#checkClient(client, report, after);
    }
    this.#checkPublished(reports, after);
  }

  /** After all was mended: each VM that never opted out is protected, and the Director has it. */
  checkSettled(): void {
    const files = this.#world.disk.files();
    expectThat(!this.#world.disk.owesReload(), "no reload is owed in the end");
    for (const client of this.#world.clients) {
      const unreadable = unreadableUuids(files, client);
      const jobs = new Map(this.jobsOf(client).map(({ uuid, name }) => [uuid, name]));
      const published = new Set(blocksOf(files, client).map(({ jobName }) => jobName));
      for (const { uuid, wishes } of client.fleet.values()) {
        if (wishes.kind !== "read" || wishes.optedOut) continue;
        if (client.optedOutOnce.has(uuid) || unreadable.has(uuid)) continue;
        const name = jobs.get(uuid);
        expectThat(name !== undefined, `${uuid} of ${client.folder} has a job in the end`);
        if (this.#refused.has(`${client.folder} ${uuid}`)) continue;
        expectThat(published.has(name), `${name} is published in the end`);
        expectThat(name !== undefined && this.#world.director.jobs.has(name), `the Director has ${name} in the end`);
      }
    }
  }
  /** VMs whose file was refused for what a person made of it. */
  readonly #refused = new Set<string>();

  #checkNothingWritten(after: Files): void {
    const written = [...after.keys()].filter((path) => path.endsWith("/job"));
    expectThat(written.length === 0, `nothing is written to another volume: ${written.join()}`);
  }

  #checkClient(client: ModelClient, report: Report, after: Files): void {
    const { policy, answers } = client;
    const { nowMs } = this.#world;
    const before = this.#before;
    const jobsBefore = jobFiles(before, client);
    const isOnHold = before.has("HOLD");
    const isClear = answers[0]?.kind === "listed" && this.#world.catalogState === "well";
    const isConfirmed = isClear && answers.length === 3 && new Set(answers.map(uuidsOf)).size === 1;
    const sighted = new Set(
      answers.flatMap((answer) => (answer.kind === "listed" ? answer.vms : [])).map(({ uuid }) => uuid),
    );
    const marked: string[] = [];
    const otherPlugins: string[] = [];
    this.#noteRefused(client, report);
    this.#checkRejectedFiles(client, report, after);
    this.#count(client, report, { isClear, isOnHold, sighted });

    const isPurgeable = this.#checkPurgedRuns(client, { isConfirmed, isOnHold, sighted });
    for (const [path, text] of before) {
      if (!path.startsWith(`${client.folder}/`) || !/\/(job|fileset)$/.test(path)) continue;
      const now = after.get(path);
      if (now === undefined) {
        const folder = path.slice(0, path.lastIndexOf("/"));
        const job = jobsBefore.get(`${folder}/job`) ?? readJob(before.get(`${folder}/job.purging`) ?? "");
        expectThat(job !== undefined && isPurgeable(job), `${path} is not removed by a pass`);
        // Cut off or not, the bytes of a job that is only withdrawn stay.
        const purging = after.get(`${folder}/job.purging`);
        expectThat(!path.endsWith("/job") || purging === undefined || purging === text, `${path} keeps its bytes`);
        continue;
      }
      if (now === text) continue;
      expectThat(policy.mode === "Enforce" && !policy.suspended, `${path} is not written in DryRun or while suspended`);
      if (path.endsWith("/fileset")) {
        expectThat(isClear, `a blind pass leaves ${path} alone`);
        // A fileset without its job is what a write left that was cut short: the VM gets both files anew (section 4, "new").
        if (before.has(path.replace(/fileset$/, "job"))) checkFileSet(path, text, now);
        if (pluginLine(text) !== pluginLine(now)) otherPlugins.push(path);
        continue;
      }
      expectThat(handBytes(now) === handBytes(text), `a person's bytes in ${path} stay:\n${text}\n---\n${now}`);
      if (!isClear) expectThat(sharedBytes(now) === sharedBytes(text), `a blind pass leaves ${path} alone`);
      const was = jobsBefore.get(path);
      const is = jobFiles(after, client).get(path);
      expectThat(was !== undefined && is !== undefined, `${path} is one that may be edited, and can be read again`);
      if (was === undefined || is === undefined) continue;
      const { uuid } = was.headers;
      if (policyLines(now) !== policyLines(text)) this.#noteEditor(client, path);
      const isMarked = was.headers.missingSince === undefined && is.headers.missingSince !== undefined;
      const isDisabled =
        (was.headers.status === "active" && is.headers.status === "disabled") ||
        (was.directives.enabled !== false && is.directives.enabled === false);
      if (isMarked) marked.push(uuid);
      if (!isMarked && !isDisabled) continue;

      expectThat(!isOnHold, `nothing begins or ends to be missing under HOLD: ${path}`);
      expectThat(is.headers.suspend === undefined, `a suspended VM is neither marked nor disabled: ${path}`);
      const hasOptedOut = policy.optOutAction === "Disable" && is.headers.missingSince === undefined;
      if (hasOptedOut && isDisabled) {
        expectThat(mayBeOptedOut(uuid, client), `${path} is disabled only for its own opt-out`);
        continue;
      }
      expectThat(!sighted.has(uuid), `a VM that was seen is neither marked nor disabled: ${path}`);
      expectThat(isConfirmed, `an absence that leads to something was asked for three times: ${path}`);
      if (!isDisabled) continue;
      expectThat(is.headers.hold === undefined, `a held VM is not disabled: ${path}`);
      const seenMs = this.#absences.get(`${client.folder} ${uuid}`)?.seenMs ?? 0;
      const needMs = policy.graceDays * DAY_MS;
      expectThat(seenMs >= needMs, `${path} was disabled after ${seenMs / DAY_MS} of ${policy.graceDays} days`);
      const backedUpMs = this.#world.history.get(was.directives.name)?.lastGood?.startTimeMs ?? 0;
      const { missingSince = nowMs } = was.headers;
      expectThat(backedUpMs <= missingSince, `a VM that was backed up since is not disabled: ${path}`);
    }
    this.#noteTakeOver(client, report);
    this.#checkShrinking(client, marked, jobsBefore, sighted);
    this.#checkPluginEdits(client, otherPlugins);
  }

  /** Called for every run that is deleted from the catalog. */
  notePurgedRun({ name, client }: { readonly name: string; readonly client: string }): void {
    this.#purgedRuns.push({ name, client });
    expectThat(!this.#world.director.jobs.has(name), `${name} was withdrawn before a run of it was deleted`);
  }
  #purgedRuns: { readonly name: string; readonly client: string }[] = [];

  /**
   * Rules 3 and 5 and spec section 6, counted by this model: whose runs are deleted, or whose job is withdrawn, was absent
   * for grace and cleanup time in passes that saw, is absent by three answers now, and nobody asked to keep it.
   */
  #checkPurgedRuns(
    client: ModelClient,
    facts: { readonly isConfirmed: boolean; readonly isOnHold: boolean; readonly sighted: ReadonlySet<string> },
  ): (job: JobFile) => boolean {
    const { policy } = client;
    const isPurgeable = ({ headers, directives }: JobFile) => {
      const seenMs = this.#absences.get(`${client.folder} ${headers.uuid}`)?.seenMs ?? 0;
      const needMs = (policy.graceDays + (policy.cleanupAfterDays ?? Infinity)) * DAY_MS;
      const backedUpMs = this.#world.history.get(directives.name)?.lastGood?.startTimeMs ?? 0;
      return (
        policy.mode === "Enforce" &&
        facts.isConfirmed &&
        !facts.isOnHold &&
        !facts.sighted.has(headers.uuid) &&
        seenMs >= needMs &&
        headers.hold === undefined &&
        headers.suspend === undefined &&
        headers.status === "disabled" &&
        backedUpMs <= (headers.missingSince ?? 0)
      );
    };
    const jobs = new Map<string, JobFile>();
    for (const [path, text] of this.#before) {
      if (!path.startsWith(`${client.folder}/`) || !/\/job(\.purging)?$/.test(path)) continue;
      const job = readJob(text);
      if (job !== undefined) jobs.set(job.directives.name, job);
    }
    for (const { name } of this.#purgedRuns.filter((run) => run.client === policy.client)) {
      expectThat(name.startsWith(policy.jobPrefix), `${name} is ${policy.client}'s own`);
      const job = jobs.get(name);
      expectThat(job !== undefined && isPurgeable(job), `the runs of ${name} may be deleted`);
    }
    this.#purgedRuns = this.#purgedRuns.filter((run) => run.client !== policy.client);
    return isPurgeable;
  }

  /** Each costs a Full, so more than 50 at once need a token that was given for no fewer. */
  #checkPluginEdits(client: ModelClient, paths: readonly string[]): void {
    const approved = Number(this.#approvals.get(client.folder)?.split("-")[0] ?? 0);
    expectThat(
      paths.length <= MOST_PLUGIN_EDITS || approved >= paths.length,
      `${paths.length} Plugin lines of ${client.folder} were changed with approval for ${approved}`,
    );
  }

  /** Spec section 4, last sentence: who edits is the one that did before, or was told to take over. */
  #noteEditor(client: ModelClient, path: string): void {
    const { folder, frontEnd, takesOver } = client;
    const editor = this.#editors.get(folder) ?? frontEnd;
    expectThat(editor === frontEnd || takesOver, `${frontEnd} does not take turns with ${editor} in ${path}`);
    this.#editors.set(folder, frontEnd);
  }

  /** A take-over counts also when there was nothing to edit; of one that died in the middle nobody knows how far it came. */
  #noteTakeOver({ folder, frontEnd, takesOver }: ModelClient, report: Report): void {
    if (!takesOver) return;
    if (report === "crashed") this.#editors.delete(folder);
    else if (report !== "suspended" && report.outcome.kind === "passed" && report.outcome.frontEnd.kind === "ours")
      this.#editors.set(folder, frontEnd);
  }
  readonly #editors = new Map<string, ModelClient["frontEnd"]>();

  /** Rule 2, counted by this model. */
  #checkShrinking(
    client: ModelClient,
    marked: readonly string[],
    before: ReadonlyMap<string, JobFile>,
    sighted: ReadonlySet<string>,
  ): void {
    const { count, percent } = client.policy.maxMissing;
    const jobs = [...before.values()].map(({ headers }) => headers);
    const known = jobs.filter(({ status, missingSince }) => status === "active" && missingSince === undefined).length;
    const gone = jobs
      .filter(
        ({ uuid, missingSince, suspend }) => missingSince === undefined && suspend === undefined && !sighted.has(uuid),
      )
      .map(({ uuid }) => uuid);
    const isTooMany =
      (marked.length > count && marked.length * 100 > percent * known) ||
      (marked.length >= 3 && marked.length * 2 > known);
    if (!isTooMany) return;
    // A process that died may have marked only some of those that were approved.
    const approved = [...new Set([...gone, ...marked])].sort();
    const hash = createHash("sha256").update(approved.join("\n")).digest("hex").slice(0, 8);
    const token = `${approved.length}-${hash}`;
    expectThat(
      this.#approvals.get(client.folder) === token,
      `${marked.length} of ${known} VMs of ${client.folder} were marked without the token ${token}`,
    );
  }
  readonly #approvals = new Map<string, string | undefined>();

  /** Called before a pass with what a person has approved. */
  noteApproval(client: ModelClient): void {
    this.#approvals.set(client.folder, client.approval);
  }

  #noteRefused(client: ModelClient, report: Report): void {
    if (typeof report === "string" || report.outcome.kind !== "passed") return;
    for (const { uuid, publishing } of report.outcome.vms) {
      const key = `${client.folder} ${uuid}`;
      if (publishing.kind === "rejected") this.#refused.add(key);
      else this.#refused.delete(key);
    }
  }

  /** Spec section 3, Rejected: each refused job has its copy, no accepted one has any, and a dry run writes none. */
  #checkRejectedFiles(client: ModelClient, report: Report, after: Files): void {
    const rejectedIn = (files: Files) =>
      [...files].filter(([path]) => path.startsWith(`${client.folder}/`) && path.endsWith("/job.rejected"));
    if (client.policy.mode === "DryRun" || client.policy.suspended) {
      const before = new Map(rejectedIn(this.#before));
      for (const [path, text] of rejectedIn(after))
        expectThat(before.get(path) === text, `${path} is not written in DryRun or while suspended`);
      return;
    }
    if (typeof report === "string" || report.outcome.kind !== "passed") return;
    const isJudged = ["published", "unchanged"].includes(report.outcome.publishing.kind);
    for (const { slug, publishing } of report.outcome.vms) {
      const folder = `${client.folder}/${slug}`;
      const copy = after.get(`${folder}/job.rejected`);
      const job = after.get(`${folder}/job`);
      if (publishing.kind === "published" && isJudged)
        expectThat(copy === undefined, `${folder} is accepted and has no copy`);
      if (publishing.kind === "rejected" && isJudged && job !== undefined)
        expectThat(copy?.includes(job) === true, `${folder} is rejected and has a copy: ${publishing.reason}`);
    }
  }

  /** Rule 3, counted by this model: at most MAX_SIGHT_GAP between two clear passes, nothing for what was seen. */
  #count(
    client: ModelClient,
    report: Report,
    facts: { readonly isClear: boolean; readonly isOnHold: boolean; readonly sighted: ReadonlySet<string> },
  ): void {
    const { nowMs } = this.#world;
    const { policy } = client;
    // A dry run may write nothing, so it cannot remember what it saw either.
    if (report === "suspended" || !facts.isClear || policy.mode === "DryRun") return;
    if (facts.isOnHold) {
      for (const uuid of facts.sighted) this.#absences.delete(`${client.folder} ${uuid}`);
      return;
    }
    for (const { headers } of jobFiles(this.#before, client).values()) {
      const key = `${client.folder} ${headers.uuid}`;
      const absence = this.#absences.get(key) ?? { seenMs: 0, lastMs: undefined };
      if (facts.sighted.has(headers.uuid)) {
        this.#absences.delete(key);
        continue;
      }
      const spanMs = absence.lastMs === undefined ? 0 : Math.min(Math.max(0, nowMs - absence.lastMs), MAX_SIGHT_GAP_MS);
      if (headers.suspend === undefined) absence.seenMs += spanMs;
      absence.lastMs = nowMs;
      this.#absences.set(key, absence);
    }
  }

  #crashes = 0;

  /** What was published and in the Director when no reload was owed: what is put back never takes one of these. */
  #proven: ReadonlySet<string> = new Set();

  /** A person is about to take a client's published file: there will be no good bytes of its jobs to go back to. */
  losePublished(client: ModelClient): void {
    const lost = new Set(blocksOf(this.#world.disk.files(), client).map(({ jobName }) => jobName));
    this.#proven = new Set([...this.#proven].filter((name) => !lost.has(name)));
  }

  /** Rule 7: whatever happened, the Director could start, and nobody lost a job for another's fault. */
  #checkPublished(reports: readonly Report[], after: Files): void {
    if (reports.includes("crashed")) this.#crashes++;
    const { director, disk, clients } = this.#world;
    const reloads = Math.max(0, ...director.reloadsWhileRuns.values());
    // A process that died between a reload and its note forgets that one.
    expectThat(
      reloads <= MOST_RELOADS_WHILE_ONE_RUNS + this.#crashes,
      `at most 12 reloads while one job runs: ${reloads}`,
    );
    const [unloadable] = director.unloadable;
    expectThat(unloadable === undefined, `the Director is never given what it cannot load: ${unloadable}`);
    for (const client of clients) {
      const has = new Set(blocksOf(after, client).map(({ slug }) => slug));
      for (const { slug, jobName } of blocksOf(this.#before, client)) {
        if (jobName === undefined || !this.#proven.has(jobName) || !after.has(`${client.folder}/${slug}/job`)) continue;
        expectThat(has.has(slug), `${jobName} stays published`);
      }
    }
    // What a Director that reads older files (a stale mount) takes is noticed by what it shows; of this it shows nothing.
    if (director.mood === "stale" && includedFiles(after).some(({ text }) => hasUnseenFault(text ?? "")))
      this.#knowsLastGood = false;
    if (!disk.owesReload()) {
      if (this.#knowsLastGood) this.#checkShown(after);
      const published = clients.flatMap((client) => blocksOf(after, client).flatMap(({ jobName }) => jobName ?? []));
      this.#proven = new Set(published.filter((name) => director.jobs.has(name)));
      for (const { path, text } of includedFiles(after))
        expectThat(
          !this.#knowsLastGood || text?.includes(UNKNOWN_DIRECTIVE) !== true,
          `${path} has nothing that the Director refuses`,
        );
    }
    const isWell = reports.every((report) => typeof report !== "string" && report.outcome.kind === "passed");
    if (!isWell || clients.some(({ policy }) => policy.mode === "DryRun")) return;
    const included = includedFiles(after);
    for (const { path, text } of included) expectThat(text !== undefined, `${path} of include.conf exists`);
    const names = included.flatMap(({ text = "" }) => publishedBlocks(text).flatMap(({ jobName }) => jobName ?? []));
    expectThat(new Set(names).size === names.length, "every published job name is unique");
    if (disk.owesReload() || !director.lastReloadWasGood) return;
    expectThat(
      [...names].sort().join() === [...director.jobs].sort().join(),
      `the Director has what is published: ${names.join()} but ${[...director.jobs].join()}`,
    );
  }

  /** Rule 7: what is said to be in force is what the Director has, as far as it can be seen. */
  #checkShown(files: Files): void {
    for (const { text = "" } of includedFiles(files)) {
      for (const block of publishedBlocks(text)) {
        const loaded = this.#world.director.blocks.get(block.jobName ?? "");
        if (loaded === undefined || isSameBlock(loaded, block)) continue;
        const other = shownOtherwise(shownDirectives(block), shownDirectives(loaded));
        expectThat(
          other === undefined,
          `the Director has ${block.jobName} as it is published: ${other?.directive} ${other?.said}, not ${other?.shown}`,
        );
      }
    }
  }
}

/** A block that the Director refuses, and that looks in the console like one that it takes. */
function hasUnseenFault(published: string): boolean {
  return publishedBlocks(published).some(
    ({ job = "" }) => job.includes(UNKNOWN_DIRECTIVE) && !job.includes(SEEN_DIRECTIVE),
  );
}

class BrokenPromise extends Error {
  override readonly name = "BrokenPromise";
}

function expectThat(holds: boolean, promise: string): asserts holds {
  if (!holds) throw new BrokenPromise(promise);
}

function blocksOf(files: Files, client: ModelClient) {
  return publishedBlocks(files.get(`${client.folder}/published.conf`) ?? "");
}

const jobMemo = new Map<string, JobFile | undefined>();
/** The client's own readable jobs by path; of two folders of one VM the first. */
function jobFiles(files: Files, client: ModelClient): ReadonlyMap<string, JobFile> {
  const jobs = new Map<string, JobFile>();
  const uuids = new Set<string>();
  const start = `${client.folder}/`;
  const paths = [...files.keys()].filter((path) => path.startsWith(start) && path.endsWith("/job"));
  for (const slug of paths.map((path) => path.slice(start.length, -"/job".length)).sort()) {
    const path = `${start}${slug}/job`;
    const text = files.get(path) ?? "";
    const job = readJob(text);
    if (job === undefined) uuids.add(uuidIn(text)); // its VM is known by this folder, and nothing is decided of it
    if (job?.headers.client !== client.policy.client || uuids.has(job.headers.uuid)) continue;
    uuids.add(job.headers.uuid);
    jobs.set(path, job);
  }
  return jobs;
}

function readJob(text: string): JobFile | undefined {
  if (!jobMemo.has(text)) {
    if (jobMemo.size > 20_000) jobMemo.clear();
    const folder = readVmFolder({ slug: "any", job: text });
    jobMemo.set(text, folder?.kind === "ours" ? folder.job : undefined);
  }
  return jobMemo.get(text);
}

function unreadableUuids(files: Files, client: ModelClient): ReadonlySet<string> {
  const found = new Set<string>();
  for (const [path, job] of files) {
    if (!path.startsWith(`${client.folder}/`) || !path.endsWith("/job") || readJob(job) !== undefined) continue;
    found.add(uuidIn(job));
  }
  return found;
}

function uuidIn(text: string): string {
  return /^#@uuid:\s*(\S+)/m.exec(text)?.[1] ?? "";
}

function uuidsOf(answer: Discovery): string {
  return answer.kind === "listed"
    ? answer.vms
        .map(({ uuid }) => uuid)
        .sort()
        .join()
    : "unknown";
}

/** By this answer, or by an earlier one where this record can be read in two ways. */
function mayBeOptedOut(uuid: string, client: ModelClient): boolean {
  const wishes = client.answers.flatMap((answer) =>
    answer.kind === "listed" ? answer.vms.filter((vm) => vm.uuid === uuid).map((vm) => vm.wishes) : [],
  );
  return wishes.some((wish) => (wish.kind === "read" ? wish.optedOut : client.optedOutOnce.has(uuid)));
}

/** What policy puts into a job file. */
function policyLines(text: string): string {
  return text
    .split("\n")
    .filter((line) => /^\s*(JobDefs|Storage|Pool|Schedule|Messages)\s*=/.test(line))
    .join("\n");
}

const OUR_LINE = /^(#@[a-z-]+:|\s*(JobDefs|Storage|Pool|Schedule|Messages|Enabled)\s*=)/;
/** All that is not a header or a directive of policy. */
function handBytes(text: string): string {
  return text
    .split("\n")
    .filter((line) => !OUR_LINE.test(line))
    .join("\n");
}

const FILE_SET_LINE = /^ *(signature|dedup|Plugin) *=/;
/** Of a fileset only the lines that policy writes may change, and never what a person wrote into them. */
function checkFileSet(path: string, before: string, after: string): void {
  const handLines = (text: string) => text.split("\n").filter((line) => !FILE_SET_LINE.test(line));
  expectThat(
    handLines(before).join("\n") === handLines(after).join("\n"),
    `a person's bytes in ${path} stay:\n${before}\n---\n${after}`,
  );
  const uuid = / instance=[0-9a-f-]+/.exec(before)?.[0] ?? "";
  expectThat(pluginLine(after).includes(uuid), `${path} selects the same VM`);
  const isOwn = before.includes("proxy_server=mine");
  expectThat(!isOwn || after.includes("proxy_server=mine"), `a person's proxy stays in ${path}`);
}

function pluginLine(text: string): string {
  return /^ *Plugin = .*$/m.exec(text)?.[0] ?? "";
}

/** All that a blind pass must not touch: a person's own new words for one VM may still reach its headers. */
function sharedBytes(text: string): string {
  return text.replaceAll(/^#@(hold|suspend|jobdefs):.*\n/gm, "");
}
