# Any pair of commands, from the proxy's configuration file, run in the VM by bash. `verify_command` says (exit code 0)
# that the lock is still there; without it the hold is believed, and the log says so.
lock_mode=custom custom_may_be_locked=0

custom_freeze_default() { printf none; }
custom_state() { printf locked; }

custom_open() {
  if [ -z "$lock_command" ] || [ -z "$unlock_command" ]; then fail "custom: lock_command and unlock_command must be set"; fi
  [ -n "$verify_command" ] || note "custom: no verify_command, so nobody asks whether the lock is still there"
}

custom_lock() {
  custom_may_be_locked=1
  run_limited "$command_timeout" bash -c "$lock_command" || { still_wanted || abandon; fail "custom: lock_command: $output"; }
  [ -z "$output" ] || note "lock_command: ${output%$'\n'}"
}

custom_verify() {
  [ -z "$verify_command" ] || run_limited "$command_timeout" bash -c "$verify_command"
}

custom_release() {
  custom_may_be_locked=0
  run_limited "$command_timeout" bash -c "$unlock_command"
}

# The unlock command is called whatever happened to the proxy, with its own time.
custom_drop() {
  ((custom_may_be_locked)) || return 0
  custom_may_be_locked=0
  timeout -k 1 "$command_timeout" bash -c "$unlock_command" </dev/null >/dev/null 2>&1
}

custom_check() { note "custom: the commands are not run by a check"; }
