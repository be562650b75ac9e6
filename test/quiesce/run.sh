#!/usr/bin/env bash
# npm run test:quiesce [part of a test's name]: the quiesce scripts on a real sshd, MariaDB, PostgreSQL and Redis.
# Everything runs in namespaces of its own (mounts, network, processes), so the machine keeps its users, services, ports
# and files; what the machine sees is the cache folder with the packages, and loop devices while it runs.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
if [ "$(id -u)" != 0 ]; then
  echo "npm run test:quiesce needs root: it mounts file systems and starts daemons (in namespaces of its own)." >&2
  exit 1
fi
echo "Touches: ${BACULA_OPENSTACK_SYNC_CACHE:-/var/tmp/bacula-openstack-sync}/quiesce (Debian packages, unpacked), and loop devices while it runs."
"$here/install.sh"
exec unshare --mount --net --pid --ipc --uts --fork --kill-child --mount-proc "$here/inside.sh" "$@"
