/** Exit codes of all commands (spec section 8). Scripts rely on them. */
export const EXIT = {
  well: 0,
  /** Something failed, is held or was refused; what could be done was done. */
  trouble: 1,
  /** Wrong settings, arguments or clients.conf: nothing was done. */
  wrongInput: 2,
  /** `plan`: a sync would change something. */
  changesPending: 3,
  /** Another writer of BASE_DIR did not end within LOCK_WAIT. */
  lockHeld: 4,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
