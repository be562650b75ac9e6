import type { VolumeFailure } from "./ports.ts";

const FAILURES: Readonly<Record<VolumeFailure, true>> = {
  NotWritable: true,
  NotFound: true,
  NoSpace: true,
  WrongVolume: true,
  SymlinkRefused: true,
  ReadFailed: true,
};

/** What the volume refused; undefined for any other error, which is nobody's to hide. */
export function volumeTrouble(error: unknown): { readonly reason: VolumeFailure; readonly detail: string } | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  const { code } = error;
  return isVolumeFailure(code) ? { reason: code, detail: error.message } : undefined;
}

function isVolumeFailure(code: unknown): code is VolumeFailure {
  return typeof code === "string" && Object.hasOwn(FAILURES, code);
}
