/** Our own check reads it like any other; only the Director knows that there is no such directive. */
export const UNKNOWN_DIRECTIVE = "  Foo = bar";
