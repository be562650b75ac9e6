import { failureDetail } from "../domain/discovery/failure-detail.ts";
import type { Answer } from "../sync/ports.ts";

const JOB = /^JobId=(\d+) JobStatus=\S JobErrors=\d+$/;

/**
 * The jobs that run or wait in the Director, from `.status dir current`: a heading, and one line a job. Those that the
 * Console's JobACL hides are not in it.
 *
 *     1000 OK .status
 *     JobId=1 JobStatus=R JobErrors=0
 */
export function readCurrentJobs(answer: string): Answer<ReadonlySet<number>> {
  const [heading, ...lines] = answer.split("\n").filter((line) => line !== "");
  const ids = lines.map((line) => Number(JOB.exec(line)?.[1] ?? Number.NaN));
  if (heading === "1000 OK .status" && ids.every(Number.isSafeInteger))
    return { kind: "answered", value: new Set(ids) };
  const detail = failureDetail(`.status dir current answered what is no list of jobs: ${answer}`);
  return { kind: "unknown", reason: "UnreadableAnswer", detail };
}
