# PostgreSQL, Redis and any pair of commands.

test_postgres_checkpoint_is_flushed_only() {
  configure 'drivers = postgres' 'pg_service = quiesce'
  local before
  before=$(pg "SELECT checkpoint_lsn FROM pg_control_checkpoint()")
  pg "INSERT INTO t (v) VALUES ('x')"
  q lock $JOB 17
  is "$rc" 0; says "LOCKED state=flushed-only mode=checkpoint"; says "write-ahead log at"; says "PostgreSQL 1"
  [ "$(pg "SELECT checkpoint_lsn FROM pg_control_checkpoint()")" != "$before" ]
  pg "INSERT INTO t (v) VALUES ('not blocked')"
  q unlock $JOB 17
  is "$rc" 0
}
test_postgres_on_several_volumes_needs_a_freeze() {
  configure 'drivers = postgres' 'pg_service = quiesce' 'volumes = 2' 'several_volumes = warn'
  q lock $JOB 17
  is "$rc" 1; says "a flush alone is enough for one volume only"
  configure 'drivers = postgres' 'pg_service = quiesce' 'volumes = 2' 'freeze = /srv/data /srv/log'
  q lock $JOB 18
  is "$rc" 0; says "state=frozen"
  q unlock $JOB 18
  is "$rc" 0
}
test_postgres_without_the_privilege_stops_the_job() {
  configure 'drivers = postgres' 'pg_service = weak'
  q lock $JOB 17
  is "$rc" 1; says "CHECKPOINT"
  q check $JOB
  is "$rc" 1
}

redis_blocked() { ! timeout 0.7 env REDISCLI_AUTH=RedisS3cr3t redis-cli --no-auth-warning SET k v >/dev/null 2>&1; }
redis_writes_within() {
  local end=$((SECONDS + $1))
  until ! redis_blocked; do ((SECONDS <= end)) || { echo "redis still paused after $1 s"; return 1; }; done
}
lock_redis() {
  configure 'drivers = redis' 'redis_password_file = /home/vmuser/.redis-password'
  redis SET kept "$1" >/dev/null
  q lock $JOB 17
  is "$rc" 0; says "LOCKED state=locked mode=pause"
  redis_blocked
}
test_redis_pauses_writes_and_saves() {
  lock_redis "value of this test"
  grep -q "value of this test" /srv/data/redis/dump.rdb
  # Longer than one pause: it is asked for again with each heartbeat.
  sleep 5
  redis_blocked
  q unlock $JOB 17
  is "$rc" 0
  redis_writes_within 0
}
test_redis_death_of_the_agent() {
  lock_redis x
  hit KILL agent
  redis_writes_within 6
  q unlock $JOB 17
  is "$rc" 2
}
test_redis_restart_is_told() {
  lock_redis x
  redis SHUTDOWN NOSAVE 2>/dev/null || true
  sleep 0.5
  start_redis
  q unlock $JOB 17
  is "$rc" 2; says "lost before its release"
}
test_redis_wrong_password_stops_the_job() {
  configure 'drivers = redis'
  q lock $JOB 17
  is "$rc" 1; says "NOAUTH"
}

test_custom_pair_is_called_and_verified() {
  rm -f /home/vmuser/locked
  configure 'drivers = custom' 'lock_command = touch ~/locked' 'unlock_command = rm ~/locked' 'verify_command = test -e ~/locked'
  q lock $JOB 17
  is "$rc" 0; says "mode=custom"
  test -e /home/vmuser/locked
  q unlock $JOB 17
  is "$rc" 0
  test ! -e /home/vmuser/locked
  q lock $JOB 18
  rm /home/vmuser/locked
  q unlock $JOB 18
  is "$rc" 2
}
test_custom_unlock_command_is_called_when_the_proxy_dies() {
  configure 'drivers = custom' 'lock_command = touch ~/locked' 'unlock_command = rm ~/locked'
  q lock $JOB 17
  is "$rc" 0
  hit KILL holder
  sleep 2
  test ! -e /home/vmuser/locked
  q unlock $JOB 17
  is "$rc" 2
}
test_custom_lock_command_that_fails_stops_the_job() {
  configure 'drivers = custom' 'lock_command = echo no such pool; false' 'unlock_command = true'
  q lock $JOB 17
  is "$rc" 1; says "no such pool"
}
# Here nothing but the agent's own clock can know.
test_custom_unlock_command_is_called_when_the_link_dies() {
  configure 'drivers = custom' 'lock_command = touch ~/locked' 'unlock_command = rm ~/locked'
  q lock $JOB 17
  is "$rc" 0
  cut_link
  sleep 7
  test ! -e /home/vmuser/locked
  q unlock $JOB 17
  mend_link
  is "$rc" 2
}
