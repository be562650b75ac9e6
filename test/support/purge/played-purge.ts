import type { VolumeNow } from "../../../src/domain/purge/purge-volume.ts";
import type { PurgeMeans } from "../../../src/sync/batch-context.ts";
import type { Answer } from "../../../src/sync/ports.ts";
import type { PurgeAnswer, PurgePorts } from "../../../src/sync/purge/purge-ports.ts";
import type { Lifeline } from "../model/crashing-volume.ts";

export interface PlayedRun {
  readonly name: string;
  readonly client: string;
  type: string;
  isFinished: boolean;
  readonly media: readonly number[];
  priorJobId?: number;
  baseJobId?: number;
}

export interface PlayedVolume {
  readonly name: string;
  status: string;
  isProtected: boolean;
}

/**
 * A catalog with runs and volumes, and a Director that deletes from it, as far as a purge can see them. Rows that Bacula's
 * own delete leaves behind are `leftovers`. Whatever is done to anything is an effect of the process that may die.
 */
export class PlayedPurge {
  readonly runs = new Map<number, PlayedRun>();
  /** JobIds that rows of other tables have. */
  readonly leftovers = new Set<number>();
  readonly volumes = new Map<number, PlayedVolume>();
  readonly fileSets = new Set<string>();
  /** JobIds that the Director has in hand. */
  readonly running = new Set<number>();
  /** What the Console may not see stays, without a word. */
  hides: (run: PlayedRun) => boolean = () => false;
  reachable = true;
  readonly deleted: number[] = [];
  /** Told of each run that goes, before it does. */
  onDelete: (run: PlayedRun) => void = () => undefined;
  volumeWish: PurgeMeans["volumes"] = "keep";
  perPass = 10;
  life: Lifeline | undefined;
  #nextId = 1;

  add(name: string, run: Partial<PlayedRun> = {}): number {
    const id = this.#nextId++;
    this.runs.set(id, { name, client: "bacula-dc1-os1-fd", type: "B", isFinished: true, media: [1], ...run });
    this.leftovers.add(id);
    return id;
  }

  addVolume(id: number, status = "Full"): void {
    this.volumes.set(id, { name: `Vol-${id}`, status, isProtected: false });
  }

  namesLeft(): readonly string[] {
    return [...new Set([...this.runs.values()].map(({ name }) => name))].sort();
  }

  means(): PurgeMeans {
    return { ports: this.#ports(), perPass: this.perPass, volumes: this.volumeWish };
  }

  partsOf(media: number): number {
    return [...this.runs.values()].filter((run) => run.media.includes(media)).length;
  }

  #ports(): PurgePorts {
    const away = { kind: "unknown", reason: "TimedOut", detail: "no answer" } as const;
    const see = async <T>(value: () => T): Promise<PurgeAnswer<T>> =>
      this.reachable ? { kind: "answered", value: value() } : away;
    /** Dies before it, or behind it without having heard that it was done. */
    const act = async <T>(work: () => T): Promise<{ readonly kind: "answered"; readonly value: T } | typeof away> => {
      if (!this.reachable) return away;
      this.life?.effect();
      const value = work();
      this.life?.effect();
      return { kind: "answered", value };
    };
    const order = (work: () => void): Promise<Answer<"asked">> =>
      act(() => {
        work();
        return "asked" as const;
      });
    return {
      director: {
        runningJobs: () => see(() => new Set(this.running)) as Promise<Answer<ReadonlySet<number>>>,
        deleteRuns: (jobIds) =>
          order(() => {
            for (const id of jobIds) {
              const run = this.runs.get(id);
              if (run === undefined || this.hides(run) || this.running.has(id)) continue;
              this.onDelete(run);
              this.runs.delete(id);
              this.deleted.push(id);
            }
          }),
        markPurged: (name) => order(() => this.#change(name, ["Full", "Used"], "Purged")),
        truncate: ({ name }) => order(() => this.#change(name, ["Purged"], "Purged")),
        deleteVolume: (name) =>
          order(() => {
            for (const [id, volume] of this.volumes)
              if (volume.name === name && this.partsOf(id) === 0 && volume.status === "Purged") this.volumes.delete(id);
          }),
      },
      catalog: {
        survey: (client, jobName) =>
          see(() => {
            const runs = [...this.runs].filter(([, run]) => run.name === jobName && run.client === client.client);
            const ids = new Set(runs.map(([id]) => id));
            const others = [...this.runs].filter(([id]) => !ids.has(id));
            const media = new Set(runs.flatMap(([, run]) => run.media));
            return {
              runs: runs.map(([jobId, { type, isFinished }]) => ({ jobId, type, isFinished })),
              copiedBy: others.flatMap(([id, { priorJobId }]) => (ids.has(priorJobId ?? 0) ? [id] : [])),
              baseOf: others.flatMap(([id, { baseJobId }]) => (ids.has(baseJobId ?? 0) ? [id] : [])),
              volumes: [...media].flatMap((mediaId) => {
                const volume = this.volumes.get(mediaId);
                return volume === undefined
                  ? []
                  : [{ mediaId, mediaType: "File", storage: "File1", pool: "Default", ...volume }];
              }),
              objectIds: [],
            };
          }),
        deleteLeftovers: ({ jobIds, fileSetName }) =>
          act(() => {
            if (jobIds.some((id) => this.runs.has(id))) return { kind: "runsLeft" as const };
            for (const id of jobIds) this.leftovers.delete(id);
            if (fileSetName !== undefined) this.fileSets.delete(fileSetName);
            return { kind: "deleted" as const, rows: jobIds.length };
          }),
        volumes: (ids) =>
          see(() =>
            ids.map((id): VolumeNow => {
              const volume = this.volumes.get(id);
              return volume === undefined ? { kind: "gone" } : { kind: "there", parts: this.partsOf(id), ...volume };
            }),
          ),
      },
    };
  }

  #change(name: string, from: readonly string[], to: string): void {
    for (const [id, volume] of this.volumes)
      if (volume.name === name && from.includes(volume.status) && this.partsOf(id) === 0) volume.status = to;
  }
}
