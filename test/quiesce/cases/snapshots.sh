# Is the snapshot of a locked database whole? And does the same look see it when the lock or the sync is left out?
readonly SNAPSHOTS=${QUIESCE_SNAPSHOTS:-3}

test_snapshot_of_a_locked_mariadb_is_whole() {
  local driver i rows
  for driver in mariadb mysql; do
    configure "drivers = $driver" 'sync_paths = /srv/data'
    for ((i = 0; i < SNAPSHOTS; i++)); do
      start_load
      q lock $JOB "$i"
      is "$rc" 0
      rows=$(sql "SELECT COUNT(*) FROM t.m")
      snapshot data
      q unlock $JOB "$i"
      is "$rc" 0
      stop_load
      is "$(judge_mariadb "$rows")" good
    done
  done
}

# Another process of the machine may sync at the wrong moment, so each may take a few looks to see it.
seen_to_be_bad() { # a function that sets `verdict`
  local i verdict
  for ((i = 0; i < 5; i++)); do
    "$1"
    echo "$1: $verdict"
    [[ $verdict != corrupt* && $verdict != "rows missing"* ]] || return 0
  done
  return 1
}

snapshot_without_sync() {
  start_load
  on_proxy env QUIESCE_CONF=/home/proxy/quiesce.conf /tmp/unsynced/quiesce lock $JOB "$i"
  local rows
  rows=$(sql "SELECT COUNT(*) FROM t.m")
  snapshot data
  q unlock $JOB "$i"
  stop_load
  verdict=$(judge_mariadb "$rows")
}
test_snapshot_without_sync_is_seen_to_be_bad() {
  cp -r "$repo/scripts/quiesce" /tmp/unsynced
  printf 'sync_disks() { sync_ms=0; }\n' >/tmp/unsynced/agent/sync-disks.sh
  seen_to_be_bad snapshot_without_sync
}

snapshot_without_lock() {
  start_load
  local rows
  rows=$(sql "SELECT COUNT(*) FROM t.m")
  snapshot data
  stop_load
  verdict=$(judge_mariadb "$rows")
}
test_snapshot_without_lock_is_seen_to_be_bad() { seen_to_be_bad snapshot_without_lock; }

# A second PostgreSQL, its write-ahead log on another volume.
make_split_postgres() {
  rm -rf /srv/data/split /srv/log/wal
  mkdir -m 700 /srv/data/split /srv/log/wal
  mkdir -p /run/split /run/split-restored
  chown postgres: /srv/data/split /srv/log/wal /run/split /run/split-restored
  as_postgres "$postgres_bin/initdb" -D /srv/data/split -X /srv/log/wal -U postgres -A trust --wal-segsize=1 >/dev/null 2>&1
  printf '%s\n' "listen_addresses=''" "unix_socket_directories='/run/split'" "shared_buffers=16MB" "min_wal_size=2MB" \
    "max_wal_size=4MB" >>/srv/data/split/postgresql.conf
  start_postgres /srv/data/split
  PG_SOCKET=/run/split pg "CREATE EXTENSION amcheck; CREATE TABLE l (n bigserial PRIMARY KEY, v text)"
  (while :; do PG_SOCKET=/run/split pg "INSERT INTO l (v) SELECT repeat('x', 200) FROM generate_series(1, 500); CHECKPOINT" || break; sleep 0.05; done) >/dev/null 2>&1 &
  split_load=$!
  sleep 0.5
}
drop_split_postgres() {
  kill "$split_load" 2>/dev/null || true
  as_postgres "$postgres_bin/pg_ctl" -w -s -m immediate -D /srv/data/split stop || true
  rm -rf /srv/data/split /srv/log/wal
}
# Says `good` when the two copies together start and the index holds all rows.
judge_split_postgres() {
  local verdict=good
  mount_snapshot data
  mount_snapshot log
  ln -sfn /srv/restored-log/wal /srv/restored-data/split/pg_wal
  rm -f /srv/restored-data/split/postmaster.pid
  sed -i "s#/run/split#/run/split-restored#" /srv/restored-data/split/postgresql.conf
  if ! start_postgres /srv/restored-data/split; then
    verdict="does not start"
  else
    PG_SOCKET=/run/split-restored pg "SELECT bt_index_parent_check('l_pkey', true)" >/dev/null 2>&1 || verdict=corrupt
    as_postgres "$postgres_bin/pg_ctl" -w -s -m immediate -D /srv/restored-data/split stop || true
  fi
  drop_snapshot data
  drop_snapshot log
  printf '%s' "$verdict"
}

test_snapshot_of_a_frozen_postgres_on_two_volumes_is_whole() {
  local i
  configure 'drivers = fsfreeze' 'freeze = /srv/data /srv/log'
  make_split_postgres
  for ((i = 0; i < SNAPSHOTS; i++)); do
    sleep 0.5
    q lock $JOB "$i"
    is "$rc" 0
    if ((i % 2)); then snapshot log; else snapshot data; fi
    sleep 1.5
    if ((i % 2)); then snapshot data; else snapshot log; fi
    q unlock $JOB "$i"
    is "$rc" 0
    is "$(judge_split_postgres)" good
  done
  drop_split_postgres
}

test_snapshot_of_two_volumes_without_a_freeze_is_seen_to_be_bad() {
  make_split_postgres
  local verdict
  snapshot log
  sleep 1.5
  snapshot data
  verdict=$(judge_split_postgres)
  drop_split_postgres
  echo "without a freeze: $verdict"
  [ "$verdict" = "does not start" ]
}
