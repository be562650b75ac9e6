# The scripts as shells read them: the agent and the proxy's side each as one text.

# SC2154, SC2034: variables that cross files, in the tests, which are put together only when they run.
test_shellcheck_finds_nothing() {
  local folder=$repo/scripts/quiesce
  # shellcheck disable=SC2046  # a list of drivers
  "$folder/quiesce" print-agent $(basename -a -s .sh "$folder"/agent/drivers/*.sh) >/tmp/agent
  { cat "$folder/quiesce" "$folder"/proxy/*.sh; } >/tmp/proxy
  shellcheck -s bash /tmp/agent /tmp/proxy "$repo"/scripts/*.sh "$repo"/test/quiesce/*.sh
  shellcheck -s bash -e SC2034,SC2154,SC2086,SC2119,SC2120,SC2016 "$repo"/test/quiesce/lib/*.sh "$repo"/test/quiesce/cases/*.sh
}
