import { deflateRawSync, inflateRawSync } from "node:zlib";

declare const packed: unique symbol;
/** A status as it is kept in memory: a tenth of its JSON text. A hundred thousand must fit, and few are looked at again. */
export type PackedStatus = string & { readonly [packed]: true };

/**
 * What nearly every status says, so that only names, numbers and times are left to keep. Any text would do; this one has
 * the fields in the order in which the API server sends them.
 */
const TYPICAL = Buffer.from(
  JSON.stringify({
    conditions: [
      condition("BackedUp", "GoodBackup", "JobId 1 is the last good backup."),
      condition("PolicyAccepted", "Accepted", "JobDefs DefaultJob is in force."),
      condition("Published", "Published", "The Director has job backup-."),
      condition("Ready", "Succeeded", "Job backup- backs up this VM."),
    ],
    fileSetName: "fs-",
    jobDefs: { from: "Global", name: "DefaultJob" },
    jobName: "backup-",
    lastBackup: { bytes: 1, endTime: "2026-11-24T00:00:00Z", jobId: 1, level: "F", status: "T" },
    lastRun: { endTime: "2026-11-24T00:00:00Z", jobId: 1, status: "T" },
    observedGeneration: 1,
    phase: "Active",
  }),
);
/** A window of 2 KiB, which holds a status and the typical one; zlib's default of 32 KiB would be cleared each time. */
const OPTIONS = { dictionary: TYPICAL, windowBits: 11, memLevel: 4 };

/** `status` is a JSON value. */
export function packStatus(status: unknown): PackedStatus {
  const text = JSON.stringify(status);
  return text === NO_STATUS ? PACKED_NO_STATUS : deflated(text);
}

function deflated(text: string): PackedStatus {
  // One byte a character: a Buffer of its own would cost more than what is in it.
  return deflateRawSync(text, OPTIONS).toString("latin1") as PackedStatus;
}

/** What every object is made with; a compressor for each costs more than the rest of its way into the memory. */
const NO_STATUS = "{}";
const PACKED_NO_STATUS = deflated(NO_STATUS);

/** The JSON value that was packed. */
export function unpackStatus(status: PackedStatus): unknown {
  if (status === PACKED_NO_STATUS) return {};
  return JSON.parse(inflateRawSync(Buffer.from(status, "latin1"), OPTIONS).toString());
}

function condition(type: string, reason: string, message: string) {
  return { lastTransitionTime: "2026-11-24T00:00:00Z", message, reason, status: "True", type };
}
