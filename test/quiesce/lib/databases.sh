# Real servers, with their data on the volume /srv/data, their sockets in /run.

make_databases() {
  make_mariadb || { echo "MariaDB does not start"; return 1; }
  make_postgres || { echo "PostgreSQL does not start"; cat /tmp/logs/pg_ctl /tmp/logs/postgres; return 1; }
  make_redis || { echo "Redis does not start"; cat /tmp/logs/redis; return 1; }
}

make_mariadb() {
  mkdir -p /srv/data/mysql
  mkdir -p /run/mysqld
  chown mysql:mysql /srv/data/mysql /run/mysqld
  cat >/run/mariadb.cnf <<'CONF'
[mariadbd]
user=mysql
datadir=/srv/data/mysql
socket=/run/mysqld/mysqld.sock
pid-file=/run/mysqld/mysqld.pid
skip-networking
log-bin=binlog
innodb_buffer_pool_size=32M
innodb_log_file_size=16M
CONF
  printf '[client]\nsocket=/run/mysqld/mysqld.sock\nuser=root\n' >/home/proxy/admin.cnf
  mariadb-install-db --defaults-file=/run/mariadb.cnf --auth-root-authentication-method=normal --skip-test-db >/tmp/logs/mariadb-install 2>&1 || { cat /tmp/logs/mariadb-install; return 1; }
  start_mariadb || return 1
  sql "CREATE DATABASE t; CREATE TABLE t.i (n INT AUTO_INCREMENT PRIMARY KEY, v VARCHAR(200)) ENGINE=InnoDB;
CREATE TABLE t.m (n INT AUTO_INCREMENT PRIMARY KEY, v VARCHAR(200)) ENGINE=MyISAM;
CREATE TABLE t.slow (v INT); INSERT INTO t.slow VALUES (1);
CREATE USER bq@localhost IDENTIFIED BY 'S3cr3t'; GRANT RELOAD ON *.* TO bq@localhost;
CREATE USER weak@localhost IDENTIFIED BY 'S3cr3t';"
  write_client_file bq S3cr3t
}
write_client_file() { # account, password
  printf '[client]\nsocket=/run/mysqld/mysqld.sock\nuser=%s\npassword=%s\n' "$1" "$2" >/home/vmuser/.my.cnf
  chmod 600 /home/vmuser/.my.cnf
  chown vmuser:vmuser /home/vmuser/.my.cnf
}
start_mariadb() { # [options file] [socket]
  setsid mariadbd --defaults-file="${1:-/run/mariadb.cnf}" </dev/null >>/tmp/logs/mariadbd 2>&1 9>&- &
  local i
  for ((i = 0; i < 300; i++)); do
    if mariadb --no-defaults -u root -S "${2:-/run/mysqld/mysqld.sock}" -e 'SELECT 1' >/dev/null 2>&1; then return 0; fi
    kill -0 $! 2>/dev/null || break
    sleep 0.1
  done
  tail -20 /tmp/logs/mariadbd
  return 1
}
stop_mariadb() { # [signal]
  local pid i
  pid=$(cat /run/mysqld/mysqld.pid)
  kill "-${1:-TERM}" "$pid"
  for ((i = 0; i < 200; i++)); do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
}
sql() { mariadb --defaults-file=/home/proxy/admin.cnf -N -B -e "$1"; }

make_postgres() {
  mkdir -m 700 /srv/data/postgres
  chown postgres: /srv/data/postgres
  touch /tmp/logs/postgres && chown postgres: /tmp/logs/postgres
  printf '%s' PgS3cr3t >/run/pg-password
  chmod 644 /run/pg-password
  as_postgres "$postgres_bin/initdb" -D /srv/data/postgres -U postgres -A scram-sha-256 --pwfile=/run/pg-password -k --wal-segsize=1 >/tmp/logs/initdb 2>&1 || { cat /tmp/logs/initdb; return 1; }
  printf '%s\n' "listen_addresses=''" "unix_socket_directories='/run/postgresql'" "shared_buffers=32MB" \
    "min_wal_size=2MB" "max_wal_size=32MB" >>/srv/data/postgres/postgresql.conf
  start_postgres || return 1
  pg "CREATE ROLE bq LOGIN PASSWORD 'PgS3cr3t'" && pg "GRANT pg_checkpoint TO bq" && pg "CREATE ROLE weak LOGIN PASSWORD 'PgS3cr3t'" &&
    pg "CREATE TABLE t (n serial PRIMARY KEY, v text)"
  printf '*:*:*:bq:PgS3cr3t\n*:*:*:weak:PgS3cr3t\n' >/home/vmuser/.pgpass
  printf '[quiesce]\nhost=/run/postgresql\nuser=bq\ndbname=postgres\n[weak]\nhost=/run/postgresql\nuser=weak\ndbname=postgres\n' >/home/vmuser/.pg_service.conf
  chmod 600 /home/vmuser/.pgpass
  chown vmuser:vmuser /home/vmuser/.pgpass /home/vmuser/.pg_service.conf
}
as_postgres() { (cd / && setpriv --reuid=postgres --regid=postgres --init-groups -- "$@"); }
start_postgres() { as_postgres "$postgres_bin/pg_ctl" -w -s -D "${1:-/srv/data/postgres}" -l /tmp/logs/postgres ${2:+-o "$2"} start </dev/null >/tmp/logs/pg_ctl 2>&1; }
pg() { PGPASSWORD=PgS3cr3t "$postgres_bin/psql" -X -h "${PG_SOCKET:-/run/postgresql}" -U postgres -Atq -v ON_ERROR_STOP=1 -c "$1"; }

make_redis() {
  mkdir -p /srv/data/redis
  chown redis: /srv/data/redis
  touch /tmp/logs/redis && chown redis: /tmp/logs/redis
  printf '%s\n' 'bind 127.0.0.1' 'port 6379' 'daemonize yes' 'dir /srv/data/redis' 'requirepass RedisS3cr3t' \
    'logfile /tmp/logs/redis' 'pidfile /srv/data/redis/pid' 'save ""' >/run/redis.conf
  printf 'RedisS3cr3t\n' >/home/vmuser/.redis-password
  chmod 600 /home/vmuser/.redis-password
  chown vmuser: /home/vmuser/.redis-password
  start_redis
}
start_redis() {
  (cd / && setpriv --reuid=redis --regid=redis --clear-groups -- redis-server /run/redis.conf >/dev/null) || return 1
  local i
  for ((i = 0; i < 50; i++)); do [ "$(redis PING 2>/dev/null)" != PONG ] || return 0; sleep 0.1; done
  return 1
}
redis() { REDISCLI_AUTH=RedisS3cr3t redis-cli --no-auth-warning "$@"; }
