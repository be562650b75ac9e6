# `quiesce check`: everything that `lock` needs, tried without a lock.

# Ends with 0 when a lock would very likely work. The same connection, agent and account as a lock.
check_run() {
  local errors line last="" now_here from_agent
  errors=$(mktemp)
  # shellcheck disable=SC2064  # this file, now
  trap "rm -f '$errors'" EXIT
  say "job $job_base: VM $uuid, driver $driver, ${cfg[user]}@${cfg[host]}:${cfg[port]}, policy ${cfg[policy]}, release ${cfg[release]}"
  build_ssh_command
  coproc AGENT { exec timeout "${cfg[deadline]}" "${ssh_command[@]}" 2>"$errors"; }
  exec {from_agent}<&"${AGENT[0]}"
  { send_agent check >&"${AGENT[1]}"; } 2>/dev/null || true
  while IFS= read -r -u "$from_agent" line; do
    say "${line#NOTE }"
    last=$line
  done
  now_here=$(date +%s)
  case $last in
  CHECKED*)
    check_clock "$(value_of clock "$last")" "$now_here"
    say "OK"
    ;;
  FAIL*) exit "$EXIT_NOT_LOCKED" ;;
  *) stop_with "$EXIT_NOT_LOCKED" "$(explain_ssh "$errors")" ;;
  esac
}

check_clock() {
  local difference=$(($1 - $2))
  ((difference >= -5 && difference <= 5)) || say "WARNING the clock of the VM differs by $difference s"
}
