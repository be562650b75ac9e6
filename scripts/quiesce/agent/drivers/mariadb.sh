# MariaDB and MySQL. Two ways to lock, chosen by the server's version:
#   stage  BACKUP STAGE START, BLOCK_COMMIT: MariaDB from 10.4.1; does not wait for long statements
#   ftwrl  FLUSH TABLES WITH READ LOCK: all others; while it waits, all writes wait too, so it waits briefly and often
# Needs the privilege RELOAD; with MySQL 8 also BACKUP_ADMIN.
lock_mode="" server_version="" session_id=""

mariadb_freeze_default() { printf none; }
mariadb_state() { printf locked; }

mariadb_session() {
  local client options=()
  client=$(command -v mariadb || command -v mysql) || fail "database: neither mariadb nor mysql is on the search path"
  if [ "$defaults_file" != none ]; then
    local file=${defaults_file:-$HOME/.my.cnf}
    [ -r "$file" ] || fail "database: $file can't be read (defaults_file)"
    is_private_file "$file" || fail "database: others can read $file; its mode must be 0600"
    options=("--defaults-file=$file")
  fi
  sql_start "$client" "${options[@]}" --skip-reconnect -N -n -B
  sql_ask "SET SESSION lock_wait_timeout=$lock_wait, wait_timeout=$heartbeat;
SELECT CONNECTION_ID(), VERSION();" 10 || mariadb_failed "connect"
  session_id=${answer[0]%%$'\t'*} server_version=${answer[0]#*$'\t'}
}

# Ends the agent with what the client said.
mariadb_failed() {
  still_wanted || abandon
  fail "database: $1: ${answer[*]-}"
}

mariadb_open() {
  mariadb_session
  choose_lock_mode
  refuse_galera
  note "server $server_version, lock by $lock_mode, connection $session_id"
}

choose_lock_mode() {
  lock_mode=$mode
  case $mode in
  auto) ;;
  stage | ftwrl) return ;;
  *) fail "database: mode is \"$mode\"; allowed: auto, stage, ftwrl" ;;
  esac
  lock_mode=ftwrl
  if [[ $server_version =~ ^([0-9]+)\.([0-9]+)\.([0-9]+).*MariaDB ]]; then
    local number=$((BASH_REMATCH[1] * 1000000 + BASH_REMATCH[2] * 1000 + BASH_REMATCH[3]))
    ((number < 10004001)) || lock_mode=stage
  fi
}

# A locked node stalls its whole cluster by flow control.
refuse_galera() {
  sql_ask "SHOW GLOBAL VARIABLES LIKE 'wsrep_on';" 10 || mariadb_failed "variables"
  [[ ${answer[0]-} != wsrep_on*ON ]] || fail "database: this is a Galera node; a lock here stalls the whole cluster"
}

lock_statements() {
  case $lock_mode in
  stage) printf 'BACKUP STAGE START; BACKUP STAGE BLOCK_COMMIT;' ;;
  ftwrl)
    if [[ $server_version != *MariaDB* && $server_version =~ ^([8-9]|[1-9][0-9])\. ]]; then
      printf 'LOCK INSTANCE FOR BACKUP; '
    fi
    printf 'FLUSH TABLES WITH READ LOCK;'
    ;;
  esac
}

# Locks, or ends the agent. A lock that does not come in time is given back at once with its session, so that the
# writes behind it go on, and asked for again.
mariadb_lock() {
  local try statements
  statements=$(lock_statements)
  for ((try = 1; try <= lock_tries; try++)); do
    [ -n "$sql_pid" ] || mariadb_session
    sql_ask "SELECT GET_LOCK('bacula_quiesce', 0);" 10 || mariadb_failed "guard"
    [ "${answer[0]-}" = 1 ] || fail "database: another quiesce holds this server"
    if sql_ask "$statements" $((lock_wait + 5)); then
      note_position
      return
    fi
    still_wanted || abandon
    [ "$(sql_error)" = 1205 ] || mariadb_failed "lock"
    sql_stop
    note "try $try of $lock_tries: a statement held the lock for more than $lock_wait s"
    ((try == lock_tries)) || listen "$lock_pause"
  done
  fail "database: no lock in $lock_tries tries of $lock_wait s; see SHOW PROCESSLIST for the long statement"
}

# Where the binary log stands, for a restore up to a moment. Not every account may ask.
note_position() {
  local line
  for line in "SELECT CONCAT('GTID ', @@gtid_binlog_pos)" "SELECT CONCAT('GTID executed ', @@gtid_executed)"; do
    [[ $line == *gtid_binlog_pos* ]] && [[ $server_version != *MariaDB* ]] && continue
    [[ $line == *gtid_executed* ]] && [[ $server_version == *MariaDB* ]] && continue
    sql_ask "$line;" 5 || mariadb_failed "position"
    [ -z "${answer[0]-}" ] || note "binary log at ${answer[0]}"
  done
}

# True when the session is the one that locked, and still has its guard.
mariadb_verify() {
  sql_ask "SELECT CONNECTION_ID() = $session_id AND IS_USED_LOCK('bacula_quiesce') = $session_id;" 5 || return 1
  [ "${answer[0]-}" = 1 ]
}

mariadb_release() {
  if [ "$lock_mode" = stage ]; then sql_ask "BACKUP STAGE END;" 10; else sql_ask "UNLOCK TABLES;" 10; fi
}

mariadb_drop() { sql_stop; }

mariadb_check() {
  sql_ask "SHOW GRANTS;" 10 || mariadb_failed "grants"
  case "${answer[*]-}" in
  *RELOAD* | *"ALL PRIVILEGES ON *.*"*) note "grants: RELOAD is there" ;;
  *) fail "database: the account lacks RELOAD: GRANT RELOAD ON *.* TO this account" ;;
  esac
  sql_ask "SELECT COUNT(*) FROM information_schema.processlist WHERE command = 'Query' AND time > $lock_wait;" 10 ||
    mariadb_failed "statements"
  note "statements that run for more than $lock_wait s (as far as this account sees): ${answer[0]-}"
}
