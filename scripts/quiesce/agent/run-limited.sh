# Running programs without ever waiting for one longer than allowed.
output="" keepalive_runs=0

# Runs a command for at most $1 seconds; its output (both streams) is in `output`. Returns its exit code, 124 when the
# time was over, 125 when nobody wants the hold any more. A command that can't be killed (disk sleep) is left behind
# and not waited for; its process id is in `child`.
run_limited() {
  local limit_ms=$(($1 * 1000)) text="" part status began pipe
  shift
  clock
  began=$now
  exec {pipe}< <(run_alone "$@")
  child=$!
  local own=$child
  while :; do
    part="" status=0
    IFS= read -r -t 0.1 -u "$pipe" part || status=$?
    text+=$part
    if ((status == 0)); then
      text+=$'\n'
      continue
    fi
    ((status > 128)) || break
    listen 0.01
    status=0
    still_wanted || status=125
    ((now - began <= limit_ms)) || status=124
    if ((status != 0)); then
      kill -KILL "$own" 2>/dev/null || true
      exec {pipe}<&-
      output=$text child=$own
      return "$status"
    fi
    keepalive
  done
  exec {pipe}<&-
  status=0
  wait "$own" || status=$?
  output=$text child=$own
  return "$status"
}

# The child keeps no descriptor of ours: one that hangs must not keep the guard of a freeze alive after us.
run_alone() {
  [ -z "${guard_pipe:-}" ] || exec {guard_pipe}>&-
  exec "$@" </dev/null 2>&1
}

# During a long sync the database session must hear from us too, or the server's own timeout ends it.
keepalive() {
  ((ping_is_new && is_locked && !keepalive_runs)) || return 0
  ping_is_new=0 keepalive_runs=1
  verify_hold || true
  keepalive_runs=0
}
