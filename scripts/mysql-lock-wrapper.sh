#!/usr/bin/env bash
# The white paper's bridge from a Bacula RunScript to the lock (section 7.3): finds the job file of exactly this name and
# its #@uuid:, and locks that VM.
#   mysql-lock-wrapper.sh lock|unlock %j
set -euo pipefail
here=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)
case ${1:-} in
lock | unlock) ;;
*)
  sed -n '4s/^# *//p' "$0"
  exit 64
  ;;
esac
exec "$here/quiesce/quiesce" "$@"
