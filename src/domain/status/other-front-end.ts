import type { ClientFacts } from "./client-facts.ts";
import { OPERATOR_WORDS } from "./front-end-words.ts";

const MOST_SHOWN = 128;

/** What is told while another front end's policy is in force (spec section 4); `undefined` while none is. */
export function otherFrontEnd(facts: ClientFacts): string | undefined {
  const { frontEnd, words = OPERATOR_WORDS } = facts;
  if (frontEnd?.heldBy === undefined) return undefined;
  const remedy = `Give both the same policy; or, if this one is to count from now on, ${words.takeOver(frontEnd.client)}.`;
  return `${quoted(frontEnd.heldBy)} applied another policy to the existing job files last, so they stay as they are; new VMs are protected. ${remedy}${takeOverNote(facts)}`;
}

/** A take-over that names something else than the client may not be meant for it: it is told, and nothing else. */
export function takeOverNote({ frontEnd }: ClientFacts): string {
  const { ignoredTakeOver, client } = frontEnd ?? {};
  if (ignoredTakeOver === undefined) return "";
  return ` Note: the annotation take-over is ${quoted(ignoredTakeOver)} and is ignored: its value must be ${client}.`;
}

/** From a state file or an annotation: anything may be in it. */
function quoted(text: string): string {
  return JSON.stringify(text.slice(0, MOST_SHOWN)).replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]/gu, "?");
}
