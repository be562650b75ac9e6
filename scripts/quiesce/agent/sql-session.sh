# One session of a command line client that stays open: the lock belongs to it and ends with it.
sql_pid="" sql_in="" sql_out="" sql_text="" marks=0
answer=()

# Starts the client. Its input is a pipe that closes with the agent, however that ends, so the server frees the lock.
sql_start() {
  sql_text=""
  coproc SQL { exec "$@" 2>&1; }
  # Taken at once: bash forgets both when the client has ended, and with them its last words.
  # shellcheck disable=SC2153  # set by coproc
  sql_pid=$SQL_PID sql_in=${SQL[1]}
  exec {sql_out}<&"${SQL[0]}"
}

# Sends statements and waits at most $2 seconds; the rows are in `answer`. Returns 1 when the session ended (`answer`
# has the client's words), 2 when the time was over, 3 when nobody wants the hold any more.
sql_ask() {
  local mark="quiesce-mark-$((++marks))" part status began
  answer=()
  clock
  began=$now
  [ -n "$sql_pid" ] || return 1
  { printf "%s\nSELECT '%s';\n" "$1" "$mark" 1>&"$sql_in"; } 2>/dev/null || true
  while :; do
    part="" status=0
    IFS= read -r -t 0.1 -u "$sql_out" part || status=$?
    sql_text+=$part
    if ((status == 0)); then
      [ "$sql_text" != "$mark" ] || { sql_text=""; return 0; }
      answer+=("$sql_text")
      sql_text=""
      continue
    fi
    ((status > 128)) || return 1
    listen 0.01
    still_wanted || return 3
    ((now - began <= $2 * 1000)) || return 2
  done
}

# Ends the session now. A server that waits for a lock on its behalf notices within half a second.
sql_stop() {
  [ -n "$sql_pid" ] || return 0
  kill -KILL "$sql_pid" 2>/dev/null || true
  wait "$sql_pid" 2>/dev/null || true
  exec {sql_out}<&-
  sql_pid=""
}

# The number of the server's error in `answer`: its text may be in any language.
sql_error() {
  local text="${answer[*]-}"
  if [[ $text =~ ERROR\ ([0-9]+) ]]; then printf '%s' "${BASH_REMATCH[1]}"; fi
}

# False for a file with a password that others can read.
is_private_file() {
  local rights
  rights=$(stat -L -c %a "$1" 2>/dev/null) || return 1
  (((8#$rights & 8#077) == 0))
}
