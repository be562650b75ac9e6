#!/usr/bin/env bash
# The white paper's script (section 7.3): locks MySQL or MariaDB in one VM until `unlock`, or until the configuration
# releases it. All addresses and accounts come from quiesce's configuration file.
#   mysql-lock.sh lock|unlock <uuid of the VM> [run]
set -euo pipefail
here=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)
case ${1:-} in
lock | unlock) ;;
*)
  sed -n '4s/^# *//p' "$0"
  exit 64
  ;;
esac
exec "$here/quiesce/quiesce" "$1-vm" "${2:?the uuid of the VM}" "${3:-mysql-lock}"
