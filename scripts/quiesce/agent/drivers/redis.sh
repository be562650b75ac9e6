# Redis from 6.2: writes are paused, then the data is saved to dump.rdb. The pause ends in the server by itself one
# heartbeat after we last asked for it, so no death of ours can hold it longer. What redis 7.0 can't tell: that somebody
# else ended the pause (CLIENT UNPAUSE).
lock_mode=pause redis_run_id="" paused_at=0

redis_freeze_default() { printf none; }
redis_state() { printf locked; }

# One command; the answer is in `output`.
redis_ask() {
  local limit=$1
  shift
  run_limited "$limit" redis-cli -e --no-auth-warning -h "$redis_host" -p "$redis_port" "$@"
}

# The password goes from a file in the VM to the client's environment and is never an argument.
redis_read_password() {
  local password=""
  [ -n "$redis_password_file" ] || return 0
  [ -r "$redis_password_file" ] || fail "redis: $redis_password_file can't be read (redis_password_file)"
  is_private_file "$redis_password_file" || fail "redis: others can read $redis_password_file; its mode must be 0600"
  read -r password <"$redis_password_file" || true
  export REDISCLI_AUTH=$password
}

redis_failed() {
  still_wanted || abandon
  fail "redis: $1: $output"
}

# The value of one line of INFO in `output`.
redis_info() {
  local line
  while IFS= read -r line; do
    line=${line%$'\r'}
    [ "${line%%:*}" != "$1" ] || { printf '%s' "${line#*:}"; return; }
  done < <(printf '%s\n' "$output")
}

redis_open() {
  command -v redis-cli >/dev/null || fail "redis: redis-cli is not on the search path"
  redis_read_password
  redis_ask 10 INFO server || redis_failed "INFO"
  redis_run_id=$(redis_info run_id)
  local version
  version=$(redis_info redis_version)
  [ -n "$redis_run_id" ] || redis_failed "INFO"
  [[ $version =~ ^([0-9]+)\.([0-9]+) ]] || redis_failed "version"
  ((BASH_REMATCH[1] * 100 + BASH_REMATCH[2] >= 602)) || fail "redis: $version can't pause writes; 6.2 and newer can"
  note "server redis $version, writes paused and data saved"
}

redis_pause() {
  redis_ask 5 CLIENT PAUSE $((heartbeat * 1000)) WRITE || return 1
  clock
  paused_at=$now
}

redis_lock() {
  redis_wait_for_save
  redis_pause || redis_failed "CLIENT PAUSE"
  is_locked=1
  redis_ask 5 BGSAVE || redis_failed "BGSAVE"
  redis_wait_for_save
  [ "$(redis_info rdb_last_bgsave_status)" = ok ] || fail "redis: the save failed; see the server's log"
}

redis_wait_for_save() {
  local began
  clock
  began=$now
  while :; do
    redis_ask 5 INFO persistence || redis_failed "INFO"
    [ "$(redis_info rdb_bgsave_in_progress)" != 0 ] || return 0
    still_wanted || abandon
    ((now - began <= sync_timeout * 1000)) || fail "redis: the save took more than $sync_timeout s (sync_timeout)"
    listen 0.2
    keepalive
  done
}

# Asks for another heartbeat of pause. True when the server is the same one, and the last pause had not run out.
redis_verify() {
  local before=$paused_at
  redis_ask 5 INFO server || return 1
  [ "$(redis_info run_id)" = "$redis_run_id" ] || return 1
  redis_pause || return 1
  ((paused_at - before < heartbeat * 1000))
}

redis_release() { redis_ask 5 CLIENT UNPAUSE; }

# Best effort: the pause ends by itself as well.
redis_drop() {
  ((paused_at > 0)) || return 0
  paused_at=0
  timeout 3 redis-cli --no-auth-warning -h "$redis_host" -p "$redis_port" CLIENT UNPAUSE </dev/null >/dev/null 2>&1
}

redis_check() {
  redis_ask 5 CLIENT PAUSE 1 WRITE || redis_failed "CLIENT PAUSE"
  note "CLIENT PAUSE is allowed"
}
