import type { LockedTree, Volume } from "../../../src/sync/ports.ts";

/** The process died here. */
export class CrashError extends Error {
  override readonly name = "CrashError";
}

/** Counts the effects of one process and ends it at a given one; a dead process does nothing any more. */
export class Lifeline {
  /** Effects that are still done; undefined: it lives on. */
  effectsLeft: number | undefined;

  effect(): void {
    if (this.effectsLeft === undefined) return;
    if (this.effectsLeft <= 0) throw new CrashError("the process died");
    this.effectsLeft--;
  }

  get diesNext(): boolean {
    return this.effectsLeft === 0;
  }
}

/** The same volume for a process that may die between any two effects, or in the middle of writing many files. */
export function crashingVolume(volume: Volume, life: Lifeline): Volume {
  return { withLock: (work, signal) => volume.withLock((tree) => work(crashingTree(tree, life)), signal) };
}

function crashingTree(tree: LockedTree, life: Lifeline): LockedTree {
  return {
    ...tree,
    async write(client, changes, signal, onDurable) {
      if (life.diesNext) await tree.write(client, changes.slice(0, Math.ceil(changes.length / 2)), signal);
      life.effect();
      return tree.write(client, changes, signal, onDurable);
    },
    async swapPublished(texts, signal) {
      life.effect();
      const swap = await tree.swapPublished(texts, signal);
      return {
        changed: swap.changed,
        async putBack() {
          life.effect();
          await swap.putBack();
        },
        async commit() {
          life.effect();
          await swap.commit();
        },
      };
    },
    async repairPublished(texts, signal) {
      life.effect();
      await tree.repairPublished(texts, signal);
    },
    async repairInclude(signal) {
      life.effect();
      return tree.repairInclude(signal);
    },
    async writeState(name, value) {
      life.effect();
      await tree.writeState(name, value);
    },
    async writePurgeRecord(client, slug, record) {
      life.effect();
      await tree.writePurgeRecord(client, slug, record);
    },
    async removePurged(client, slug) {
      life.effect();
      await tree.removePurged(client, slug);
    },
    async adoptVolume() {
      life.effect();
      return tree.adoptVolume();
    },
  };
}
