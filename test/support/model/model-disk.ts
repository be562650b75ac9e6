import type { Clock, Volume } from "../../../src/sync/ports.ts";

/** BASE_DIR as people and the Director see it, for a history that is played on it. */
export interface ModelDisk {
  /** Every file but those of the state folder, by its path below BASE_DIR; sorted. */
  files(): ReadonlyMap<string, string>;
  write(path: string, text: string): void;
  /** A file, or a folder with all that is in it. */
  remove(path: string): void;
  loseState(): void;
  /** Another, empty volume stands in the place of this one until `mount`. */
  unmount(): void;
  mount(): void;
  /** Whether a reload has not been proven good yet. */
  owesReload(): boolean;
  /** The volume of a process that knows nothing of the one before. */
  openVolume(clock: Clock): Volume;
  dispose(): void;
}

/** BASE_DIR as include.conf names it, on every disk. */
export const DIRECTOR_BASE_DIR = "/model";
