#!/usr/bin/env bash
# Puts a real Keystone (Debian's package, with its own Python and libc) into the cache folder, unpacked beside the
# system, and a bootstrapped SQLite database that every bed starts with a copy of. Cold about 45 s, warm at once; any user.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${BACULA_OPENSTACK_SYNC_CACHE:-/var/tmp/bacula-openstack-sync}
keystone=$cache/keystone
root=$keystone/root
release=trixie
. "$here/../debian.sh"

unpack_keystone() {
  [ ! -e "$keystone/root.unpacked" ] || return 0
  say "downloading Keystone from Debian $release, about 30 seconds (75 MB) ..."
  rm -rf "$root"
  mkdir -p "$root"
  open_debian "$keystone/apt" $release Keystone
  apt-get "${debian[@]}" --no-install-recommends --download-only -y install python3-keystone >&2 ||
    cannot Keystone "Debian $release could not be downloaded; see apt's message above."
  for deb in "$keystone"/apt/cache/archives/*.deb; do dpkg -x "$deb" "$root"; done
  rm -rf "$keystone/apt" "$root/usr/share/doc" "$root/usr/share/man" "$root/usr/share/locale"
  touch "$keystone/root.unpacked"
}

write_python() { # runs with the libraries it came with
  local loader libraries python
  loader=$(ls "$root"/usr/lib/*/ld-linux-*.so.* | head -1)
  libraries=$(dirname "$loader")
  python=$root/usr/bin/$(readlink "$root/usr/bin/python3")
  printf '#!/bin/sh\nPYTHONHOME=%s/usr exec %s --library-path %s --argv0 %s %s "$@"\n' \
    "$root" "$loader" "$libraries" "$python" "$python" >"$keystone/python.part"
  chmod 755 "$keystone/python.part"
  mv "$keystone/python.part" "$keystone/python"
}

scripts() { cat "$here/install.sh" "$here/write-conf.sh" | sha256sum; }
is_made() { [ "$(cat "$keystone/template.made" 2>/dev/null)" = "$(scripts)" ]; }

# Paths in keystone.conf are those of a bed; `keystone-bed.ts` writes it anew for each.
make_template() {
  ! is_made || return 0
  say "bootstrapping a Keystone, about 15 seconds ..."
  local template=$keystone/template user group
  user=$(id -un)
  group=$(id -gn)
  rm -rf "$template"
  mkdir -m 700 "$template" "$template/fernet-keys" "$template/credential-keys"
  "$here/write-conf.sh" "$template" >"$template/keystone.conf"
  manage() {
    "$keystone/python" "$root/usr/bin/keystone-manage" --config-file "$template/keystone.conf" "$@" \
      >>"$keystone/template.log" 2>&1 || cannot Keystone "See $keystone/template.log."
  }
  manage db_sync
  manage fernet_setup --keystone-user "$user" --keystone-group "$group"
  manage credential_setup --keystone-user "$user" --keystone-group "$group"
  manage bootstrap --bootstrap-password adminpw --bootstrap-region-id RegionOne
  # Keystone writes while a reading session of its own is still open, which would lock it out.
  "$keystone/python" -c "import sqlite3; sqlite3.connect('$template/keystone.db').execute('PRAGMA journal_mode = WAL')"
  scripts >"$keystone/template.made"
}

mkdir -p "$keystone" || cannot "the cache folder $cache" "Set BACULA_OPENSTACK_SYNC_CACHE to a folder that you can write."
! is_made || exit 0
exec 9>"$cache/.install-keystone.lock"
flock -n 9 || { say "waiting for another install of Keystone ..."; flock 9; }
unpack_keystone
write_python
make_template
say "Keystone is ready in $keystone"
