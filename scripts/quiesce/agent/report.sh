# Lines to the proxy. Everything lands in the log of the backup job, so a line must be worth reading there.

# One line to the proxy. A proxy that is gone is no error here: the clean-up after it must go on.
report() { printf '%s\n' "$*" 2>/dev/null || true; }

note() { report "NOTE $*"; }

# Ends the agent before it came to LOCKED, with nothing left behind.
fail() {
  report "FAIL $*"
  exit 1
}
