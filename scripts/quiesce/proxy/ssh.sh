# The one connection of a hold. Nothing of the user's own ssh configuration counts, and nothing secret is an argument.

# The command line, in `ssh_command`. $1: a file for what ssh itself says.
build_ssh_command() {
  local key=()
  [ -z "${cfg[key]}" ] || key=(-i "${cfg[key]}")
  ssh_command=(ssh -F /dev/null -T -e none -o BatchMode=yes -o StrictHostKeyChecking=yes
    -o "UserKnownHostsFile=${cfg[known_hosts]}" -o GlobalKnownHostsFile=/dev/null -o UpdateHostKeys=no
    -o "ConnectTimeout=${cfg[connect_timeout]}" -o ConnectionAttempts=1 -o ServerAliveInterval=5 -o ServerAliveCountMax=3
    -o IdentitiesOnly=yes -o IdentityAgent=none -o ForwardAgent=no -o ForwardX11=no -o ClearAllForwardings=yes
    -o ControlMaster=no -o ControlPath=none -o PermitLocalCommand=no -o LogLevel=ERROR
    "${key[@]}" -p "${cfg[port]}" -l "${cfg[user]}" -- "${cfg[host]}" "$AGENT_COMMAND")
}

# The same words for every VM, in quotes that any login shell understands. The agent itself follows on standard input,
# so nothing needs to be installed; a forced command that is the installed agent does not look at this.
# shellcheck disable=SC2016  # the other shell expands it
readonly AGENT_COMMAND="exec env LC_ALL=C bash -c 'IFS= read -r -d \"\" -t 20 agent && eval \"\$agent\"'"

# The agent's text with the drivers named. $1: what the agent's own list of allowed drivers is.
agent_text() {
  local allowed=$1 file part
  local drivers=("$@")
  [[ " $allowed " != *" mysql "* ]] || drivers+=(mariadb)
  # shellcheck disable=SC2016  # the other shell expands it
  printf 'set -euo pipefail\nexport LC_ALL=C PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:$PATH\nallowed_drivers=%q\n' "$allowed"
  for part in clock orders report settings run-limited identity volumes sync-disks freeze sql-session main; do
    cat "$here/agent/$part.sh"
  done
  # shellcheck disable=SC2086  # a list
  for file in $(printf '%s\n' $allowed "${drivers[@]:1}" | sort -u); do cat "$here/agent/drivers/$file.sh"; done
  printf 'main\n'
}

# What the agent reads first: its own text (unless it is installed there), then the settings.
send_agent() {
  local name
  if [ "${cfg[agent]}" = sent ]; then
    agent_text "$driver"
    printf '\0'
  fi
  for name in $AGENT_SETTINGS; do
    if [[ -v "cfg[$name]" ]]; then printf 'SET %s %s\n' "$name" "${cfg[$name]}"; fi
  done
  printf 'SET driver %s\nSET uuid %s\nSET verb %s\nSTART\n' "$driver" "$uuid" "$1"
}

# What to do about the words of ssh in the file $1, in one line.
explain_ssh() {
  local text
  text=$(tr '\r\n' '  ' <"$1" | cut -c1-600)
  case $text in
  *"IDENTIFICATION HAS CHANGED"*)
    printf 'the host key of %s is not the known one. If the VM was rebuilt, check the new key on its console and replace it: ssh-keygen -R "%s" -f %s, then add the new line' \
      "${cfg[host]}" "[${cfg[host]}]:${cfg[port]}" "${cfg[known_hosts]}"
    ;;
  *"Host key verification failed"*) printf 'no known host key for %s in %s: add it, compared with the console of the VM' "${cfg[host]}" "${cfg[known_hosts]}" ;;
  *) printf 'ssh: %s' "${text:-the session ended}" ;;
  esac
}
