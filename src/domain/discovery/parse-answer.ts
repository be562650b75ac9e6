import { answerError, gluedVerdict } from "./answer-error.ts";
import { answerRecords } from "./answer-records.ts";
import type { Discovery, DiscoveryFailure } from "./discovery.ts";
import { failureDetail } from "./failure-detail.ts";
import { withoutMessagesNotice } from "./messages-notice.ts";
import { type RecordReading, readRecord } from "./read-record.ts";
import { mergeSightings } from "./sightings.ts";

/** Common page limits of the APIs behind a plugin; exactly so many VMs are perhaps not all (rule 1). */
const PAGE_LIMITS: ReadonlySet<number> = new Set([500, 1_000, 2_000]);

/**
 * What the answer of one `.query` says about which VMs there are (white paper 3.1, rule 1).
 *
 * `answer` is all that stood between the echo of the command and the next one, as text: bytes that are no UTF-8 are
 * expected as U+FFFD, which costs a name a character and never a uuid. Never throws. A failure anywhere makes the whole
 * answer one: a list that may lack records is worse than none. What cannot be told from here is an answer that a broken
 * link cut between two records; absences are confirmed elsewhere.
 */
export function parseAnswer(answer: string, options: { readonly allowEmpty: boolean }): Discovery {
  const text = withoutMessagesNotice(answer);
  if (text.trim() === "") {
    return options.allowEmpty
      ? { kind: "listed", vms: [], looksLikePageLimit: false }
      : failed(
          "EmptyAnswer",
          "the answer is empty: the plugin is not loaded, its message was too large, or the link broke",
        );
  }
  const verdict = gluedVerdict(text);
  if (verdict !== undefined) return failed("PluginError", tailBefore(text, verdict));

  const cut = answerRecords(text);
  if (cut.kind === "broken") {
    // A plugin's own words come before the File Daemon's verdict: the verdict classifies, the words explain.
    const laterError = cut.reason === "UnreadableAnswer" ? firstError(text) : undefined;
    if (laterError !== undefined) return failed(laterError.reason, `${cut.line} ${laterError.line}`);
    return failed(
      cut.reason,
      cut.reason === "UnreadableAnswer" ? `line ${cut.lineNumber} is no record: ${cut.line}` : cut.line,
    );
  }

  const sightings: Extract<RecordReading, { kind: "record" }>[] = [];
  for (const record of cut.records) {
    const reading = readRecord(record);
    if (reading.kind === "broken") {
      const before = sightings.at(-1)?.uuids.at(-1);
      const where = before === undefined ? "" : ` (the record before it is of uuid ${before})`;
      return failed(
        "UnreadableAnswer",
        `line ${record.lineNumber} ${reading.problem}${where}: ${record.lines.slice(0, 3).join(" / ")}`,
      );
    }
    sightings.push(reading);
  }
  const vms = mergeSightings(sightings);
  const looksLikePageLimit = PAGE_LIMITS.has(sightings.length) || PAGE_LIMITS.has(vms.length);
  return { kind: "listed", vms, looksLikePageLimit };
}

function failed(reason: DiscoveryFailure, detail: string): Discovery {
  return { kind: "failed", reason, detail: failureDetail(detail) };
}

/** The first line that is an error text and cannot be a record's. */
function firstError(text: string): { readonly reason: DiscoveryFailure; readonly line: string } | undefined {
  for (const line of text.split("\n")) {
    if (/^[a-z_]+=/i.test(line) && !line.startsWith("error=")) continue;
    const reason = answerError(line);
    if (reason !== undefined) return { reason, line };
  }
  return undefined;
}

/** The verdict with the last line of the plugin's own words before it, when there are any that are no record. */
function tailBefore(text: string, verdict: string): string {
  const words = text.slice(0, -verdict.length).trimEnd();
  const last = words.slice(words.lastIndexOf("\n") + 1);
  return last === "" || /^[a-z_]+=/i.test(last) ? verdict : `${last} ${verdict}`;
}
