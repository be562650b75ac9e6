import type { PurgeRecord, RecordedVolume } from "../../domain/purge/purge-record.ts";
import { actionRequired, nextVolumeStep, type VolumeNow } from "../../domain/purge/purge-volume.ts";
import type { PurgeMeans } from "../batch-context.ts";
import type { PurgeOutcome } from "../pass-report.ts";
import type { Answer, Clock } from "../ports.ts";
import type { PurgeAnswer } from "./purge-ports.ts";
import { waits } from "./waits.ts";

export interface VolumeWork {
  readonly means: PurgeMeans;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** A Director that always runs something is not waited for longer: its empty volumes are only named. */
const LONGEST_WAIT_MS = 24 * 3_600_000;
/** Each step leads to another status; one that leads nowhere is taken once. */
const MOST_STEPS = 3;

/**
 * What becomes of volumes that the purged runs were on and that nothing is on now (PURGED_VOLUMES), and the lines for a
 * person. A run tells the catalog of its parts only now and then, so a volume can look empty while it is written: nothing
 * is done to any while the Director has a run in hand.
 */
export async function emptyVolumes(
  record: PurgeRecord,
  work: VolumeWork,
): Promise<{ readonly kind: "next"; readonly record: PurgeRecord } | PurgeOutcome> {
  const { means, clock, signal } = work;
  const { director, catalog } = means.ports;
  const done = (actionsRequired: readonly string[]) =>
    ({ kind: "next", record: { ...record, stage: "removing", actionsRequired } }) as const;
  if (record.volumes.length === 0) return done([]);
  const now = await catalog.volumes(
    record.volumes.map(({ mediaId }) => mediaId),
    signal,
  );
  if (now.kind === "unknown") return waits(`the catalog cannot be read: ${now.detail}`);
  if (now.value.every((volume) => nextVolumeStep(volume, means.volumes).kind === "inUse")) return done([]);

  const running = await director.runningJobs(signal);
  const isIdle = running.kind === "answered" && running.value.size === 0;
  if (!isIdle) {
    const sinceMs = record.volumesSinceMs ?? clock.now();
    if (record.volumesSinceMs === undefined) return { kind: "next", record: { ...record, volumesSinceMs: sinceMs } };
    if (clock.now() - sinceMs < LONGEST_WAIT_MS) return waits("its empty volumes wait until no job runs");
  }
  const lines: string[] = [];
  for (const [at, volume] of record.volumes.entries()) {
    const line = await emptyVolume(volume, now.value[at] ?? { kind: "gone" }, isIdle, work);
    if (typeof line !== "string" && line !== undefined) return line;
    if (line !== undefined) lines.push(line);
  }
  return done(lines);
}

/** The line for one volume; undefined: others are on it. */
async function emptyVolume(
  volume: RecordedVolume,
  found: VolumeNow,
  isIdle: boolean,
  { means, signal }: VolumeWork,
): Promise<string | undefined | PurgeOutcome> {
  const { catalog } = means.ports;
  let now = found;
  let last: string | undefined;
  for (let steps = 0; steps < MOST_STEPS; steps++) {
    const step = nextVolumeStep(now, means.volumes);
    if (step.kind === "inUse") return undefined;
    if (step.kind === "leave") return actionRequired(volume, `left as it is, since ${step.because}`);
    if (step.kind === "done") return actionRequired(volume, step.status);
    if (!isIdle) return actionRequired(volume, "left as it is, since jobs ran all the time");
    if (step.kind === last) break;
    last = step.kind;
    const asked = await take(step.kind, volume, means, signal);
    if (asked.kind === "unknown") return waits(`the Director did not take ${step.kind}: ${asked.detail}`);
    // A Purged volume stays Purged when its file is cut, so there is nothing more to wait for.
    if (step.kind === "truncate") return actionRequired(volume, "marked Purged, and Bacula was told to cut its file");
    const again: PurgeAnswer<readonly VolumeNow[]> = await catalog.volumes([volume.mediaId], signal);
    if (again.kind === "unknown") return waits(`the catalog cannot be read: ${again.detail}`);
    now = again.value[0] ?? { kind: "gone" };
  }
  return actionRequired(volume, `left as it is, since the Director did not take ${last ?? "anything"}`);
}

function take(
  step: "markPurged" | "truncate" | "delete",
  { name, pool, storage }: RecordedVolume,
  { ports: { director } }: PurgeMeans,
  signal: AbortSignal,
): Promise<Answer<"asked">> {
  switch (step) {
    case "markPurged":
      return director.markPurged(name, signal);
    case "truncate":
      return director.truncate({ name, pool, storage }, signal);
    case "delete":
      return director.deleteVolume(name, signal);
    default:
      return step satisfies never;
  }
}
