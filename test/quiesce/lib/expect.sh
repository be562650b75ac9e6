# Words of the tests. A test is a function that fails at its first command that fails.
readonly JOB=backup-dc1-os1-rocky9-instance1

# The configuration of the tests; each argument is one more line of the VM's section.
configure() {
  {
    printf '[defaults]\nkey = /home/proxy/id\nknown_hosts = /home/proxy/known_hosts\nuser = vmuser\nstate_dir = /home/proxy/state\n'
    printf 'jobs_file = /home/proxy/jobs.tsv\nrelease = unlock\nheartbeat = 4\nmax_hold = 60\ndeadline = 30\n\n'
    printf '[jobdefs mysql-consistent]\ndriver = mysql\n\n[vm %s]\nhost = %s\nvolumes = 1\n' "$UUID" $VM_ADDRESS
    printf '%s\n' "$@"
  } >/home/proxy/quiesce.conf
}

# Runs the script on the proxy, reading its output to the end as Bacula does; sets `out` and `rc`. It must end by itself.
q() {
  rc=0
  out=$(on_proxy timeout 60 env QUIESCE_CONF=/home/proxy/quiesce.conf "$repo/scripts/quiesce/quiesce" "$@" 2>&1 </dev/null) || rc=$?
  printf '> quiesce %s\n%s\n[exit code %s]\n' "$*" "$out" "$rc"
}

is() { [ "$1" = "$2" ] || { echo "is \"$1\", expected \"$2\""; return 1; }; }
says() { [[ $out == *"$1"* ]] || { echo "does not say \"$1\""; return 1; }; }
says_not() { [[ $out != *"$1"* ]] || { echo "says \"$1\""; return 1; }; }

can_write() { timeout "${1:-2}" mariadb --defaults-file=/home/proxy/admin.cnf -e "INSERT INTO t.i (v) VALUES ('w')" >/dev/null 2>&1; }
cannot_write() { ! can_write 0.7 || { echo "a write came through"; return 1; }; }
# Writes flow again within that many seconds.
writes_within() {
  local end=$((SECONDS + $1))
  until can_write 1; do ((SECONDS <= end)) || { echo "no write within $1 s"; return 1; }; done
}

# The processes of a hold, by what they are; one process id a line.
pids_of() {
  case $1 in
  holder) pgrep -f 'quiesce hold-for' ;;
  ssh) pgrep -f '^ssh -F /dev/null' ;;
  agent) pgrep -u vmuser -f '^bash -c IFS= read' | head -1 ;;
  sshd) pgrep -u vmuser '^sshd$' ;;
  client) pgrep -u vmuser '^mariadb$' ;;
  guard) pgrep -u vmuser -f 'quiesce-guard' ;;
  lock) pgrep -f 'quiesce/quiesce lock ' | tail -1 ;;
  esac
}
hit() { # signal, what
  local pids
  pids=$(pids_of "$2")
  [ -n "$pids" ] || { echo "there is no $2 to hit"; return 1; }
  # shellcheck disable=SC2086  # a list
  kill "-$1" $pids
}

# No process of a hold is left on either side, and no file system is frozen.
nothing_left() {
  local i what left=""
  for ((i = 0; i < 40; i++)); do
    left=""
    for what in holder ssh agent sshd client guard lock; do [ -z "$(pids_of $what)" ] || left+=" $what"; done
    [ -n "$left" ] || break
    sleep 0.1
  done
  [ -z "$left" ] || { echo "left behind:$left"; ps -ef | tail -30; return 1; }
  touch /srv/data/probe /srv/log/probe &
  what=$!
  sleep 0.3
  ! kill -0 $what 2>/dev/null || { echo "a file system is frozen"; return 1; }
}

before_test() {
  configure 'drivers = mariadb'
  printf '%s\t%s\t\n' $JOB $UUID >/home/proxy/jobs.tsv
  write_client_file bq S3cr3t
  rm -rf /home/proxy/state
}
after_test() {
  nothing_left
  can_write || { echo "writes are blocked after the test"; return 1; }
}

# A failed test must not fail the next ones.
clean_up_after_failure() {
  local what pids
  mend_link
  for what in lock holder ssh guard agent client sshd; do
    pids=$(pids_of $what)
    # shellcheck disable=SC2086  # a list
    [ -z "$pids" ] || kill -KILL $pids 2>/dev/null
  done
  umount /srv/restored-data /srv/restored-log 2>/dev/null
  fsfreeze -u /srv/data 2>/dev/null
  fsfreeze -u /srv/log 2>/dev/null
  pkill -CONT mariadbd
  mariadb --defaults-file=/home/proxy/admin.cnf -e 'SELECT 1' >/dev/null 2>&1 || start_mariadb
}
