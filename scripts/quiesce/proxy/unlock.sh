# `quiesce unlock`: releases what this run locked, and tells the truth about the time in between. Idempotent.

# Ends with 0: held from the lock to the release that the configuration asks for, or never locked by this run.
# 2: lost or expired before; under the policy best-effort 0 with a WARNING.
unlock_run() {
  # By then a holder that lives has noticed what became of the agent.
  local end=$((SECONDS + 2 * cfg[heartbeat] + 10))
  [ "$driver" != custom ] || end=$((end + ${cfg[command_timeout]:-30}))
  set_run_dir
  [ -d "$run_dir" ] || nothing_of_ours
  while is_held && [ ! -e "$run_dir/result" ] && ((SECONDS < end)); do
    # Opened for both directions: a holder that just died must not make us wait for a reader.
    printf 'UNLOCK\n' 1<>"$run_dir/control"
    wait_for_result $((SECONDS + 5))
  done
  read_result
  if [ -z "$result" ]; then
    result="lost by=nobody LOST the holder of this run died"
    if is_held; then
      result="lost by=nobody LOST the holder of this run does not react"
      kill_holder "$run_dir"
    fi
    write_result "$result"
    record_run lost "" "" || true
  fi
  tell_result
}

wait_for_result() {
  while is_held && [ ! -e "$run_dir/result" ] && ((SECONDS < $1)); do sleep 0.1; done
}

nothing_of_ours() {
  local holder=""
  [ ! -e "$vm_dir/holder" ] || read -r holder <"$vm_dir/holder" || true
  if [ -e "$vm_dir/lock" ] && ! flock -n "$vm_dir/lock" true; then
    say "not mine: run $holder holds this VM; run $run locked nothing, and nothing is changed"
  else
    say "nothing to release: run $run locked nothing"
  fi
  exit 0
}

tell_result() {
  local held
  held=$(value_of held_ms "$result")
  case $result in
  released*)
    say "held $held ms, released by $(value_of by "$result"), verified"
    [[ $result == *by=unlock* ]] || say "released before the end of the job, as configured (release = ${cfg[release]})"
    exit 0
    ;;
  not-locked*)
    say "nothing to release: run $run was not locked (${result#*by=nobody })"
    exit 0
    ;;
  esac
  say "the lock was lost before its release: ${result#* } ${held:+(held $held ms)}"
  [ "${cfg[policy]}" = required ] || { say "WARNING this backup is only crash-consistent (policy best-effort)"; exit 0; }
  exit "$EXIT_LOST"
}
