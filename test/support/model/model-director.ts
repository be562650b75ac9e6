import type { ClientPolicy } from "../../../src/domain/client/client-policy.ts";
import type { Discovery } from "../../../src/domain/discovery/discovery.ts";
import type { JobDefsResource } from "../../../src/domain/policy/known-job-defs.ts";
import type { PublishedBlock } from "../../../src/domain/publishing/published-file.ts";
import { shownDirectives } from "../../../src/domain/publishing/shown-directives.ts";
import type { Director, DirectorResources, ReloadOutcome } from "../../../src/sync/ports.ts";
import { DIRECTOR_BASE_DIR, type ModelDisk } from "./model-disk.ts";
import { publishedBlocks } from "./published-blocks.ts";
import { UNKNOWN_DIRECTIVE } from "./unknown-directive.ts";

/** How the Director takes the next reloads and questions. */
export type DirectorMood = "well" | "refuses" | "busy" | "stale" | "away" | "showsNothing";

const AWAY = { kind: "unknown", reason: "DirectorUnreachable", detail: "connection refused" } as const;

const JOB_DEFS: readonly JobDefsResource[] = [
  { name: "DefaultJob", type: "B" },
  { name: "Gold", type: "B", pool: "GoldPool", schedule: "DailyCycle" },
  { name: "Silver", type: "B" },
  { name: "Admin", type: "D" },
];

/** A FileSet of the administrator's own, under a name that a VM could have got. */
const OWN_FILESET = "fs-datacenter1-openstack0-db";
const RESOURCES = {
  pools: new Set(["Default", "GoldPool", "Scratch"]),
  storages: new Set(["File1"]),
  schedules: new Set(["WeeklyCycle", "DailyCycle"]),
  messages: new Set(["Standard"]),
};

/**
 * A Director that loads what include.conf says as the real one does: it keeps what it has when a file that is named is
 * missing, a name is given twice, or a job refers to what does not exist.
 */
export class ModelDirector {
  mood: DirectorMood = "well";
  /** Names of the jobs and filesets that it has loaded from our files. */
  jobs: ReadonlySet<string> = new Set();
  fileSets: ReadonlySet<string> = new Set();
  /** Configurations that no Director could load although all of it was published by us. */
  readonly unloadable: string[] = [];
  starts = 1;
  /** Whether the last reload took what was there. */
  lastReloadWasGood = false;
  /** By JobId: good reloads since a job began that still runs. */
  readonly reloadsWhileRuns = new Map<number, number>();
  /** What it has loaded of each job. */
  blocks: ReadonlyMap<string, PublishedBlock> = new Map();
  readonly #disk: ModelDisk;
  readonly #clients: ReadonlySet<string>;
  readonly #listVms: (policy: ClientPolicy) => Discovery;
  readonly #onEffect: () => void;

  constructor(
    disk: ModelDisk,
    clients: ReadonlySet<string>,
    listVms: (policy: ClientPolicy) => Discovery,
    onEffect: () => void,
  ) {
    this.#disk = disk;
    this.#clients = clients;
    this.#listVms = listVms;
    this.#onEffect = onEffect;
  }

  port(): Director {
    const answer = async <T>(value: T) => (this.mood === "away" ? AWAY : { kind: "answered" as const, value });
    return {
      listVms: async (policy) => this.#listVms(policy),
      resources: () => answer(this.#resources()),
      jobDefs: async () => (this.mood === "showsNothing" ? AWAY : answer(JOB_DEFS)),
      backupJobs: () => answer(this.jobs),
      showJobs: (names) =>
        answer(
          new Map(
            names.flatMap((name) => {
              const block = this.blocks.get(name);
              return block === undefined ? [] : [[name, shownDirectives(block)]];
            }),
          ),
        ),
      disabledJobs: () => answer(new Set()),
      nextRuns: (names) => answer(new Map(names.map((name) => [name, { kind: "scheduled" }]))),
      runJob: () => answer({ jobId: 1 }),
      currentJobs: () => answer(new Set(this.reloadsWhileRuns.keys())),
      startTime: () => answer(`start ${this.starts}`),
      lastConfigured: () => answer(`start ${this.starts}`),
      testConfiguration: async () => ({ kind: "notConfigured" }),
      reload: async () => {
        this.#onEffect();
        this.lastReloadWasGood = false;
        const outcome = this.#reload();
        if (outcome.kind === "reloaded")
          for (const [jobId, reloads] of this.reloadsWhileRuns) this.reloadsWhileRuns.set(jobId, reloads + 1);
        return outcome;
      },
    };
  }

  #reload(): ReloadOutcome {
    switch (this.mood) {
      case "away":
        return AWAY;
      case "busy":
        return { kind: "busy", reason: "TooManyReloads", detail: "Too many (32) reloads" };
      case "refuses":
        return { kind: "refused", detail: "an error in a file of somebody else" };
      case "stale":
        return { kind: "reloaded" };
      case "well":
      case "showsNothing":
        return this.#load();
      default:
        return this.mood satisfies never;
    }
  }

  #resources(): DirectorResources {
    return {
      ...RESOURCES,
      clients: this.#clients,
      jobs: this.jobs,
      fileSets: new Set([OWN_FILESET, ...this.fileSets]),
    };
  }

  #load() {
    const jobs: string[] = [];
    const blocks = new Map<string, PublishedBlock>();
    const fileSets: string[] = [OWN_FILESET];
    const problems: string[] = [];
    let isUnknown = false;
    for (const { path, text } of includedFiles(this.#disk.files())) {
      if (text === undefined) problems.push(`${path} does not exist`);
      if (text?.includes(UNKNOWN_DIRECTIVE) === true) isUnknown = true;
      for (const block of publishedBlocks(text ?? "")) {
        const { jobName, fileSetName, directives } = block;
        if (jobName !== undefined) jobs.push(jobName);
        if (jobName !== undefined) blocks.set(jobName, block);
        if (fileSetName !== undefined) fileSets.push(fileSetName);
        if (directives?.pool !== undefined && !RESOURCES.pools.has(directives.pool))
          problems.push(`${path}: Pool ${directives.pool}`);
        if (directives?.jobDefs !== undefined && !JOB_DEFS.some(({ name }) => name === directives.jobDefs))
          problems.push(`${path}: JobDefs ${directives.jobDefs}`);
      }
    }
    for (const names of [jobs, fileSets])
      for (const [at, name] of names.entries()) if (names.indexOf(name) !== at) problems.push(`${name} is there twice`);
    if (problems.length > 0) {
      this.unloadable.push(problems.join("; "));
      return { kind: "refused" as const, detail: problems.join("; ") };
    }
    if (isUnknown) return { kind: "refused" as const, detail: "Keyword not permitted in this resource" };
    this.jobs = new Set(jobs);
    this.blocks = blocks;
    this.fileSets = new Set(fileSets);
    this.lastReloadWasGood = true;
    return { kind: "reloaded" as const };
  }
}

/** What include.conf names, by path below BASE_DIR. */
export function includedFiles(files: ReadonlyMap<string, string>) {
  const include = files.get("include.conf") ?? "";
  return [...include.matchAll(/^@"?([^"\n]+)"?$/gm)].map(([, path = ""]) => {
    const below = path.slice(DIRECTOR_BASE_DIR.length + 1);
    return { path: below, text: files.get(below) };
  });
}
