# PostgreSQL. A snapshot of one volume is a crash that it recovers from by design; a CHECKPOINT makes that quick. Nothing
# is locked, and the state says so: flushed-only. On several volumes only a freeze helps (the setting `freeze`).
# Backup mode (pg_backup_start) is not used: without a WAL archive a restore from it does not start.
# Needs CHECKPOINT: GRANT pg_checkpoint (PostgreSQL 15), or a superuser.
lock_mode=checkpoint

postgres_freeze_default() { printf none; }
postgres_state() { printf flushed-only; }

# One statement in a session of its own; the answer is in `output`. Passwords come from the account's .pgpass only.
postgres_ask() {
  local limit=$1 service=()
  [ -z "$pg_service" ] || service=("service=$pg_service")
  ((${#service[@]})) || service=("dbname=$pg_database")
  run_limited "$limit" env PGCONNECT_TIMEOUT=5 PGCLIENTENCODING=UTF8 psql -X -w -q -A -t -v ON_ERROR_STOP=1 \
    -d "${service[0]}" -c "$2"
}

postgres_failed() {
  still_wanted || abandon
  fail "database: $1: $output"
}

postgres_open() {
  command -v psql >/dev/null || fail "database: psql is not on the search path"
  postgres_ask 10 "SELECT version()" || postgres_failed "connect"
  note "server ${output%%,*}, $lock_mode${freeze:+, freeze $freeze}"
}

postgres_lock() {
  local began
  clock
  began=$now
  postgres_ask "$sync_timeout" "CHECKPOINT" || postgres_failed "CHECKPOINT"
  clock
  note "checkpoint took $((now - began)) ms"
  postgres_ask 10 "SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END" ||
    postgres_failed "position"
  note "write-ahead log at ${output%$'\n'}"
}

# Nothing is held in the server, so nothing can be lost there.
postgres_verify() { return 0; }
postgres_release() { return 0; }
postgres_drop() { return 0; }

postgres_check() {
  postgres_ask 60 "CHECKPOINT" || postgres_failed "CHECKPOINT"
  note "CHECKPOINT is allowed"
}
