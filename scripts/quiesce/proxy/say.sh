# Words for the log of the backup job, and the exit codes of all verbs:
#   0  done, and true        1  not locked        2  was lost or expired before the release
#   3  another run holds it  64 the call or the configuration is wrong
readonly EXIT_NOT_LOCKED=1 EXIT_LOST=2 EXIT_BUSY=3 EXIT_USAGE=64

say() { printf 'quiesce: %s\n' "$*"; }

# Says why and ends with the exit code $1.
stop_with() {
  local code=$1
  shift
  say "$*"
  exit "$code"
}

# A wrong call or configuration: the job must not go on as if nothing were asked for, whatever the policy is.
refuse() { stop_with "$EXIT_USAGE" "$*"; }
