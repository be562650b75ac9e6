import type { Timing } from "./timing.ts";

/** The reason a signal of `withDeadline` aborts with when its time is over. */
export class DeadlineExceeded extends Error {
  override readonly name = "DeadlineExceeded";
  readonly code = "DeadlineExceeded";
  readonly limitMs: number;

  constructor(what: string, limitMs: number) {
    super(`${what} took longer than ${limitMs} ms`);
    this.limitMs = limitMs;
  }
}

/**
 * Runs `work` with a signal that aborts with the parent or, as `DeadlineExceeded`, after `limitMs`. It settles when
 * `work` does: work that ignores its signal is waited for, so that nothing goes on unseen.
 */
export async function withDeadline<T>(
  timing: Timing,
  limit: { readonly what: string; readonly limitMs: number },
  parent: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const own = new AbortController();
  const onParentAbort = (): void => own.abort(parent.reason);
  if (parent.aborted) own.abort(parent.reason);
  else parent.addEventListener("abort", onParentAbort, { once: true });
  const cancel = timing.schedule(limit.limitMs, () => own.abort(new DeadlineExceeded(limit.what, limit.limitMs)));
  try {
    return await work(own.signal);
  } finally {
    cancel();
    parent.removeEventListener("abort", onParentAbort);
  }
}
