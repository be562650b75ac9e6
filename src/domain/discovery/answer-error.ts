import type { DiscoveryFailure } from "./discovery.ts";

/**
 * Texts that the Director, the File Daemon or the plugin put in the place of records. bconsole exits 0 for all of them
 * (but the `[CE` ones), so the text is the only sign. First match wins.
 */
const ERROR_TEXTS: ReadonlyArray<readonly [RegExp, DiscoveryFailure]> = [
  [/^error=Client ".*" not found/, "ClientUnknown"],
  [/^error=No authorization for /, "NotAuthorized"],
  // Also the answer of a Director before 15, which has no `.query`.
  [/^\.query: is an invalid command/, "NotAuthorized"],
  [/^error=/, "PluginError"],
  [/^\[DE\d*/, "ClientUnreachable"],
  [/^\[CE\d*/, "DirectorUnreachable"],
  // A numbered reply of the File Daemon, such as `2992 Bad query command`.
  [/^2\d{3} /, "PluginError"],
  [/\bERR=/, "ClientUnreachable"],
];

/** What kind of failure a line of an answer tells of; `undefined` when it is no error text that we know. */
export function answerError(line: string): DiscoveryFailure | undefined {
  return ERROR_TEXTS.find(([pattern]) => pattern.test(line))?.[1];
}

/** The File Daemon's verdict on the plugin comes without a newline on either side: glued to the plugin's last text. */
const GLUED_VERDICT = /error=plugin (?:not found|protocol error)$/;

/** The File Daemon's verdict at the very end of the answer; `undefined` when the answer ends otherwise. */
export function gluedVerdict(answer: string): string | undefined {
  return GLUED_VERDICT.exec(answer)?.[0];
}
