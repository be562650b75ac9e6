import type { PassReport } from "../../../src/sync/pass-report.ts";
import type { CatalogAnswer, CatalogHistory, JobHistory } from "../../../src/sync/ports.ts";
import { SyncRunner } from "../../../src/sync/sync-runner.ts";
import { PlayedPurge } from "../purge/played-purge.ts";
import { CrashError, crashingVolume, Lifeline } from "./crashing-volume.ts";
import { editByHand } from "./hand-edit.ts";
import type { Deletion, History, Step, WorldEvent } from "./history.ts";
import { ModelClient, nameOf } from "./model-client.ts";
import { ModelDirector } from "./model-director.ts";
import type { ModelDisk } from "./model-disk.ts";
import { UNKNOWN_DIRECTIVE } from "./unknown-directive.ts";
import { Witness } from "./witness.ts";
import { MAX_SIGHT_GAP_MS } from "./witnessed-world.ts";

const HOUR_MS = 3_600_000;
const SKEW_MS = 6 * 60_000;

/**
 * Plays a history: fleets, people, clocks and failures around the real pass, which runs for all clients after each step.
 * A witness looks at the files before and after and knows what the pass was told; it throws at the first broken promise.
 */
export class ModelWorld {
  readonly disk: ModelDisk;
  readonly clients: readonly ModelClient[];
  readonly director: ModelDirector;
  readonly witness: Witness;
  nowMs = Date.UTC(2026, 0, 1, 12);
  catalogState: "well" | "away" | "skew" = "well";
  /** VMs of all clients times the days that they were there. */
  vmDays = 0;
  readonly #jobs = new Map<string, JobHistory>();
  readonly #purge: PlayedPurge | undefined;
  #life = new Lifeline();
  #runner: SyncRunner;
  #isUnmounted = false;
  #isWrongVolume = false;
  #vms = 0;
  #runs = 0;

  /** `purgesAfterDays`: VMs that are gone are purged so long after their jobs were disabled; else nothing ever is. */
  constructor(disk: ModelDisk, { clients, fleet }: Pick<History, "clients" | "fleet">, purgesAfterDays?: number) {
    this.disk = disk;
    this.clients = Array.from({ length: clients }, (_, number) => new ModelClient(number));
    this.#purge = purgesAfterDays === undefined ? undefined : new PlayedPurge();
    for (const client of this.clients) client.policy = { ...client.policy, cleanupAfterDays: purgesAfterDays };
    for (const media of [1, 2, 3]) this.#purge?.addVolume(media);
    for (const client of this.clients) for (let at = 0; at < fleet; at++) client.appear(this.#newUuid(), `vm${at}`);
    const names = new Set(this.clients.map(({ policy }) => policy.client));
    this.director = new ModelDirector(
      disk,
      names,
      ({ client }) => this.#clientOf(client).answer(),
      () => this.#life.effect(),
    );
    this.witness = new Witness(this);
    if (this.#purge !== undefined) this.#purge.onDelete = (run) => this.witness.notePurgedRun(run);
    this.#runner = this.#newRunner();
  }

  async play({ steps }: Pick<History, "steps">): Promise<void> {
    await this.#passes();
    for (const step of steps) await this.#step(step);
  }

  /** Everybody mends what is theirs: then all must end well. */
  async settle(): Promise<void> {
    this.disk.remove("HOLD");
    for (const [path, text] of this.disk.files())
      if (path.endsWith("/job") && text.includes(UNKNOWN_DIRECTIVE))
        this.disk.write(path, text.replaceAll(`${UNKNOWN_DIRECTIVE}\n`, ""));
    this.catalogState = "well";
    for (const client of this.clients) {
      client.modes = [];
      client.policy = { ...client.policy, pool: "Default", mode: "Enforce", suspended: false };
    }
    this.director.starts++;
    this.director.reloadsWhileRuns.clear();
    this.restart();
    for (let pass = 0; pass < 4; pass++) {
      this.director.mood = "well";
      this.nowMs += HOUR_MS;
      await this.#passes();
      // Without a file of a client whose jobs the Director has, only a person can tell whether the volume is the right one.
      if (this.#isWrongVolume) return;
    }
    this.witness.checkSettled();
  }

  /** A process that knows nothing of the one before. */
  restart(): void {
    this.#life = new Lifeline();
    this.#runner = this.#newRunner();
  }

  get history(): CatalogHistory {
    return this.#jobs;
  }

  async #step(step: Step): Promise<void> {
    this.catalogState = "well";
    this.director.mood = "well";
    for (const client of this.clients) {
      client.modes = [];
      this.vmDays += (client.fleet.size * step.hours) / 24;
    }
    this.nowMs += step.hours * HOUR_MS;
    for (const event of step.events) this.#happen(event);
    await this.#passes();
    if (this.#isUnmounted) {
      this.disk.mount();
      this.#isUnmounted = false;
      this.restart();
    }
  }

  async #passes(): Promise<void> {
    this.witness.before();
    const reports = await Promise.all(this.clients.map((client) => this.#pass(client)));
    this.#isWrongVolume = reports.some(
      (report) =>
        typeof report !== "string" && report.outcome.kind === "volume" && report.outcome.reason === "WrongVolume",
    );
    this.witness.after(reports, { isUnmounted: this.#isUnmounted });
    for (const client of this.clients) client.takesOver = false;
    if (reports.includes("crashed")) this.restart();
  }

  async #pass(client: ModelClient): Promise<PassReport | "crashed" | "suspended"> {
    const { policyOfFrontEnd: policy, approval, frontEnd, takesOver } = client;
    this.witness.noteApproval(client);
    client.answers = [];
    if (policy.suspended) return "suspended";
    const personal = () => client.personalWishes.bind(client);
    try {
      const request = { policy, personal, maxSightGapMs: MAX_SIGHT_GAP_MS, approval, frontEnd, takesOver };
      const report = await this.#runner.run(request, new AbortController().signal);
      const { outcome } = report;
      const verdicts = outcome.kind === "passed" ? [outcome.removals, outcome.pluginEdits] : [];
      client.shownToken = verdicts.flatMap((verdict) => (verdict.kind === "held" ? [verdict.token] : []))[0];
      client.approval = undefined;
      return report;
    } catch (error) {
      if (error instanceof CrashError) return "crashed";
      throw error;
    }
  }

  #newRunner(): SyncRunner {
    const clock = { now: () => this.nowMs };
    const ports = {
      director: this.director.port(),
      catalog: { history: async () => this.#catalog() },
      volume: crashingVolume(this.disk.openVolume(clock), this.#life),
      clock,
    };
    const purge = this.#purge;
    if (purge !== undefined) purge.life = this.#life;
    return new SyncRunner(ports, { gatherMs: 0, signal: new AbortController().signal, purges: purge?.means() });
  }

  #catalog(): CatalogAnswer {
    if (this.catalogState === "away") return { kind: "unknown", reason: "Unreachable", detail: "" };
    const skewMs = this.catalogState === "skew" ? SKEW_MS : 0;
    return { kind: "read", history: this.history, catalogNowMs: this.nowMs + skewMs };
  }

  #happen(event: WorldEvent): void {
    switch (event.kind) {
      case "appear":
        for (let at = 0; at < event.count; at++)
          this.#at(event.client).appear(this.#newUuid(), nameOf(event.name + at));
        return;
      case "vanish":
        for (let at = 0; at < event.count; at++) this.#at(event.client).vanish(event.vm);
        return;
      case "return":
        this.#at(event.client).comeBack(event.vm);
        return;
      case "rename":
        this.#at(event.client).change(event.vm, { name: nameOf(event.name) });
        return;
      case "wish":
        this.#at(event.client).wish(event.vm, event.wish);
        return;
      case "allWish":
        for (let at = 0; at < this.#at(event.client).fleet.size; at++) this.#at(event.client).wish(at, event.wish);
        return;
      case "move": {
        const vm = this.#at(event.client).vmAt(event.vm);
        if (vm === undefined) return;
        this.#at(event.client).fleet.delete(vm.uuid);
        this.#at(event.client + 1).fleet.set(vm.uuid, vm);
        if (this.#at(event.client).optedOutOnce.has(vm.uuid)) this.#at(event.client + 1).optedOutOnce.add(vm.uuid);
        return;
      }
      case "answers":
        this.#at(event.client).modes = event.modes;
        return;
      case "catalog":
        if (event.state === "fresh") this.#backUp();
        else this.catalogState = event.state;
        return;
      case "policy":
        this.#at(event.client).changePolicy(event.change);
        return;
      case "hand": {
        const folder = this.#folder(event.client, event.vm);
        if (folder !== undefined)
          editByHand(this.disk, folder, this.#folder(event.client, event.vm + 1) ?? folder, event.edit);
        return;
      }
      case "personal": {
        const wishes = [
          { hold: "asked for" },
          { suspend: "asked for" },
          { jobDefs: "Gold" },
          { hold: null, suspend: null, jobDefs: null },
          { jobDefs: "Nope" },
        ];
        const uuid = this.#at(event.client).vmAt(event.vm)?.uuid;
        if (uuid !== undefined) this.#at(event.client).personal.set(uuid, wishes[event.wish] ?? {});
        return;
      }
      case "longJob": {
        const { reloadsWhileRuns } = this.director;
        if (reloadsWhileRuns.size > 0) reloadsWhileRuns.clear();
        else reloadsWhileRuns.set(++this.#runs, 0);
        return;
      }
      case "killSwitch":
        if (this.disk.files().has("HOLD")) this.disk.remove("HOLD");
        else this.disk.write("HOLD", "");
        return;
      case "clock":
        this.nowMs += event.minutes * 60_000;
        return;
      case "restart":
        this.restart();
        return;
      case "loseState":
        if (this.disk.owesReload()) this.witness.journalLost();
        this.disk.loseState();
        // How often it was reloaded while a job runs is not known any more.
        for (const jobId of this.director.reloadsWhileRuns.keys()) this.director.reloadsWhileRuns.set(jobId, 0);
        this.director.lastReloadWasGood = false; // that one is owed may be lost, too
        if (!this.#isUnmounted) this.witness.stateLost();
        return;
      case "director":
        this.director.mood = event.mood;
        return;
      case "delete":
        this.#remove(event.client, event.vm, event.what);
        return;
      case "unmount":
        // Only a Director that has jobs of each client can tell that their files ought to be there.
        if (this.#isUnmounted || !this.clients.every((client) => this.#isLoaded(client))) return;
        this.disk.unmount();
        this.restart();
        this.#isUnmounted = true;
        return;
      case "approve":
        this.#at(event.client).approval = this.#at(event.client).shownToken;
        return;
      case "frontEnd": {
        const client = this.#at(event.client);
        client.frontEnd = client.frontEnd === "operator" ? "command line" : "operator";
        return;
      }
      case "takeOver":
        this.#at(event.client).takesOver = true;
        return;
      case "crash":
        this.#life.effectsLeft = event.effect;
        return;
      default:
        event satisfies never;
    }
  }

  #isLoaded({ policy }: ModelClient): boolean {
    return [...this.director.jobs].some((name) => name.startsWith(policy.jobPrefix));
  }

  /** How many runs were deleted. */
  get purgedRuns(): number {
    return this.#purge?.deleted.length ?? 0;
  }

  /** Every VM that is really there has just been backed up, whatever `.query` says of it. */
  #backUp(): void {
    for (const client of this.clients) {
      for (const { uuid, name } of this.witness.jobsOf(client)) {
        if (!client.fleet.has(uuid)) continue;
        this.#purge?.add(name, { client: client.policy.client, media: [1, 1 + (name.length % 3)] });
        const run = { jobId: 1, level: "F", status: "T", bytes: 1, files: 1, fileSet: "any" };
        this.#jobs.set(name, { lastGood: { ...run, startTimeMs: this.nowMs - 60_000, endTimeMs: this.nowMs } });
      }
    }
  }

  #remove(client: number, vm: number, what: Deletion): void {
    this.director.lastReloadWasGood = false;
    if (what === "include") {
      this.disk.remove("include.conf");
    } else if (what === "published") {
      this.witness.losePublished(this.#at(client));
      this.disk.remove(`${this.#at(client).folder}/published.conf`);
    } else {
      const folder = this.#folder(client, vm);
      if (folder !== undefined) this.disk.remove(what === "folder" ? folder : `${folder}/${what}`);
    }
  }

  #folder(client: number, vm: number): string | undefined {
    const start = `${this.#at(client).folder}/`;
    const paths = [...this.disk.files().keys()].filter((path) => path.startsWith(start) && path.endsWith("/job"));
    return paths[vm % Math.max(1, paths.length)]?.slice(0, -"/job".length);
  }

  #at(client: number): ModelClient {
    return this.#clientOf(this.clients[client % this.clients.length]?.policy.client);
  }

  #clientOf(name: string | undefined): ModelClient {
    const client = this.clients.find(({ policy }) => policy.client === name);
    if (client === undefined) throw new Error(`no client ${name}`);
    return client;
  }

  #newUuid(): string {
    // The first 8 characters repeat, so that slugs need more of the uuid.
    return `${String(this.#vms % 2).padStart(8, "0")}-0000-4000-8000-${String(this.#vms++).padStart(12, "0")}`;
  }
}
