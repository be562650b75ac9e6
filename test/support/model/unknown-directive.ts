/** Our own check reads it like any other; only the Director knows that there is no such directive. */
export const UNKNOWN_DIRECTIVE = "  Foo = bar";
/** Beside the other one it makes an edit that the Director would show, if it had taken it. */
export const SEEN_DIRECTIVE = "  Priority = 13";
