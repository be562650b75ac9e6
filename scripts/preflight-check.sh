#!/usr/bin/env bash
# Checks everything that bacula-openstack-sync needs and changes nothing: OK, WARN, FAIL or SKIP for each check, a summary
# at the end. Exit code 1 when something FAILs. It reads the same environment variables as the program; with those of an
# environment file it is `run-openstack-sync.sh FILE preflight`. Arguments go on to `bacula-openstack-sync preflight`.
set -euo pipefail

program=${OPENSTACK_SYNC_PROGRAM:-bacula-openstack-sync}
if ! command -v "$program" >/dev/null; then
  # Beside this script in a checkout.
  checkout=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
  program=$checkout/bin/bacula-openstack-sync
  if [ ! -x "$program" ]; then
    echo "Binary" >&2
    echo "  FAIL  bacula-openstack-sync is not on PATH" >&2
    echo "        remedy: put it on PATH, or set OPENSTACK_SYNC_PROGRAM to its full path" >&2
    exit 1
  fi
fi
exec "$program" preflight "$@"
