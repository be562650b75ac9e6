#!/usr/bin/env bash
# Everything the test beds need, each part only when it is missing.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
"$here/bacula/install.sh"
"$here/kubernetes/install.sh"
"$here/keystone/install.sh"
