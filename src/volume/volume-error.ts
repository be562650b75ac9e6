import type { VolumeErrorLike, VolumeFailure } from "../sync/ports.ts";

/** The volume refused: `code` for branching; the message names the path and what to do, never a time or a pid. */
export class VolumeError extends Error implements VolumeErrorLike {
  readonly code: VolumeFailure;

  constructor(code: VolumeFailure, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "VolumeError";
    this.code = code;
  }
}

type Action = "read" | "write";

/**
 * Classifies what a system call threw, once, where it happened. `target` is the file that was meant: the system's own
 * message names temporary files, whose names change from pass to pass and would change a condition for ever.
 */
export function toVolumeError(error: unknown, action: Action, target: string): VolumeError {
  if (error instanceof VolumeError) return error;
  const code = systemCode(error);
  const { reason, words } = judge(code, action, error);
  return new VolumeError(reason, `cannot ${action} ${target}: ${words}`, { cause: error });
}

/** `ENOENT` and the like; `undefined` for what no system call threw. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

function judge(code: string | undefined, action: Action, error: unknown): { reason: VolumeFailure; words: string } {
  switch (code) {
    case "ENOSPC":
      return { reason: "NoSpace", words: "the volume is full (ENOSPC); free space or enlarge it" };
    case "EDQUOT":
      return { reason: "NoSpace", words: "the quota is used up (EDQUOT); raise it" };
    case "EROFS":
      return { reason: "NotWritable", words: "the volume is mounted read-only (EROFS)" };
    case "EACCES":
    case "EPERM":
      return {
        reason: action === "read" ? "ReadFailed" : "NotWritable",
        words: `this process may not (${code}); correct owner, group or mode of the file and its folders`,
      };
    case "ELOOP":
      return { reason: "SymlinkRefused", words: "it is a symbolic link; put the real file or folder there" };
    case "ENOENT":
    case "ENOTDIR":
      return { reason: "NotFound", words: `it or its folder is not there (${code})` };
    default:
      return {
        reason: action === "read" ? "ReadFailed" : "NotWritable",
        words: code ?? (error instanceof Error ? error.message : String(error)),
      };
  }
}
