import type { ClientPolicy } from "../../domain/client/client-policy.ts";
import { type FileSetPolicy, fileSetPolicyOf, isSameFileSetPolicy } from "../../domain/jobfile/file-set-policy.ts";
import { changedPluginLine } from "../../domain/jobfile/plugin-line.ts";
import type { FrontEndVerdict } from "../../domain/policy/judge-front-end.ts";
import { judgePluginEdits, type PluginEdit, type PluginVerdict } from "../../domain/policy/judge-plugin-edits.ts";
import type { ClientTree, FailedChange, FileChange } from "../ports.ts";
import { startTimeSlice } from "../time-slice.ts";
import type { AppliedFileSets } from "./applied-file-sets.ts";
import type { PlannedVm } from "./plan-client.ts";

export interface FileSetInput {
  readonly policy: Pick<ClientPolicy, "signature" | "dedup" | "plugin" | "proxyServer">;
  readonly planned: readonly PlannedVm[];
  readonly tree: ClientTree;
  /** Undefined: lost, so every FileSet stands as it is, and follows what changes from now on. */
  readonly applied: AppliedFileSets | undefined;
  readonly frontEnd: FrontEndVerdict;
  /** A person's approval that was not used before. */
  readonly approval: string | undefined;
}

/** How the FileSets of one client follow its policy. */
export interface FileSetPlan {
  readonly changes: readonly FileChange[];
  readonly verdict: PluginVerdict;
  /** What of a VM's FileSet changes, by this plan or when it is approved: at most its options, or its Plugin line. */
  readonly editOf: (uuid: string) => "Options" | "Plugin" | undefined;
  /** What to remember, once the changes are written; undefined: nothing is known that could be. */
  readonly next: (failed: readonly FailedChange[]) => AppliedFileSets | undefined;
}

interface Follower {
  readonly vm: PlannedVm;
  readonly slug: string;
  readonly from: FileSetPolicy;
  readonly changesPlugin: boolean;
}

/**
 * Has existing FileSets follow a changed policy, three-way as the jobs do (spec section 3). Only those of VMs that follow
 * policy now; the others do when they are back. More changed Plugin lines than may change at once are held, all of them,
 * and the rest of their FileSets follows all the same. A pass in which no policy changed looks at no file.
 */
export async function planFileSets(input: FileSetInput, signal: AbortSignal): Promise<FileSetPlan> {
  const { policy, planned, tree, applied, approval } = input;
  const to = fileSetPolicyOf(policy);
  const fromOf = (uuid: string) => applied?.others.get(uuid) ?? applied?.common ?? to;
  const isQuiet = applied === undefined || (applied.others.size === 0 && isSameFileSetPolicy(applied.common, to));
  const followers = isQuiet ? [] : await followersOf(planned, tree, to, fromOf, signal);

  const edits: readonly PluginEdit[] = followers.filter(({ changesPlugin }) => changesPlugin).map(({ vm }) => vm);
  const verdict = judgePluginEdits(edits, to.plugin, approval);
  const nowOf = ({ from, changesPlugin }: Follower): FileSetPolicy =>
    changesPlugin && verdict.kind === "held" ? { ...to, plugin: from.plugin } : to;

  const kinds = new Map<string, "Options" | "Plugin">();
  for (const { vm, from, changesPlugin } of followers) {
    if (changesPlugin) kinds.set(vm.uuid, "Plugin");
    else if (from.signature !== to.signature || from.dedup !== to.dedup) kinds.set(vm.uuid, "Options");
  }

  return {
    verdict,
    editOf: (uuid) => kinds.get(uuid),
    changes: followers.flatMap((follower) => {
      const { vm, slug, from } = follower;
      const change = { uuid: vm.uuid, from, to: nowOf(follower) };
      return isSameFileSetPolicy(from, change.to) ? [] : [{ kind: "editFileSet", slug, change }];
    }),
    next: (failed) => {
      const failedSlugs = new Set(failed.map(({ slug }) => slug));
      const done = new Map(
        followers.filter(({ slug }) => !failedSlugs.has(slug)).map((follower) => [follower.vm.uuid, nowOf(follower)]),
      );
      // Held back behind another front end, all but what is new has that one's policy, and the document stays small.
      const common = input.frontEnd.kind === "held" ? applied?.common : to;
      if (common === undefined) return undefined;
      const others = new Map<string, FileSetPolicy>();
      for (const { uuid, decision, job } of isQuiet ? [] : planned) {
        // One whose file cannot be read keeps its own policy until it can.
        const hasFile = job !== undefined || decision.kind === "unchanged";
        if (!hasFile && decision.kind !== "create") continue;
        const is = hasFile ? (done.get(uuid) ?? fromOf(uuid)) : to;
        if (!isSameFileSetPolicy(is, common)) others.set(uuid, is);
      }
      return { common, others };
    },
  };
}

/** The VMs whose FileSet may follow now and does not yet. */
async function followersOf(
  planned: readonly PlannedVm[],
  tree: ClientTree,
  to: FileSetPolicy,
  fromOf: (uuid: string) => FileSetPolicy,
  signal: AbortSignal,
): Promise<readonly Follower[]> {
  const slice = startTimeSlice();
  const plugins = new Map<string, readonly string[]>();
  for (const folder of tree.folders)
    if (folder.kind === "ours" && folder.fileSet !== undefined) plugins.set(folder.slug, folder.fileSet.plugins);
  const followers: Follower[] = [];
  for (const vm of planned) {
    if (slice.isUsedUp()) await slice.pause(signal);
    const { uuid, slug } = vm;
    const lines = slug === undefined ? undefined : plugins.get(slug);
    if (!vm.followsPolicy || slug === undefined || lines === undefined) continue;
    const from = fromOf(uuid);
    if (isSameFileSetPolicy(from, to)) continue;
    followers.push({ vm, slug, from, changesPlugin: changedPluginLine(lines, { uuid, from, to }) !== undefined });
  }
  return followers;
}
