import type { ClientPolicy } from "../../domain/client/client-policy.ts";
import {
  describeObstacle,
  judgeProof,
  judgeSurvey,
  type PurgeObstacle,
  type PurgeSurvey,
} from "../../domain/purge/judge-purge.ts";
import { type PurgeRecord, withFindings } from "../../domain/purge/purge-record.ts";
import type { PurgeMeans } from "../batch-context.ts";
import type { PurgeOutcome } from "../pass-report.ts";
import type { Clock, Director, LockedTree, VmFolder } from "../ports.ts";
import { emptyVolumes } from "./empty-volumes.ts";
import { namesOfOthers } from "./names-of-others.ts";
import { noteActions } from "./note-actions.ts";
import { readPurgeRecord } from "./read-purge-record.ts";
import { waits } from "./waits.ts";

export interface PurgeWork {
  readonly policy: ClientPolicy;
  readonly slug: string;
  readonly uuid: string;
  readonly tree: LockedTree;
  readonly director: Pick<Director, "resources">;
  readonly means: PurgeMeans;
  readonly clock: Clock;
  /** No further delete begins after it, ms since the epoch: a pass has to end, and tell what it did. */
  readonly untilMs: number;
  readonly signal: AbortSignal;
}

/** Run ids in one `delete jobid=`; Bacula deletes their File rows before it answers. */
const RUNS_PER_DELETE = 20;

export const TIME_IS_UP = "it has many backups; the next pass goes on with them";

/** A step's end: a record to go on with, or how it ended for this pass. */
type Step = { readonly kind: "next"; readonly record: PurgeRecord } | PurgeOutcome;

/**
 * Purges one VM whose job was withdrawn, as far as it comes in this pass (spec section 6); under the lock, and only in a
 * pass that has just confirmed its absence. Each stage is written down before the next one begins, and looks again at
 * all that it rests on: the folder, the kill switch, the Director's list and its running jobs, the catalog.
 *
 * withdrawing -> deleting -> volumes -> removing -> gone; from `withdrawing` also back to a job.
 */
export async function purgeVm(work: PurgeWork): Promise<PurgeOutcome> {
  const { policy, slug, tree, signal } = work;
  const { folders } = await tree.readClient(policy, signal);
  const folder = folders.find((one) => one.slug === slug);
  if (folder?.kind !== "purging") return waits("its folder is not being purged any more");
  const proven = proofOf(folder, folders, work);
  if (proven.kind !== "next") return proven;
  let { record } = proven;
  for (;;) {
    signal.throwIfAborted();
    if (await tree.isOnHold()) return waits("HOLD stops every purge");
    const step = await takeStep(record, work);
    if (step.kind !== "next") return step;
    ({ record } = step);
    await tree.writePurgeRecord(policy, slug, record);
  }
}

function takeStep(record: PurgeRecord, work: PurgeWork): Promise<Step> {
  switch (record.stage) {
    case "withdrawing":
      return writeDown(record, work);
    case "deleting":
      return deleteRows(record, work);
    case "volumes":
      return emptyVolumes(record, work);
    case "removing":
      return removeFolder(record, work);
    default:
      return record.stage satisfies never;
  }
}

/** The folder and its record are this VM's, and nobody has asked to keep it. */
function proofOf(
  folder: Extract<VmFolder, { kind: "purging" }>,
  folders: readonly VmFolder[],
  { policy, slug, uuid }: PurgeWork,
): Step {
  const record = readPurgeRecord(folder.record);
  const { job } = folder;
  if (job === undefined || record === undefined)
    return waits("its purge.json cannot be read; put job.purging back as job to begin anew");
  const { headers, directives } = job;
  if (headers.uuid !== uuid || record.uuid !== uuid || record.jobName !== directives.name)
    return waits("its job.purging is not what its purge.json was made for; put it back as job");
  if (headers.hold !== undefined || headers.suspend !== undefined) return waits("a person asked to keep it");
  const obstacle = judgeProof({ slug, job }, policy, namesOfOthers(folders, slug));
  if (obstacle !== undefined) return record.stage === "withdrawing" ? { kind: "stopped", obstacle } : paused(obstacle);
  return { kind: "next", record };
}

/** Nothing is deleted before the Director was seen without the job, and all that is to go is on the disk. */
async function writeDown(record: PurgeRecord, work: PurgeWork): Promise<Step> {
  const withdrawn = await requireWithdrawn(record, work);
  if (withdrawn !== undefined) return withdrawn;
  const survey = await look(record, work);
  if (survey.kind !== "found") return survey;
  return { kind: "next", record: { ...withSurvey(record, survey.value), stage: "deleting" } };
}

/** The runs by the Director's own delete, until none is left; then what it leaves. */
async function deleteRows(record: PurgeRecord, work: PurgeWork): Promise<Step> {
  const { policy, slug, tree, means, signal } = work;
  const { director, catalog } = means.ports;
  const withdrawn = await requireWithdrawn(record, work);
  if (withdrawn !== undefined) return withdrawn;
  let known = record;
  let survey = await look(known, work);
  for (;;) {
    if (survey.kind !== "found") return survey.kind === "stopped" ? paused(survey.obstacle) : survey;
    const left = survey.value.runs.map(({ jobId }) => jobId);
    if (left.length === 0) break;
    const found = withSurvey(known, survey.value);
    if (found.jobIds.length > known.jobIds.length) await tree.writePurgeRecord(policy, slug, found);
    known = found;
    if (await tree.isOnHold()) return waits("HOLD stops every purge");
    if (work.clock.now() > work.untilMs) return waits(TIME_IS_UP);
    const asked = await director.deleteRuns(left.slice(0, RUNS_PER_DELETE), signal);
    if (asked.kind === "unknown") return waits(`the Director did not delete its runs: ${asked.detail}`);
    survey = await look(known, work);
    if (survey.kind === "found" && survey.value.runs.length >= left.length)
      return waits("the Director does not delete its runs; the Console must have delete and see every Job and Client");
  }
  const fileSetName = await removableFileSet(known, work);
  const { jobIds, objectIds } = known;
  const end = await catalog.deleteLeftovers({ jobIds, objectIds, fileSetName }, signal);
  if (end.kind === "unknown") return waits(`rows that Bacula left could not be deleted: ${end.detail}`);
  if (end.value.kind === "runsLeft") return waits("some of its JobIds are in the catalog again; they stay");
  return { kind: "next", record: { ...known, stage: "volumes" } };
}

async function removeFolder(record: PurgeRecord, { policy, slug, tree }: PurgeWork): Promise<Step> {
  await noteActions(policy, record.actionsRequired, tree);
  await tree.removePurged(policy, slug);
  return { kind: "purged", runs: record.jobIds.length, actionsRequired: record.actionsRequired };
}

/** The Director does not have the job, by what it says itself; a reload that is owed may still change that. */
async function requireWithdrawn(
  { jobName }: PurgeRecord,
  { director, tree, signal }: PurgeWork,
): Promise<PurgeOutcome | undefined> {
  if (await tree.reloadOwed()) return waits("the Director has not taken the configuration without it yet");
  const resources = await director.resources(signal);
  if (resources.kind === "unknown") return waits(`the Director does not say which jobs it has: ${resources.detail}`);
  if (resources.value.jobs.has(jobName)) return waits("the Director still has its job");
  return undefined;
}

/** A FileSet that the Director still has would get its row again with the next reload, by another id. */
async function removableFileSet(
  { fileSetName }: PurgeRecord,
  { director, signal }: PurgeWork,
): Promise<string | undefined> {
  if (fileSetName === "") return undefined;
  const resources = await director.resources(signal);
  return resources.kind === "answered" && !resources.value.fileSets.has(fileSetName) ? fileSetName : undefined;
}

type Look = { readonly kind: "found"; readonly value: PurgeSurvey } | PurgeOutcome;

/** What there is of the job now, if nothing speaks against deleting it. */
async function look({ jobName }: PurgeRecord, { policy, means, signal }: PurgeWork): Promise<Look> {
  const { director, catalog } = means.ports;
  const running = await director.runningJobs(signal);
  if (running.kind === "unknown") return waits(`the Director does not say what it runs: ${running.detail}`);
  const survey = await catalog.survey(policy, jobName, signal);
  if (survey.kind === "unknown") return waits(`the catalog cannot be read: ${survey.detail}`);
  const obstacle = judgeSurvey(survey.value, running.value);
  if (obstacle === undefined) return { kind: "found", value: survey.value };
  // A run ends by itself; the job need not come back for it.
  return obstacle.kind === "Running" ? waits("a run of it waits or works") : { kind: "stopped", obstacle };
}

function withSurvey(record: PurgeRecord, { runs, objectIds, volumes }: PurgeSurvey): PurgeRecord {
  const jobIds = runs.map(({ jobId }) => jobId);
  const plain = volumes.map(({ mediaId, name, mediaType, storage, pool }) => ({
    mediaId,
    name,
    mediaType,
    storage,
    pool,
  }));
  return withFindings(record, { jobIds, objectIds, volumes: plain });
}

/** Runs are gone already, so the job does not come back; what is left stays until nothing speaks against it. */
function paused(obstacle: PurgeObstacle): PurgeOutcome {
  return waits(`what is left of it stays: ${describeObstacle(obstacle)}`);
}
