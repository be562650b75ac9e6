import type { Answer, DirectorResources } from "../sync/ports.ts";
import { readNameList } from "./name-list.ts";

/** What is asked in one session to know all that a Job may refer to. */
export const RESOURCE_COMMANDS = [
  ".clients",
  ".pools",
  ".storage",
  ".schedule",
  ".msgs",
  ".jobs",
  ".filesets",
] as const;

/** The answers to {@link RESOURCE_COMMANDS}, in their order; the first list that cannot be read makes all unknown. */
export function readResources(answers: readonly string[]): Answer<DirectorResources> {
  const unread: Extract<Answer<never>, { kind: "unknown" }>[] = [];
  const namesOf = (command: (typeof RESOURCE_COMMANDS)[number]): ReadonlySet<string> => {
    const list = readNameList(command, answers[RESOURCE_COMMANDS.indexOf(command)] ?? "");
    if (list.kind === "answered") return list.value;
    unread.push(list);
    return new Set();
  };
  const value: DirectorResources = {
    clients: namesOf(".clients"),
    pools: namesOf(".pools"),
    storages: namesOf(".storage"),
    schedules: namesOf(".schedule"),
    messages: namesOf(".msgs"),
    jobs: namesOf(".jobs"),
    fileSets: namesOf(".filesets"),
  };
  return unread[0] ?? { kind: "answered", value };
}
