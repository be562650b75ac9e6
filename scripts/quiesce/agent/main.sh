# The agent: lock, sync, freeze, tell, hold, release. It runs in the VM, for one hold, in the session that ssh opened.
#
#   settings -> open -> lock -> sync -> freeze -> LOCKED -> hold -> RELEASED
#        any step before LOCKED that fails:        FAIL
#        the lock is not what it was:              LOST
#        nobody vouches for the hold any more:     DEADMAN, EXPIRED
#
# Whatever the end is, nothing stays locked, frozen or running.
is_locked=0 sync_ms=0 volume_count=0

drop_all() {
  trap - EXIT
  thaw_disks || true
  "${driver}_drop" 2>/dev/null || true
}

# Ends a hold that nobody vouches for, `unwanted` says why.
abandon() {
  drop_all
  clock
  report "$unwanted held_ms=$((now - wait_began))"
  exit 2
}

lost() {
  drop_all
  clock
  report "LOST $1 held_ms=$((now - wait_began))"
  exit 2
}

verify_hold() {
  "${driver}_verify" || return 1
  verify_freeze
}

hold_state() {
  if ((${#frozen[@]} > 0)); then printf frozen; else "${driver}_state"; fi
}

lock_all() {
  local locked_at
  clock
  wait_began=$now
  "${driver}_lock"
  clock
  is_locked=1 locked_at=$now
  sync_disks
  [ "$freeze" = none ] || freeze_disks
  verify_hold || lost "the lock was gone after the sync:"
  state=$(hold_state)
  if [ "$state" = flushed-only ] && ((volume_count != 1)) && [ "$policy" = required ]; then
    fail "volumes: a flush alone is enough for one volume only, here are $volume_count; set freeze"
  fi
  report "LOCKED state=$state mode=$lock_mode wait_ms=$((locked_at - wait_began)) sync_ms=$sync_ms volumes=$volume_count"
}

hold() {
  local wait_ms
  while :; do
    still_wanted || abandon
    [ "$order" != unlock ] || release
    if ((ping_is_new)); then
      ping_is_new=0
      verify_hold || { still_wanted || abandon; lost "the session that locked is gone:"; }
      report "PONG held_ms=$((now - wait_began))"
    fi
    # Until the next thing that can end the hold.
    wait_ms=$((last_ping + heartbeat * 1000 - now))
    ((wait_ms <= wait_began + max_hold_ms - now)) || wait_ms=$((wait_began + max_hold_ms - now))
    ((wait_ms > 50)) || wait_ms=50
    listen "$((wait_ms / 1000)).$(printf %03d $((wait_ms % 1000)))"
  done
}

# Releases in the opposite order and says so only when the same session held from LOCKED to now.
release() {
  verify_hold || lost "at the release:"
  thaw_disks || lost "a thaw failed:"
  "${driver}_release" || lost "the release failed:"
  drop_all
  clock
  report "RELEASED state=$state held_ms=$((now - wait_began)) verified=yes"
  exit 0
}

main() {
  read_settings
  [[ " $allowed_drivers " == *" $driver "* ]] || fail "settings: this machine allows the drivers $allowed_drivers only"
  [ -n "$freeze" ] || freeze=$("${driver}_freeze_default")
  clock
  last_ping=$now
  trap drop_all EXIT
  trap 'exit 2' HUP TERM INT
  trap '' PIPE
  check_identity
  check_volumes
  "${driver}_open"
  if [ "$verb" = check ]; then
    "${driver}_check"
    report "CHECKED driver=$driver mode=$lock_mode volumes=$volume_count clock=$(date +%s)"
    exit 0
  fi
  lock_all
  hold
}
