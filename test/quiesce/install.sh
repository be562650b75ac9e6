#!/usr/bin/env bash
# Puts the real parts of the quiesce tests into the cache folder, when they are missing: Debian's own packages of sshd,
# MariaDB, Redis, sudo and shellcheck, unpacked and not installed. PostgreSQL is the one of the test bed.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${BACULA_OPENSTACK_SYNC_CACHE:-/var/tmp/bacula-openstack-sync}/quiesce
packages="openssh-server openssh-client libwrap0 libcbor0.8 libfido2-1 mariadb-server-core mariadb-client-core libmariadb3
 mariadb-common mysql-common liburing2 libaio1 libsnappy1v5 redis-server redis-tools libjemalloc2 liblzf1 liblua5.1-0 lua-cjson lua-bitop
 sudo shellcheck"

say() { echo "quiesce tests: $*" >&2; }
[ "$(id -u)" = 0 ] || { say "root is needed"; exit 1; }
compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || "$here/../../hack/testbed/bacula/install.sh"
[ ! -e "$cache/unpacked" ] || exit 0
mkdir -p "$cache"
exec 9>"$cache/.install.lock"
flock 9
[ ! -e "$cache/unpacked" ] || exit 0
say "downloading the packages of sshd, MariaDB, Redis, sudo and shellcheck, about 10 seconds ..."
rm -rf "$cache/debs" "$cache/root"
mkdir -p "$cache/debs" "$cache/root"
apt-get -qq update >&2 || true
# shellcheck disable=SC2086  # a list of packages
(cd "$cache/debs" && apt-get -qq -o APT::Sandbox::User=root download $packages >&2) ||
  { say "the packages could not be downloaded; this needs Debian 12 and its mirror"; exit 1; }
for deb in "$cache"/debs/*.deb; do dpkg -x "$deb" "$cache/root"; done
# /lib is /usr/lib on the machine that sees them.
for folder in lib sbin bin; do
  [ ! -d "$cache/root/$folder" ] || { mkdir -p "$cache/root/usr/$folder" && cp -a "$cache/root/$folder/." "$cache/root/usr/$folder/"; }
done
rm -rf "$cache/debs"
touch "$cache/unpacked"
