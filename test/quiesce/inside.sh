#!/usr/bin/env bash
# Inside the namespaces: makes the machine, runs every test_* of cases/ and ends with `N passed, N failed`.
# shellcheck disable=SC1090,SC1091,SC2034  # the parts are read by name; repo is theirs
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repo=$(cd "$here/../.." && pwd)
export LC_ALL=C PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
for part in machine databases snapshots expect; do . "$here/lib/$part.sh"; done
for part in "$here"/cases/*.sh; do . "$part"; done

pattern=${1:-}
make_machine || { echo "the machine of the tests could not be made"; exit 1; }
passed=0 failed=0
for name in $(declare -F | sed -n 's/^declare -f \(test_.*\)/\1/p' | grep -- "${pattern:-.}"); do
  begin=$SECONDS
  log=/tmp/logs/$name
  (
    set -euo pipefail
    before_test
    "$name"
    after_test
  ) >"$log" 2>&1
  # Not `if ( ... )`: there the shell would not stop at the first command that fails.
  code=$?
  if [ "$code" = 0 ]; then
    passed=$((passed + 1))
    printf 'ok      %s (%s s)\n' "${name#test_}" $((SECONDS - begin))
  else
    failed=$((failed + 1))
    printf 'FAILED  %s (%s s)\n' "${name#test_}" $((SECONDS - begin))
    sed 's/^/        /' "$log" | tail -40
    clean_up_after_failure
  fi
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
