# Whoever dies or stops: writes flow again within a heartbeat and 2 seconds, unlock says 2, and the next lock works.

locked() {
  q lock $JOB 17
  is "$rc" 0
  cannot_write
}
lost_and_usable_again() {
  writes_within 6
  q unlock $JOB 17
  is "$rc" 2; says "lost before its release"
  nothing_left
  q lock $JOB 18
  is "$rc" 0
  cannot_write
  q unlock $JOB 18
  is "$rc" 0
}

# A death that the other side can see must not cost a heartbeat.
seen_at_once() {
  configure 'drivers = mariadb' 'heartbeat = 16'
  locked
  hit KILL "$1"
  writes_within 4
  lost_and_usable_again
}
test_death_of_the_holder() { seen_at_once holder; }
test_death_of_ssh() { seen_at_once ssh; }
test_death_of_sshd() { seen_at_once sshd; }
test_death_of_the_agent() { seen_at_once agent; }
test_death_of_the_client() { seen_at_once client; }
test_stop_of_the_holder() {
  locked
  hit STOP holder
  writes_within 6
  q unlock $JOB 17
  is "$rc" 2
  lost_again_after
}
test_stop_of_ssh() { locked; hit STOP ssh; lost_and_usable_again; }
test_stop_of_the_agent() {
  locked
  hit STOP agent
  writes_within 6
  q unlock $JOB 17
  is "$rc" 2
  # What is stopped can't end; its session has ended around it.
  hit KILL agent
  lost_again_after
}
lost_again_after() {
  nothing_left
  q lock $JOB 18
  is "$rc" 0
  q unlock $JOB 18
  is "$rc" 0
}

test_death_of_the_link() {
  locked
  cut_link
  writes_within 6
  q unlock $JOB 17
  is "$rc" 2
  mend_link
  lost_again_after
}

test_restart_of_the_database() {
  locked
  stop_mariadb
  start_mariadb
  lost_and_usable_again
}

test_kill_of_the_session_by_a_dba() {
  locked
  sql "KILL $(sql "SELECT id FROM information_schema.processlist WHERE user = 'bq'")"
  lost_and_usable_again
}

test_stop_of_the_database() {
  locked
  pkill -STOP mariadbd
  sleep 12
  pkill -CONT mariadbd
  lost_and_usable_again
}

test_death_of_lock_while_it_waits() {
  configure 'drivers = mysql' 'lock_wait = 3'
  sql "UPDATE t.slow SET v = v + SLEEP(6)" &
  sleep 0.5
  q lock $JOB 17 &
  sleep 1.5
  hit TERM lock
  writes_within 4
  wait
  q unlock $JOB 17
  nothing_left
}

test_death_of_the_holder_while_it_waits() {
  configure 'drivers = mysql' 'lock_wait = 5'
  sql "UPDATE t.slow SET v = v + SLEEP(8)" &
  sleep 0.5
  q lock $JOB 17 >/tmp/waiting 2>&1 &
  sleep 1.5
  hit KILL holder
  # The statement itself still holds its rows; an insert elsewhere is free at once.
  writes_within 2
  wait
  grep -q 'exit code 1' /tmp/waiting
}

test_deadline_ends_a_lock_that_hangs() {
  configure 'drivers = custom' 'lock_command = sleep 50' 'unlock_command = true' 'command_timeout = 60' 'deadline = 3'
  local begin=$SECONDS
  q lock $JOB 17
  is "$rc" 1; says "deadline"
  ((SECONDS - begin <= 6))
}

# Nobody called unlock, and the holder can't end by itself: the next lock after its time ends it.
test_stuck_holder_is_ended_by_the_next_lock_after_its_time() {
  locked
  hit STOP holder
  q lock $JOB 18
  is "$rc" 3
  printf '1\n' >"/home/proxy/state/$UUID/run-$JOB#17/ends"
  q lock $JOB 19
  is "$rc" 0; says "is stuck; it is ended"
  q unlock $JOB 17
  is "$rc" 2
  q unlock $JOB 19
  is "$rc" 0
}
