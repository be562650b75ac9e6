# `quiesce lock`: starts the holder and waits until it is locked, within a deadline.

# Ends with 0 only when the VM is locked and written out; under the policy best-effort also, with a WARNING, when not.
lock_run() {
  set_run_dir
  mkdir -p "$vm_dir" || refuse "state_dir ${cfg[state_dir]} can't be written"
  exec 9>>"$vm_dir/lock"
  if ! flock -n 9 && ! { end_stuck_holder && flock -w 5 9; }; then
    say "run $(cat "$vm_dir/holder" 2>/dev/null || printf unknown) holds this VM; run $run gets no lock"
    not_locked "$EXIT_BUSY"
  fi
  make_run_dir
  forget_old_runs
  printf '%s\n' "$run" >"$vm_dir/holder"
  exec 8>"$run_dir/alive"
  flock -n 8
  # All three descriptors: the job reads our output to its end, and would wait for the holder's life otherwise.
  QUIESCE_RUN_DRIVER=$driver QUIESCE_RUN_HOST=${cfg[host]} setsid "$here/quiesce" hold-for "$uuid" "$run" "$job_base" </dev/null >/dev/null 2>&1 &
  local holder=$!
  printf '%s\n' "$holder" >"$run_dir/pid"
  # shellcheck disable=SC2064  # this process, now
  trap "kill -KILL -- -$holder 2>/dev/null; exit $EXIT_NOT_LOCKED" TERM INT HUP
  exec 8>&- 9>&-
  wait_until_locked "$holder"
}

# True when the holder of this VM was long past its own end (stopped, or stuck) and is gone now.
end_stuck_holder() {
  local stuck="" ends=""
  read -r stuck <"$vm_dir/holder" || return 1
  read -r ends <"$vm_dir/run-$stuck/ends" || return 1
  [[ $ends =~ ^[0-9]+$ ]] && (($(date +%s) > ends)) || return 1
  say "the holder of run $stuck is stuck; it is ended"
  kill_holder "$vm_dir/run-$stuck"
} 2>/dev/null

wait_until_locked() {
  local holder=$1 end=$((SECONDS + cfg[deadline])) shown=0
  while ((SECONDS < end)); do
    show_log
    if grep -q '^LOCKED ' "$run_dir/log"; then
      show_log
      say "run $run holds $uuid ($driver), release: ${cfg[release]}, at most ${cfg[max_hold]} s"
      exit 0
    fi
    [ ! -e "$run_dir/result" ] || break
    is_held || break
    sleep 0.1
  done
  read_result
  if [ -z "$result" ]; then
    kill -KILL -- "-$holder" 2>/dev/null || true
    result="not-locked FAIL not locked within ${cfg[deadline]} s (deadline)"
    write_result "$result"
    record_run not-locked "" "" || true
  fi
  show_log
  say "not locked: ${result#* by=nobody }"
  not_locked "$EXIT_NOT_LOCKED"
}

# The agent's lines that were not shown yet, in the job's log.
show_log() {
  local line number=0
  while IFS= read -r line; do
    number=$((number + 1))
    ((number > shown)) || continue
    [[ $line == LOCKED* || $line == NOTE* ]] && say "${line#NOTE }"
  done <"$run_dir/log"
  shown=$number
}

not_locked() {
  [ "${cfg[policy]}" = best-effort ] || exit "$1"
  say "WARNING this backup is only crash-consistent (policy best-effort)"
  exit 0
}
