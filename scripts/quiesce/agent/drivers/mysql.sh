# The same as mariadb, by FLUSH TABLES WITH READ LOCK whatever the server is. Sent together with mariadb.sh.
mysql_freeze_default() { mariadb_freeze_default; }
mysql_state() { mariadb_state; }
mysql_open() {
  [ "$mode" != auto ] || mode=ftwrl
  mariadb_open
}
mysql_lock() { mariadb_lock; }
mysql_verify() { mariadb_verify; }
mysql_release() { mariadb_release; }
mysql_drop() { mariadb_drop; }
mysql_check() { mariadb_check; }
