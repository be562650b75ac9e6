# Block snapshots as a cloud makes them: a copy of the volume's image while everything runs. A copy is then mounted and
# its database started, as a restore would.

snapshot() { cp --sparse=always "/srv/images/$1.img" "/srv/images/$1.copy"; }
mount_snapshot() { # volume; lands in /srv/restored-<volume>
  mkdir -p "/srv/restored-$1"
  mount -o loop "/srv/images/$1.copy" "/srv/restored-$1"
}
drop_snapshot() {
  umount "/srv/restored-$1" 2>/dev/null || true
  rm -f "/srv/images/$1.copy"
}

# Writes all the time to an InnoDB and a MyISAM table, until stop_load.
start_load() {
  (while :; do printf "INSERT INTO t.i (v) VALUES (REPEAT('x', 150)); INSERT INTO t.m (v) VALUES (REPEAT('x', 150));\n"; sleep 0.01; done) |
    mariadb --defaults-file=/home/proxy/admin.cnf &
  load=$!
  sql "USE t; INSERT INTO t.m (v) SELECT REPEAT('x', 150) FROM seq_1_to_500; INSERT INTO t.i (v) SELECT REPEAT('x', 150) FROM seq_1_to_500"
}
stop_load() {
  kill "$load" 2>/dev/null || true
  wait "$load" 2>/dev/null || true
}

# Says `good` when the restored MariaDB starts, all its tables are well and the MyISAM table has at least $1 rows.
judge_mariadb() {
  local verdict=good rows
  mount_snapshot data
  sed -e 's#/srv/data#/srv/restored-data#; s#mysqld\.#restored.#' /run/mariadb.cnf >/run/restored.cnf
  if ! start_mariadb /run/restored.cnf /run/mysqld/restored.sock >&2; then
    verdict="does not start"
  else
    local ask=(mariadb --no-defaults -u root -S /run/mysqld/restored.sock -N -B -e)
    rows=$("${ask[@]}" "CHECK TABLE t.i EXTENDED; CHECK TABLE t.m EXTENDED" | awk '$3 != "status" || $4 != "OK"' | head -3)
    [ -z "$rows" ] || verdict="corrupt: $rows"
    if [ "$verdict" = good ]; then
      rows=$("${ask[@]}" "SELECT COUNT(*) FROM t.m")
      ((rows >= $1)) || verdict="rows missing: $rows of $1"
    fi
    kill -KILL "$(cat /run/mysqld/restored.pid)"
    sleep 0.3
  fi
  drop_snapshot data
  printf '%s' "$verdict"
}
