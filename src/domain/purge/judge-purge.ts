import type { ClientIdentity } from "../client/client-policy.ts";
import type { JobFile } from "../jobfile/job-file.ts";
import { fileSetName, jobName } from "../naming/resource-names.ts";
import type { RecordedVolume } from "./purge-record.ts";

/** Why a VM is not purged although it is due (spec section 6). Each is told with what it was found in. */
export type PurgeObstacle =
  /** Its files do not prove that the job is ours. */
  | { readonly kind: "NotOurs"; readonly detail: string }
  /** A run of it waits or works. */
  | { readonly kind: "Running"; readonly jobIds: readonly number[] }
  /** Runs of other kinds under its name: copies, migrated ones. */
  | { readonly kind: "CopiesExist"; readonly jobIds: readonly number[] }
  /** Another job's files are kept as differences to a run of it. */
  | { readonly kind: "UsedAsBase"; readonly jobIds: readonly number[] }
  | { readonly kind: "ProtectedVolume"; readonly volumes: readonly string[] };

/** What the catalog has under the exact name and Client of one job. */
export interface PurgeSurvey {
  readonly runs: readonly SurveyedRun[];
  /** Jobs outside of `runs` that are copies of them, or were made from them (PriorJobId). */
  readonly copiedBy: readonly number[];
  /** Jobs outside of `runs` whose BaseFiles refer to them. */
  readonly baseOf: readonly number[];
  readonly volumes: readonly SurveyedVolume[];
  /** Rows of table Object of these runs. */
  readonly objectIds: readonly number[];
}

export interface SurveyedRun {
  readonly jobId: number;
  /** Bacula's JobType letter. */
  readonly type: string;
  readonly isFinished: boolean;
}

export interface SurveyedVolume extends RecordedVolume {
  readonly status: string;
  /** Table Media says that it must not be touched (Bacula 15's volume protection). */
  readonly isProtected: boolean;
}

/** Somebody has set the volume aside, by Bacula's own word for it. */
const SET_ASIDE: readonly string[] = ["Archive", "Read-Only"];

/**
 * Whether the job of a folder is surely the one that this program made for this VM: its name and Client are what the
 * folder's slug and the client's policy give, and no other folder has that name. A Job that a person renamed could be
 * another's, and its runs are kept.
 */
export function judgeProof(
  folder: { readonly slug: string; readonly job: JobFile },
  client: ClientIdentity,
  namesOfOthers: ReadonlySet<string>,
): PurgeObstacle | undefined {
  const { headers, directives } = folder.job;
  const name = jobName(client, folder.slug);
  const detail =
    directives.name !== name
      ? `its Job is named ${JSON.stringify(directives.name)} and not ${name}: it was renamed by hand`
      : directives.client !== client.client || headers.client !== client.client
        ? `its Client is not ${client.client}`
        : headers.datacenter !== client.datacenter || headers.openstack !== client.openstack
          ? "its datacenter or openstack header is another client's"
          : namesOfOthers.has(name)
            ? `another folder of this client has the Job ${name}, too`
            : undefined;
  return detail === undefined ? undefined : { kind: "NotOurs", detail };
}

/** The name of the FileSet that may go with the job; empty: a person gave the job another one, which stays. */
export function purgedFileSet(slug: string, job: JobFile, client: ClientIdentity): string {
  const own = fileSetName(client, slug);
  return job.directives.fileSet === undefined || job.directives.fileSet === own ? own : "";
}

/** What in the catalog, or in the Director, speaks against deleting the runs; undefined: nothing. Every doubt does. */
export function judgeSurvey(survey: PurgeSurvey, runningInDirector: ReadonlySet<number>): PurgeObstacle | undefined {
  const { runs, copiedBy, baseOf, volumes } = survey;
  const others = runs.filter(({ type }) => type !== "B").map(({ jobId }) => jobId);
  if (others.length > 0 || copiedBy.length > 0) return { kind: "CopiesExist", jobIds: [...others, ...copiedBy] };
  const running = runs.filter(({ jobId, isFinished }) => !isFinished || runningInDirector.has(jobId));
  if (running.length > 0) return { kind: "Running", jobIds: running.map(({ jobId }) => jobId) };
  if (baseOf.length > 0) return { kind: "UsedAsBase", jobIds: baseOf };
  const kept = volumes.filter(({ isProtected, status }) => isProtected || SET_ASIDE.includes(status));
  if (kept.length > 0) return { kind: "ProtectedVolume", volumes: kept.map(({ name }) => name) };
  return undefined;
}

/** The obstacle in words, without times. */
export function describeObstacle(obstacle: PurgeObstacle): string {
  switch (obstacle.kind) {
    case "NotOurs":
      return obstacle.detail;
    case "Running":
      return `a run of it waits or works (JobId ${listed(obstacle.jobIds)})`;
    case "CopiesExist":
      return `copies of its backups exist (JobId ${listed(obstacle.jobIds)}); delete them, or keep the VM by a hold`;
    case "UsedAsBase":
      return `files of other jobs are kept as differences to its backups (JobId ${listed(obstacle.jobIds)})`;
    case "ProtectedVolume":
      return `its backups are on volumes that are protected or set aside: ${listed(obstacle.volumes)}`;
    default:
      return obstacle satisfies never;
  }
}

const MOST_LISTED = 10;

function listed(items: readonly (number | string)[]): string {
  const shown = items.slice(0, MOST_LISTED).join(", ");
  return items.length <= MOST_LISTED ? shown : `${shown} and ${items.length - MOST_LISTED} more`;
}
