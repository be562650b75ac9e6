import { randomUUID } from "node:crypto";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ClientPolicy } from "../../../src/domain/client/client-policy.ts";
import type { Discovery, LiveVm } from "../../../src/domain/discovery/discovery.ts";
import type { JobDefsResource } from "../../../src/domain/policy/known-job-defs.ts";
import { type PublishedBlock, parsePublished } from "../../../src/domain/publishing/published-file.ts";
import { shownDirectives } from "../../../src/domain/publishing/shown-directives.ts";
import type { PurgeMeans } from "../../../src/sync/batch-context.ts";
import type { PersonalWishes } from "../../../src/sync/decide/plan-client.ts";
import type { NewVm } from "../../../src/sync/pass-report.ts";
import type {
  Answer,
  CatalogAnswer,
  CatalogHistory,
  ConfigurationTest,
  Director,
  DirectorResources,
  NextRun,
  Ports,
  ReloadOutcome,
  Volume,
} from "../../../src/sync/ports.ts";
import { SyncRunner } from "../../../src/sync/sync-runner.ts";
import { createReadOnlyVolume } from "../../../src/volume/read-only-volume.ts";
import { createVolume } from "../../../src/volume/volume.ts";
import { FRONT_END, POLICY } from "../policy.ts";

export function vm(
  number: number,
  name = `vm${number}`,
  wishes: Partial<Extract<LiveVm["wishes"], { kind: "read" }>> = {},
): LiveVm {
  const uuid = `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;
  return { uuid, name, wishes: { kind: "read", optedOut: false, ...wishes } };
}

export function listed(...vms: readonly LiveVm[]): Discovery {
  return { kind: "listed", vms, looksLikePageLimit: false };
}

/**
 * A world for the pass to run in: the real volume in a folder of its own, and a Director and catalog that are played by
 * this object, so that a test can say what they answer. The Director loads what include.conf and the published files
 * say, and refuses when `refusing` says so, as the real one does.
 */
export class PlayedWorld {
  readonly baseDir: string;
  discovery: Discovery = listed();
  nowMs = Date.UTC(2026, 10, 24, 12);
  history: CatalogHistory = new Map();
  /** Set: the catalog answers this instead of `history` at the present time. */
  catalog: CatalogAnswer | undefined;
  resources: DirectorResources = {
    clients: new Set(["bacula-dc1-os1-fd", "bacula-dc1-os2-fd"]),
    pools: new Set(["Default", "GoldPool", "Silver"]),
    storages: new Set(["File1"]),
    schedules: new Set(["WeeklyCycle", "DailyCycle"]),
    messages: new Set(["Standard"]),
    jobs: new Set(),
    fileSets: new Set(),
  };
  jobDefs: readonly JobDefsResource[] = [
    { name: "DefaultJob", type: "B" },
    { name: "Gold", type: "B", pool: "GoldPool", schedule: "DailyCycle" },
  ];
  /** Set: the Director answers this to a reload and keeps what it has. */
  reloadOutcome: ReloadOutcome | undefined;
  /** False: `show all` fails while the other lists work. */
  showsAll = true;
  /** True for texts that the Director cannot load. */
  refuses: (included: string) => boolean = () => false;
  /** Set: the Director's log names this file, and the line of these words in it. */
  refusal: { readonly file: string; readonly wrong: string } | undefined;
  /** What DIRECTOR_TEST_COMMAND says to the texts that are included now. */
  test: (included: string) => ConfigurationTest = () => ({ kind: "notConfigured" });
  /** Moves when a test says that an administrator had the Director reload. */
  lastConfigured = "24-Nov-2026 12:00:00";
  startTime: Answer<string> = { kind: "answered", value: "24-Nov-26 12:00" };
  reloadSlots: number | undefined;
  /** Jobs that run in the Director. */
  currentJobs: Answer<ReadonlySet<number>> = { kind: "answered", value: new Set() };
  pinnedSlots: number | undefined;
  /** True: the Director reloads well, but reads older files than ours (a stale mount). */
  isStale = false;
  reachable = true;
  loadedJobs: ReadonlySet<string> = new Set();
  /** As the Director has loaded them, by job name. */
  loadedBlocks: ReadonlyMap<string, PublishedBlock> = new Map();
  /** The jobs of each question for what the Director has of them. */
  readonly shown: (readonly string[])[] = [];
  /** What the Director does when it is told to run a job. */
  run: Director["runJob"] = async () => ({ kind: "answered", value: { jobId: 1 } });
  disabledJobs: ReadonlySet<string> = new Set();
  nextRun: (jobName: string) => NextRun = () => ({ kind: "scheduled" });
  /** Until then no question for next runs is answered. */
  scheduleOpens: Promise<void> = Promise.resolve();
  /** The jobs of each question for next runs. */
  readonly schedulesAsked: (readonly string[])[] = [];
  personal: PersonalWishes = () => undefined;
  approval: string | undefined;
  frontEnd = FRONT_END;
  takesOver = false;
  /** Read by the runner when it is made: `restart()` after setting it. */
  newVmsPerPass: number | undefined;
  /** Read as the number before. */
  tagChangeIntervalMs: number | undefined;
  /** Read as the numbers before; undefined: nothing is ever purged. */
  purges: PurgeMeans | undefined;
  /** Read as the numbers before: what the process sees of the volume. */
  volumeOf: (volume: Volume) => Volume = (volume) => volume;
  /** Time between two passes that still counts as seeing. */
  maxSightGapMs = 600_000;
  /** RELOAD_AFTER_SYNC=0; read as the number before. */
  leavesReload = false;
  /** The volume as a dry run of the command line has it; read as the number before. */
  isReadOnly = false;
  appliesPolicy = false;
  /** True: a dry run tells files and what would be held, too. */
  foresees = false;
  /** True: passes of a process that has no next one; read as the number before. */
  waitsForSchedule = false;
  /** Told of new VMs whose files are durable. */
  onWritten: ((vms: readonly NewVm[]) => void) | undefined;
  /** What `.query` answers before `discovery`; each once. */
  readonly answers: Discovery[] = [];
  readonly calls: string[] = [];
  readonly #stop = new AbortController();
  runner: SyncRunner;

  constructor(baseDir: string) {
    this.baseDir = baseDir;
    this.runner = this.#newRunner();
  }

  static async create(): Promise<PlayedWorld> {
    return new PlayedWorld(await mkdtemp(join(tmpdir(), "sync-")));
  }

  /** A process that knows nothing of the one before. */
  restart(): void {
    this.runner = this.#newRunner();
  }

  pass(policy: ClientPolicy = POLICY) {
    const { personal, approval, onWritten, frontEnd, takesOver, appliesPolicy, foresees } = this;
    const wishes = { personal: () => personal, approval, onWritten, frontEnd, takesOver, appliesPolicy, foresees };
    const request = { policy, ...wishes, maxSightGapMs: this.maxSightGapMs };
    return this.runner.run(request, this.#stop.signal);
  }

  async file(path: string): Promise<string> {
    return readFile(join(this.baseDir, path), "utf8");
  }

  /** Every file of the tree but the state folder, with its text. */
  async files(): Promise<Record<string, string>> {
    const all: Record<string, string> = {};
    for (const entry of await readdir(this.baseDir, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      const relative = path.slice(this.baseDir.length + 1);
      if (entry.isFile() && !relative.startsWith(".")) all[relative] = await readFile(path, "utf8");
    }
    return all;
  }

  async dispose(): Promise<void> {
    this.#stop.abort();
    await rm(this.baseDir, { recursive: true, force: true });
  }

  #newRunner(): SyncRunner {
    const clock = { now: () => this.nowMs };
    const { baseDir } = this;
    const place = { baseDir, directorBaseDir: baseDir, timeZone: "UTC", clock, newId: randomUUID };
    const volume = this.isReadOnly ? createReadOnlyVolume(place) : createVolume({ ...place, lockWaitMs: 5_000 });
    const ports: Ports = {
      director: this.#director(),
      catalog: {
        history: async ({ jobPrefix }) => this.catalog ?? this.#catalogOf(jobPrefix),
      },
      volume: this.volumeOf(volume),
      clock,
    };
    const onReloadSlots = (used: number) => {
      this.reloadSlots = used;
    };
    const onPinnedSlots = (reloads: number) => {
      this.pinnedSlots = reloads;
    };
    const { newVmsPerPass, tagChangeIntervalMs, leavesReload, waitsForSchedule, purges } = this;
    return new SyncRunner(ports, {
      gatherMs: 0,
      signal: this.#stop.signal,
      onReloadSlots,
      onPinnedSlots,
      newVmsPerPass,
      tagChangeIntervalMs,
      purges,
      leavesReload,
      waitsForSchedule,
    });
  }

  #catalogOf(jobPrefix: string): CatalogAnswer {
    const history = new Map([...this.history].filter(([name]) => name.startsWith(jobPrefix)));
    return { kind: "read", history, catalogNowMs: this.nowMs };
  }

  #director(): Director {
    const away = { kind: "unknown", reason: "DirectorUnreachable", detail: "connection refused" } as const;
    const answer = async <T>(call: string, value: T) => {
      this.calls.push(call);
      return this.reachable ? { kind: "answered" as const, value } : away;
    };
    return {
      listVms: async () => {
        this.calls.push("listVms");
        return this.answers.shift() ?? this.discovery;
      },
      resources: () =>
        answer("resources", { ...this.resources, jobs: new Set([...this.resources.jobs, ...this.loadedJobs]) }),
      jobDefs: () => (this.showsAll ? answer("jobDefs", this.jobDefs) : Promise.resolve(away)),
      backupJobs: () => answer("backupJobs", this.loadedJobs),
      showJobs: async (names) => {
        this.shown.push(names);
        if (!this.reachable) return away;
        const blocks = names.flatMap((name) => this.loadedBlocks.get(name) ?? []);
        return {
          kind: "answered",
          value: new Map(blocks.map((block) => [block.jobName ?? "", shownDirectives(block)])),
        };
      },
      // Asked beside the passes, at their own time: not among the calls of one.
      disabledJobs: async () => (this.reachable ? { kind: "answered", value: this.disabledJobs } : away),
      nextRuns: async (names) => {
        this.schedulesAsked.push(names);
        await this.scheduleOpens;
        const runs = new Map(names.map((name) => [name, this.nextRun(name)]));
        return this.reachable ? { kind: "answered", value: runs } : away;
      },
      runJob: async (jobName) => {
        this.calls.push("runJob");
        return this.reachable ? this.run(jobName, this.#stop.signal) : away;
      },
      currentJobs: async () => (this.reachable ? this.currentJobs : away),
      startTime: async () => {
        this.calls.push("startTime");
        return this.reachable ? this.startTime : away;
      },
      lastConfigured: async () => (this.reachable ? { kind: "answered", value: this.lastConfigured } : away),
      testConfiguration: async () => {
        const said = this.test((await this.#includedTexts()).join(""));
        if (said.kind !== "notConfigured") this.calls.push("test");
        return said;
      },
      reload: async () => {
        this.calls.push("reload");
        if (!this.reachable) return away;
        if (this.reloadOutcome !== undefined) return this.reloadOutcome;
        const texts = await this.#includedTexts();
        if (this.refuses(texts.join(""))) return this.#refused();
        const blocks = texts.flatMap((text) => parsePublished(text));
        if (this.isStale) return { kind: "reloaded" };
        this.loadedBlocks = new Map(
          blocks.flatMap((block) => (block.jobName === undefined ? [] : [[block.jobName, block]])),
        );
        this.loadedJobs = new Set(this.loadedBlocks.keys());
        return { kind: "reloaded" };
      },
    };
  }

  async #refused(): Promise<ReloadOutcome> {
    const detail = "Please correct configuration file";
    if (this.refusal === undefined) return { kind: "refused", detail };
    const { file, wrong } = this.refusal;
    const text = await readFile(file, "utf8").catch(() => "");
    return { kind: "refused", detail, file, line: text.slice(0, text.indexOf(wrong)).split("\n").length };
  }

  async #includedTexts(): Promise<readonly string[]> {
    const include = await this.file("include.conf");
    const paths = [...include.matchAll(/^@"?([^"\n]+)"?$/gm)].map((match) => match[1] ?? "");
    return Promise.all(paths.map((path) => readFile(path, "utf8")));
  }
}
