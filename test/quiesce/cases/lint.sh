# The scripts as shells read them: the agent and the proxy's side each as one text.

# SC2154, SC2034: variables that cross files; the texts are put together only when they run.
test_shellcheck_finds_nothing() {
  local folder=$repo/scripts/quiesce
  # shellcheck disable=SC2046  # a list of drivers
  "$folder/quiesce" print-agent $(ls "$folder/agent/drivers" | sed 's/\.sh$//') >/tmp/agent
  { cat "$folder/quiesce" "$folder"/proxy/*.sh; } >/tmp/proxy
  shellcheck -s bash /tmp/agent /tmp/proxy "$repo"/scripts/*.sh "$repo"/test/quiesce/*.sh
}
