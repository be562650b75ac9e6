import { failureDetail } from "../domain/discovery/failure-detail.ts";
import type { Answer } from "../sync/ports.ts";

const HEAD = "1000 OK .status";
const RUN = /^JobId=(\d+) JobStatus=\S JobErrors=\d+$/;

/**
 * The answer of `.status dir current`: every run that the Director has in hand, waiting ones included. Anything that is
 * not exactly of this form is no answer, since a run that was overlooked would lose its rows.
 */
export function readRunningJobs(answer: string): Answer<ReadonlySet<number>> {
  const [head, ...lines] = answer.split("\n").filter((line) => line.trim() !== "");
  const ids = lines.map((line) => Number(RUN.exec(line.trim())?.[1]));
  if (head?.startsWith(HEAD) === true && ids.every(Number.isSafeInteger)) {
    // Consoles and the Director's own work have JobId 0.
    return { kind: "answered", value: new Set(ids.filter((id) => id > 0)) };
  }
  const odd = head?.startsWith(HEAD) === true ? lines.find((line) => !RUN.test(line.trim())) : (head ?? "nothing");
  const detail = failureDetail(`.status dir current answered what is no list of runs: ${odd ?? ""}`);
  return { kind: "unknown", reason: "UnreadableAnswer", detail };
}
