#!/usr/bin/env bash
# Puts a real Bacula 15, its PostgreSQL and the stand-in openstack plugin into the cache folder, each part only when it
# is missing: Debian's packages, unpacked beside the system (no chroot, no change of the system but PostgreSQL's own
# package). Cold about 15 s, warm at once. Works as root and, where PostgreSQL is installed, as any user.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${BACULA_OPENSTACK_SYNC_CACHE:-/var/tmp/bacula-openstack-sync}
bacula=$cache/bacula
root=$bacula/root
# Bacula 15 is in Debian 13 (trixie); it brings its own libc, so that the release of this machine does not matter.
release=trixie
packages="bacula-director bacula-director-pgsql bacula-common bacula-common-pgsql bacula-console bacula-fd bacula-sd
 libc6 libstdc++6 libgcc-s1 libssl3t64 libcap2 libwrap0 zlib1g libzstd1 liblzo2-2 libacl1 libpq5 libreadline8t64 libtinfo6
 libldap2 libsasl2-2 libgssapi-krb5-2 libkrb5-3 libk5crypto3 libcom-err2 libkrb5support0 libkeyutils1"
catalog_password=bacpw

. "$here/../debian.sh"
postgresql_bin() { # the newest installed PostgreSQL from 15 on; nothing when there is none
  local found="" folder major
  for folder in $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V); do
    major=$(basename "$(dirname "$folder")")
    if [ -x "$folder/initdb" ] && [ "$major" -ge 15 ]; then found=$folder; fi
  done
  echo "$found"
}
as_postgres() { # PostgreSQL refuses to run as root
  if is_root; then (cd / && setpriv --reuid=postgres --regid=postgres --init-groups -- "$@"); else "$@"; fi
}

install_postgresql() {
  [ -z "$(postgresql_bin)" ] || return 0
  is_root && command -v apt-get >/dev/null ||
    cannot "PostgreSQL 15 or newer" "Install Debian's package postgresql (looked for /usr/lib/postgresql/<15 or more>/bin/initdb)."
  say "installing PostgreSQL (Debian's package postgresql), about 20 seconds ..."
  # Without this the package would also make and start a cluster on port 5432, which nobody asked for.
  local no_cluster=/etc/postgresql-common/createcluster.d/bacula-openstack-sync-testbed.conf
  mkdir -p "$(dirname $no_cluster)"
  echo "create_main_cluster = false" >$no_cluster
  trap "rm -f $no_cluster; rmdir $(dirname $no_cluster) 2>/dev/null || true" EXIT
  install_packages postgresql
  [ -n "$(postgresql_bin)" ] || cannot "PostgreSQL 15 or newer" "This release of Debian has an older one; use Debian 12 or newer."
}

unpack_bacula() {
  [ ! -e "$bacula/root.unpacked" ] || return 0
  say "downloading Bacula 15 from Debian $release, about 10 seconds ..."
  rm -rf "$bacula/debs" "$root"
  mkdir -p "$bacula/debs" "$root"
  open_debian "$bacula/apt" $release "Bacula 15"
  # shellcheck disable=SC2086  # a list of packages
  (cd "$bacula/debs" && apt-get "${debian[@]}" download $packages) >&2 ||
    cannot "Bacula 15" "Debian $release could not be downloaded; see apt's message above."
  for deb in "$bacula"/debs/*.deb; do dpkg -x "$deb" "$root"; done
  rm -rf "$bacula/apt"
  touch "$bacula/root.unpacked"
}

write_programs() { # each runs with the libraries it came with
  local loader libraries program
  loader=$(ls "$root"/usr/lib/*/ld-linux-*.so.* | head -1)
  libraries=$(dirname "$loader"):$root/usr/lib/bacula
  mkdir -p "$bacula/bin"
  for program in bconsole bacula-dir bacula-fd bacula-sd dbcheck; do
    printf '#!/bin/sh\nexec %s --library-path %s --argv0 %s %s "$@"\n' \
      "$loader" "$libraries" "$program" "$root/usr/sbin/$program" >"$bacula/bin/$program.part"
    chmod 755 "$bacula/bin/$program.part"
    mv "$bacula/bin/$program.part" "$bacula/bin/$program"
  done
}

plugin_is_current() {
  [ -f "$bacula/plugins/openstack-fd.so" ] && (cd "$here/plugin" && sha256sum --status -c "$bacula/plugins/sources.sha256") 2>/dev/null
}
compile_plugin() {
  ! plugin_is_current || return 0
  need g++ g++
  say "compiling the stand-in openstack plugin ..."
  mkdir -p "$bacula/plugins" "$bacula/other-plugins"
  cp "$root/usr/lib/bacula/bpipe-fd.so" "$bacula/other-plugins/"
  # Renamed into place: a File Daemon that runs keeps the one it has mapped.
  g++ -shared -fPIC -O1 -I"$here/plugin" -o "$bacula/plugins/openstack.part" "$here/plugin/openstack-fd.c" >&2 ||
    cannot "the stand-in openstack plugin" "The compiler's message is above."
  mv "$bacula/plugins/openstack.part" "$bacula/plugins/openstack-fd.so"
  (cd "$here/plugin" && sha256sum fd_abi.h openstack-fd.c) >"$bacula/plugins/sources.sha256"
}

# An empty catalog of Bacula in a stopped PostgreSQL cluster: every bed starts with a copy of it (0.1 s instead of 4 s).
catalog_is_current() { [ "$(cat "$bacula/catalog-template/made-for" 2>/dev/null)" = "$(postgresql_bin)" ]; }
make_catalog_template() {
  ! catalog_is_current || return 0
  say "making an empty Bacula catalog, about 5 seconds ..."
  local bin template=$bacula/catalog-template socket
  bin=$(postgresql_bin)
  socket=$(mktemp -d /tmp/bos-template.XXXXXX)
  rm -rf "$template"
  mkdir -m 700 "$template"
  (umask 077 && echo "$catalog_password" >"$socket/password")
  if is_root; then chown -R postgres:postgres "$template" "$socket"; fi
  as_postgres "$bin/initdb" -D "$template" -E SQL_ASCII --locale=C -U postgres -A scram-sha-256 \
    --pwfile="$socket/password" --wal-segsize=1 >"$bacula/catalog-template.log"
  # A test bed may forget everything in a power cut.
  cat >>"$template/postgresql.conf" <<CONF
fsync = off
synchronous_commit = off
full_page_writes = off
shared_buffers = 32MB
min_wal_size = 2MB
max_wal_size = 64MB
CONF
  as_postgres "$bin/pg_ctl" -w -s -D "$template" -l "$socket/server.log" \
    -o "-c listen_addresses='' -c unix_socket_directories=$socket" start || cannot "the catalog" "See $socket/server.log."
  (
    export PGHOST=$socket PGUSER=postgres PGPASSWORD=$catalog_password
    "$bin/psql" -qc "CREATE DATABASE bacula ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"
    "$bin/psql" -qc "ALTER DATABASE bacula SET datestyle TO 'ISO, YMD'"
    "$bin/psql" -v ON_ERROR_STOP=1 -qd bacula -f "$root/usr/share/dbconfig-common/data/bacula-director-pgsql/install/pgsql"
    PATH=$bin:$PATH db_name=bacula db_user=bacula db_password=$catalog_password \
      sh "$root/usr/share/bacula-director/grant_postgresql_privileges"
  ) >>"$bacula/catalog-template.log" 2>&1 || cannot "the catalog" "See $bacula/catalog-template.log."
  as_postgres "$bin/pg_ctl" -w -s -m fast -D "$template" stop
  rm -rf "$socket"
  echo "$bin" >"$template/made-for"
}

mkdir -p "$bacula" || cannot "the cache folder $cache" "Set BACULA_OPENSTACK_SYNC_CACHE to a folder that you can write and that user postgres can enter."
is_complete() {
  [ -n "$(postgresql_bin)" ] && [ -e "$bacula/root.unpacked" ] && [ -x "$bacula/bin/dbcheck" ] && plugin_is_current && catalog_is_current
}
is_complete && exit 0
exec 9>"$cache/.install-bacula.lock"
flock -n 9 || { say "waiting for another install of Bacula ..."; flock 9; }
install_postgresql
unpack_bacula
write_programs
compile_plugin
make_catalog_template
say "Bacula is ready in $bacula"
