#!/bin/sh
# Runs bacula-openstack-sync with the variables of an environment file; for the Admin job of openstack-sync.conf.
#
#   run-openstack-sync.sh [environment file [command and its options]]
#
# Without arguments: /opt/bacula/etc/openstack-sync.env, and the command sync. The file is read by this shell, so it is
# refused when anybody but its owner could write it, and it is to be mode 640, since it may hold the catalog's password.
# The exit code is the program's; an Admin job with FailJobOnError fails when it is not 0.
set -eu

refuse() {
  echo "ERROR: $*" >&2
  exit 2
}

file=${1:-/opt/bacula/etc/openstack-sync.env}
[ $# -eq 0 ] || shift
[ $# -gt 0 ] || set -- sync

[ -f "$file" ] || refuse "there is no environment file $file. Copy openstack-sync.env.example there"
[ -r "$file" ] || refuse "$(id -un) may not read $file. Give it to that user: chown bacula:bacula $file; chmod 640 $file"
case $(stat -L -c %u "$file") in
0 | "$(id -u)") ;;
*) refuse "$file belongs to $(stat -L -c %U "$file"), who could run commands as $(id -un) by it: chown $(id -un) $file" ;;
esac
for path in "$file" "$(dirname "$(readlink -f "$file")")"; do
  mode=$(stat -L -c %a "$path")
  # The last digit is that of others, the one before of the group. A folder's group may be its administrators.
  case $mode in
  *[2367]) refuse "$path has mode $mode, so that others can write it: chmod o-w $path" ;;
  esac
  [ -d "$path" ] && continue
  case $mode in
  *[2367]?) refuse "$path has mode $mode, so that its group can write it: chmod 640 $path" ;;
  *[4567]) echo "WARN: $path has mode $mode, so that others can read it: chmod 640 $path" >&2 ;;
  esac
done

set -a
# shellcheck source=/dev/null
. "$file"
set +a
exec "${OPENSTACK_SYNC_PROGRAM:-bacula-openstack-sync}" "$@"
