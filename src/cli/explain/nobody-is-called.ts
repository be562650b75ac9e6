import { someNames } from "../../domain/status/some-names.ts";
import { judgeObservation } from "../../sync/decide/judge-observation.ts";
import type { ClientOutcome } from "../pass-over-clients.ts";

/** Says that no VM has this name, uuid or job, and how sure that is: a client that cannot be seen may have it. */
export function nobodyIsCalled(word: string, outcomes: readonly ClientOutcome[]): string {
  const unseen = outcomes.filter((outcome) => !isSeen(outcome)).map(({ client }) => client.policy.client);
  const asked = outcomes.filter(isSeen).map(({ client }) => client.policy.client);
  const parts = [
    ...(asked.length > 0 ? [`not listed by ${someNames(asked)}, and none of their job files is for it`] : []),
    ...(unseen.length > 0 ? [`could not be looked for at ${someNames(unseen)}, whose trouble is told above`] : []),
  ];
  return `no VM, uuid or job is called ${JSON.stringify(word)}: ${parts.join("; ")}. Names are compared whole`;
}

function isSeen(outcome: ClientOutcome): boolean {
  return outcome.kind === "passed" && judgeObservation(outcome.report.observation).kind === "clear";
}
