# The hold itself, on MariaDB.

test_mariadb_lock_blocks_writes_until_unlock() {
  q lock $JOB.2026-11-24_05.54.00_04
  is "$rc" 0; says "LOCKED state=locked mode=stage"; says "binary log at GTID"; says "server 10."
  cannot_write
  mariadb --defaults-file=/home/proxy/admin.cnf -e "SELECT COUNT(*) FROM t.i" >/dev/null
  q unlock $JOB.2026-11-24_05.54.00_04
  is "$rc" 0; says "released by unlock, verified"
  can_write
  q unlock $JOB.2026-11-24_05.54.00_04
  is "$rc" 0
}

test_mariadb_release_after_seconds_comes_without_unlock() {
  configure 'drivers = mariadb' 'release = after 2'
  q lock $JOB 17
  is "$rc" 0
  cannot_write
  writes_within 4
  sleep 1
  q unlock $JOB 17
  is "$rc" 0; says "released before the end of the job"
}

test_mariadb_release_by_signal_command() {
  configure 'drivers = mariadb' 'release = signal' 'signal_command = sleep 1; test -n "$QUIESCE_UUID"'
  q lock $JOB 17
  is "$rc" 0
  writes_within 4
  sleep 1
  q unlock $JOB 17
  is "$rc" 0; says "released by signal"
}

test_mariadb_signal_command_that_fails_is_told() {
  configure 'drivers = mariadb' 'release = signal' 'signal_command = false'
  q lock $JOB 17
  writes_within 3
  sleep 1
  q unlock $JOB 17
  is "$rc" 2; says "signal-failed"
}

test_mariadb_unlock_of_another_run_changes_nothing() {
  q lock $JOB 17
  is "$rc" 0
  q lock $JOB 18
  is "$rc" 3; says "run $JOB#17 holds this VM"
  q unlock $JOB 18
  is "$rc" 0; says "not mine"
  cannot_write
  q unlock $JOB 17
  is "$rc" 0; says "released by unlock"
}

test_mariadb_best_effort_goes_on_with_a_warning() {
  write_client_file bq wrong
  configure 'drivers = mariadb' 'policy = best-effort'
  q lock $JOB 17
  is "$rc" 0; says "ERROR 1045"; says "WARNING this backup is only crash-consistent"
  q unlock $JOB 17
  is "$rc" 0; says "was not locked"
}

test_mariadb_wrong_password_stops_the_job() {
  write_client_file bq wrong
  q lock $JOB 17
  is "$rc" 1; says "ERROR 1045"
}

test_mariadb_account_without_reload_stops_the_job() {
  write_client_file weak S3cr3t
  q lock $JOB 17
  is "$rc" 1; says "ERROR 1227"
  q check $JOB
  is "$rc" 1; says "GRANT RELOAD"
}

test_mariadb_password_file_that_others_can_read_is_refused() {
  chmod 644 /home/vmuser/.my.cnf
  q lock $JOB 17
  is "$rc" 1; says "mode must be 0600"
}

test_mariadb_check_locks_nothing() {
  q check $JOB
  is "$rc" 0; says "grants: RELOAD is there"; says "OK"
  can_write
}

test_mariadb_hold_beyond_the_maximum_is_told() {
  configure 'drivers = mariadb' 'max_hold = 3'
  q lock $JOB 17
  is "$rc" 0
  writes_within 5
  q unlock $JOB 17
  is "$rc" 2; says "EXPIRED"
}

test_mariadb_stage_does_not_wait_for_a_long_statement() {
  sql "UPDATE t.slow SET v = v + SLEEP(6)" &
  sleep 0.5
  local begin=$SECONDS
  q lock $JOB 17
  is "$rc" 0
  ((SECONDS - begin <= 4))
  q unlock $JOB 17
  is "$rc" 0
  wait
}

test_mysql_waits_briefly_and_often_behind_a_long_statement() {
  configure 'drivers = mysql' 'lock_wait = 1' 'lock_tries = 2' 'lock_pause = 2'
  sql "UPDATE t.slow SET v = v + SLEEP(12)" &
  sleep 0.5
  q lock $JOB 17 
  is "$rc" 1; says "try 1 of 2"; says "no lock in 2 tries"
  can_write
  wait
  q lock $JOB 18
  is "$rc" 0; says "mode=ftwrl"
  cannot_write
  q unlock $JOB 18
  is "$rc" 0
}

test_mariadb_second_configuration_for_the_same_server_is_refused() {
  printf '\n[vm 11111111-5efb-4efb-bd60-4e038800475d]\nhost = %s\nvolumes = 1\ndrivers = mariadb\n' $VM_ADDRESS >>/home/proxy/quiesce.conf
  q lock $JOB 17
  is "$rc" 0
  rm /var/lib/cloud/data/instance-id
  q lock-vm 11111111-5efb-4efb-bd60-4e038800475d other
  printf '%s\n' $UUID >/var/lib/cloud/data/instance-id
  is "$rc" 1; says "another quiesce holds this server"
  q unlock $JOB 17
  is "$rc" 0
}

test_mariadb_lock_waits_for_the_sync() {
  configure 'drivers = mariadb' 'sync_paths = /srv/data'
  head -c 4M /dev/urandom >/srv/data/dirty
  q lock $JOB 17
  is "$rc" 0; says "sync_ms="
  # Nothing dirty is left on the volume: a new sync has nothing to write.
  local before
  before=$(awk '{print $7}' "/sys/block/$(basename "$(findmnt -no SOURCE /srv/data)")/stat")
  sync -f /srv/data
  is "$(awk '{print $7}' "/sys/block/$(basename "$(findmnt -no SOURCE /srv/data)")/stat")" "$before"
  q unlock $JOB 17
  is "$rc" 0
}

test_records_a_line_a_run_and_metrics() {
  configure 'drivers = mariadb' 'metrics_file = /home/proxy/quiesce.prom'
  q lock $JOB 17
  q unlock $JOB 17
  grep -q "	$JOB#17	$UUID	mariadb	locked	released	" /home/proxy/state/history.tsv
  grep -q "^quiesce_held_seconds{job_name=\"$JOB\"" /home/proxy/quiesce.prom
}

test_a_metrics_file_that_cannot_be_written_costs_nothing_else() {
  configure 'drivers = mariadb' 'metrics_file = /nowhere/quiesce.prom'
  q lock $JOB 17
  is "$rc" 0
  q unlock $JOB 17
  is "$rc" 0; says "released by unlock"
}
