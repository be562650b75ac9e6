import type { ClientIdentity } from "../../../src/domain/client/client-policy.ts";
import { editFileSet } from "../../../src/domain/jobfile/edit-fileset.ts";
import { editJob } from "../../../src/domain/jobfile/edit-job.ts";
import { renderInclude } from "../../../src/domain/publishing/render-include.ts";
import type { FailedChange, FileChange, FolderTexts, LockedTree, VmFolder, Volume } from "../../../src/sync/ports.ts";
import { DIRECTOR_BASE_DIR, type ModelDisk } from "./model-disk.ts";
import { readVmFolder } from "./read-vm-folder.ts";

interface Tree {
  readonly files: Map<string, string>;
  readonly state: Map<string, string>;
  /** What was published before the first swap since the last proven reload; absent: no reload is owed. */
  journal?: Map<string, string | undefined> | undefined;
}

const PUBLISHED = "published.conf";
/** Reading the same texts gives the same folder; histories have few distinct ones. */
const readFolders = new Map<string, VmFolder | undefined>();

/**
 * A volume that keeps the promises of the port in memory, hundreds of times faster than the real one. The same histories
 * run on both, and must leave the same files.
 */
export function createMemoryDisk(): ModelDisk {
  let tree: Tree = { files: new Map(), state: new Map() };
  let mounted = tree;
  let nextId = 0;
  return {
    files: () => new Map([...tree.files].sort(([a], [b]) => (a < b ? -1 : 1))),
    write: (path, text) => void tree.files.set(path, text),
    remove(path) {
      for (const file of tree.files.keys()) if (file === path || file.startsWith(`${path}/`)) tree.files.delete(file);
    },
    loseState() {
      tree.state.clear();
      tree.journal = undefined;
    },
    unmount() {
      mounted = tree;
      tree = { files: new Map(), state: new Map() };
    },
    mount() {
      tree = mounted;
    },
    owesReload: () => tree.journal !== undefined,
    openVolume: (): Volume => {
      let queue: Promise<unknown> = Promise.resolve();
      return {
        withLock<T>(work: (locked: LockedTree) => Promise<T>) {
          const run = queue.then(async () => ({
            kind: "done" as const,
            value: await work(lockedTree(tree, () => `id-${nextId++}`)),
          }));
          queue = run.catch(() => undefined);
          return run;
        },
      };
    },
    dispose: () => undefined,
  };
}

function lockedTree(tree: Tree, newId: () => string): LockedTree {
  const { files, state } = tree;
  const readTexts = (client: ClientIdentity) => foldersOf(files, client);
  const volumeId = async () => state.get("volume-id");
  const includeNow = (added: readonly string[] = [], removed: readonly string[] = []) => {
    const published = [...files.keys()].filter((path) => /^[^/]+\/[^/]+\/published\.conf$/.test(path));
    const paths = new Set([...published, ...added].filter((path) => !removed.includes(path)));
    return renderInclude([...paths].map((path) => `${DIRECTOR_BASE_DIR}/${path}`));
  };
  return {
    async readClient(client) {
      const texts = readTexts(client);
      const folders = texts.flatMap((folder) => purgingIn(files, client, folder) ?? readOnce(folder) ?? []);
      return { version: JSON.stringify(texts), folders };
    },
    readTexts: async (client) =>
      readTexts(client).flatMap((texts) => {
        if (purgingIn(files, client, texts) !== undefined) return [];
        const rejected = files.get(`${folderOf(client)}/${texts.slug}/job.rejected`);
        return [rejected === undefined ? texts : { ...texts, rejected }];
      }),
    write: async (client, changes) => changes.flatMap((change) => apply(change, folderOf(client), files)),
    readPublished: async (client) => files.get(publishedOf(client)),
    async readProven(client) {
      const path = publishedOf(client);
      return tree.journal?.has(path) === true ? tree.journal.get(path) : files.get(path);
    },
    async swapPublished(texts) {
      const changed = [...texts]
        .map(([client, text]) => ({ path: publishedOf(client), text }))
        .filter(({ path, text }) => files.get(path) !== text);
      const include = includeNow([...texts.keys()].map((client) => publishedOf(client)));
      const isSame = changed.length === 0 && files.get("include.conf") === include;
      if (isSame && tree.journal === undefined)
        return { changed: false, putBack: async () => undefined, commit: async () => undefined };
      if (!isSame) {
        const journal = new Map(tree.journal);
        for (const { path } of changed) if (!journal.has(path)) journal.set(path, files.get(path));
        tree.journal = journal;
        for (const { path, text } of changed) files.set(path, text);
        files.set("include.conf", include);
      }
      return {
        changed: true,
        async putBack() {
          const entries = [...(tree.journal ?? [])];
          const gone = entries.flatMap(([path, text]) => (text === undefined ? [path] : []));
          files.set("include.conf", includeNow([], gone));
          for (const [path, text] of entries) {
            if (text === undefined) files.delete(path);
            else files.set(path, text);
          }
          tree.journal = undefined;
        },
        async commit() {
          tree.journal = undefined;
        },
      };
    },
    async repairPublished(texts) {
      for (const [client, text] of texts) {
        const path = publishedOf(client);
        if (files.get(path) === text) continue;
        tree.journal ??= new Map();
        tree.journal.delete(path);
        files.set(path, text);
      }
    },
    async repairInclude() {
      const include = includeNow();
      const present = files.get("include.conf");
      if (present === include) return false;
      if (present !== undefined || include !== renderInclude([])) tree.journal ??= new Map();
      files.set("include.conf", include);
      return true;
    },
    async writePurgeRecord(client, slug, record) {
      files.set(`${folderOf(client)}/${slug}/purge.json`, `${JSON.stringify(record)}\n`);
    },
    async removePurged(client, slug) {
      const folder = `${folderOf(client)}/${slug}`;
      if (files.has(`${folder}/job`)) throw new Error("its job is there again");
      for (const name of ["fileset", "job.rejected", "job.purging", "purge.json"]) files.delete(`${folder}/${name}`);
    },
    reloadOwed: async () => tree.journal !== undefined,
    isOnHold: async () => files.has("HOLD"),
    publishedAt(path) {
      const [, datacenter, openstack, name] = path.slice(DIRECTOR_BASE_DIR.length).split("/");
      if (datacenter === "include.conf") return { kind: "include" };
      if (datacenter === undefined || openstack === undefined || name !== PUBLISHED) return undefined;
      return { kind: "published", datacenter, openstack };
    },
    readState: async (name) => {
      const text = state.get(name);
      return text === undefined ? undefined : JSON.parse(text);
    },
    writeState: async (name, value) => void state.set(name, JSON.stringify(value)),
    volumeId,
    async adoptVolume() {
      const id = (await volumeId()) ?? newId();
      state.set("volume-id", id);
      return id;
    },
  };
}

function folderOf({ datacenter, openstack }: ClientIdentity): string {
  return `${datacenter}/${openstack}`;
}

function publishedOf(client: ClientIdentity): string {
  return `${folderOf(client)}/${PUBLISHED}`;
}

function foldersOf(files: ReadonlyMap<string, string>, client: ClientIdentity): readonly FolderTexts[] {
  const start = `${folderOf(client)}/`;
  const slugs = new Set<string>();
  for (const path of files.keys()) {
    const [slug, file] = path.startsWith(start) ? path.slice(start.length).split("/") : [];
    if (slug !== undefined && ["job", "fileset", "job.purging", "purge.json"].includes(file ?? "")) slugs.add(slug);
  }
  return [...slugs].sort().map((slug) => ({
    slug,
    job: files.get(`${start}${slug}/job`),
    fileSet: files.get(`${start}${slug}/fileset`),
  }));
}

function readOnce(texts: FolderTexts): VmFolder | undefined {
  const key = JSON.stringify(texts);
  if (!readFolders.has(key)) {
    if (readFolders.size > 20_000) readFolders.clear();
    readFolders.set(key, readVmFolder(texts));
  }
  return readFolders.get(key);
}

/** What a folder without job says of a purge, as the volume reads it. */
function purgingIn(
  files: ReadonlyMap<string, string>,
  client: ClientIdentity,
  texts: FolderTexts,
): VmFolder | undefined {
  if (texts.job !== undefined) return undefined;
  const { slug } = texts;
  const folder = `${folderOf(client)}/${slug}`;
  const text = files.get(`${folder}/purge.json`);
  const record: unknown = text === undefined ? undefined : JSON.parse(text);
  const job = files.get(`${folder}/job.purging`);
  if (job === undefined) return text?.includes('"removing"') === true ? { kind: "purging", slug, record } : undefined;
  const read = readOnce({ slug, job });
  if (read?.kind === "ours") return { kind: "purging", slug, job: read.job, record };
  return { kind: "unreadable", slug, reason: "job.purging cannot be read" };
}

function apply(change: FileChange, folder: string, files: Map<string, string>): readonly FailedChange[] {
  const { slug } = change;
  const job = `${folder}/${slug}/job`;
  const present = files.get(job);
  switch (change.kind) {
    case "create":
      if (present !== undefined) return [{ slug, reason: "NotWritable", detail: "it is there already" }];
      files.set(`${folder}/${slug}/fileset`, change.fileSet);
      files.set(job, change.job);
      return [];
    case "edit":
      if (present === undefined) return [{ slug, reason: "NotFound", detail: "it is gone" }];
      files.set(job, editJob(present, change.edit));
      return [];
    case "editFileSet": {
      const fileSet = files.get(`${folder}/${slug}/fileset`);
      if (fileSet === undefined) return [{ slug, reason: "NotFound", detail: "it is gone" }];
      files.set(`${folder}/${slug}/fileset`, editFileSet(fileSet, change.change));
      return [];
    }
    case "reject":
      files.set(`${folder}/${slug}/job.rejected`, change.text);
      return [];
    case "unreject":
      files.delete(`${folder}/${slug}/job.rejected`);
      return [];
    case "beginPurge":
      if (present === undefined) return [{ slug, reason: "NotFound", detail: "it is gone" }];
      files.set(`${folder}/${slug}/purge.json`, `${JSON.stringify(change.record)}\n`);
      files.set(`${job}.purging`, present);
      files.delete(job);
      return [];
    case "putBack": {
      const text = files.get(`${job}.purging`);
      if (text === undefined) return [{ slug, reason: "NotFound", detail: "it is gone" }];
      files.set(job, editJob(text, change.edit));
      files.delete(`${job}.purging`);
      files.delete(`${folder}/${slug}/purge.json`);
      return [];
    }
    default:
      return change satisfies never;
  }
}
