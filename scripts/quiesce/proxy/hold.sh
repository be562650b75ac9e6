# The holder: one process for one hold, detached from the job. It speaks to the agent over ssh and to `unlock` by a FIFO.
#
#   starting -> LOCKED -> (unlock | after | signal) -> RELEASED
#   any moment: the agent's FAIL, LOST, DEADMAN, EXPIRED, or the end of ssh
#
# The descriptors 8 (this run lives) and 9 (this VM is held) are flocks that the kernel frees with the holder; no child
# gets them. When the holder dies, ssh loses its input and the agent releases.
locked_line="" released_by="" signal_pid=""

run_holder() {
  trap '' PIPE HUP
  build_ssh_command
  coproc AGENT { exec "${ssh_command[@]}" 2>"$run_dir/ssh.err" 8>&- 9>&-; }
  ssh_pid=$AGENT_PID to_agent=${AGENT[1]}
  exec {from_agent}<&"${AGENT[0]}" {control}<>"$run_dir/control"
  { send_agent lock 1>&"$to_agent"; } 2>/dev/null || true
  last_heard=$SECONDS last_ping=$SECONDS locked_at=0
  while [ ! -e "$run_dir/result" ]; do
    hear_agent
    hear_control
    keep_alive
    ask_for_release
  done
  end_session
}

# Takes the agent's next line, if one comes within a fifth of a second.
hear_agent() {
  local part="" status=0
  IFS= read -r -t 0.2 -u "$from_agent" part || status=$?
  agent_part=${agent_part:-}$part
  if ((status == 0)); then
    take_line "$agent_part"
    agent_part=""
  elif ((status <= 128)); then
    wait "$ssh_pid" 2>/dev/null || true
    ssh_pid=""
    local word=FAIL
    [ -z "$locked_line" ] || word=LOST
    finish "$word $(explain_ssh "$run_dir/ssh.err")"
  fi
}

take_line() {
  last_heard=$SECONDS
  case $1 in
  PONG*) return ;;
  NOTE*) ;;
  LOCKED*)
    locked_line=$1 locked_at=$SECONDS
    start_signal
    ;;
  FAIL* | LOST* | DEADMAN* | EXPIRED* | RELEASED*) finish "$1" ;;
  *) set -- "NOTE (the VM says) $1" ;; # a banner, or a shell's start-up file that prints
  esac
  printf '%s\n' "$1" >>"$run_dir/log"
}

hear_control() {
  local line=""
  IFS= read -r -t 0.01 -u "$control" line || return 0
  [ "$line" != UNLOCK ] || request_release unlock
}

# A heartbeat four times as often as it is needed; and an agent that is silent for two heartbeats has lost us.
keep_alive() {
  if ((SECONDS - last_ping >= (cfg[heartbeat] + 3) / 4)); then
    last_ping=$SECONDS
    printf 'PING\n' 2>/dev/null 1>&"$to_agent" || true
  fi
  [ -z "$locked_line" ] || ((SECONDS - last_heard <= 2 * cfg[heartbeat])) ||
    finish "LOST the VM did not answer for two heartbeats"
}

start_signal() {
  [ "${cfg[release]}" = signal ] || return 0
  QUIESCE_UUID=$uuid QUIESCE_RUN=$run QUIESCE_JOB=$job_base QUIESCE_LOCKED_AT=$(date -u +%Y-%m-%dT%H:%M:%SZ) \
    setsid bash -c "${cfg[signal_command]}" </dev/null >"$run_dir/signal.out" 2>&1 8>&- 9>&- &
  signal_pid=$!
}

# The release that the configuration asks for, when its moment has come.
ask_for_release() {
  if [ -z "$locked_line" ] || [ -n "$released_by" ]; then return 0; fi
  case ${cfg[release]} in
  after*) ((SECONDS - locked_at < ${cfg[release]#after })) || request_release after ;;
  signal)
    ! kill -0 "$signal_pid" 2>/dev/null || return 0
    if wait "$signal_pid"; then request_release signal; else request_release signal-failed; fi
    signal_pid=""
    ;;
  esac
}

request_release() {
  [ -z "$released_by" ] || return 0
  released_by=$1
  printf 'UNLOCK\n' 2>/dev/null 1>&"$to_agent" || true
}

# The last word. Why it was released is part of it; a release that a failed signal asked for is no good one.
finish() {
  local outcome
  case $1 in
  RELEASED*) if [ "$released_by" = signal-failed ]; then outcome=lost; else outcome=released; fi ;;
  EXPIRED*) outcome=expired ;;
  *) outcome=lost ;;
  esac
  [ -n "$locked_line" ] || outcome=not-locked
  end_session
  # A full disk or a wrong metrics_file must not cost the last word.
  record_run "$outcome" "$locked_line" "$1" || true
  write_result "$outcome by=${released_by:-nobody} $1"
}

# Nothing of ours stays: not ssh (by KILL: it may be stopped, and the agent has had its say), and not a signal command that still waits.
end_session() {
  [ -z "$ssh_pid" ] || kill -KILL "$ssh_pid" 2>/dev/null || true
  ssh_pid=""
  [ -z "$signal_pid" ] || kill -- "-$signal_pid" 2>/dev/null || true
  signal_pid=""
}
