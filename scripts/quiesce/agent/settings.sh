# The settings come as lines `SET name value` before START: nothing of them is on a command line, and no name counts
# that is not listed here.
verb=lock driver="" uuid="" heartbeat=20 max_hold=300 lock_wait=5 lock_tries=6 lock_pause=2 mode=auto
sync_timeout=60 sync_paths="" freeze="" freeze_timeout=30 volumes=auto several_volumes=refuse policy=required
defaults_file="" pg_service="" pg_database=postgres redis_host=127.0.0.1 redis_port=6379 redis_password_file=""
identity=if-known lock_command="" unlock_command="" verify_command="" command_timeout=30

# Reads the settings up to START. Ends the agent on an unknown name or a number that is none.
read_settings() {
  local word name value
  while IFS=' ' read -r -t 20 word name value; do
    case $word in
    START)
      check_numbers
      return
      ;;
    SET) set_one "$name" "$value" ;;
    *) fail "settings: unknown word" ;;
    esac
  done
  fail "settings: the proxy ended before START"
}

set_one() {
  case $1 in
  verb | driver | uuid | heartbeat | max_hold | lock_wait | lock_tries | lock_pause | mode | sync_timeout | sync_paths | \
    freeze | freeze_timeout | volumes | several_volumes | policy | defaults_file | pg_service | pg_database | \
    redis_host | redis_port | redis_password_file | identity | lock_command | unlock_command | verify_command | \
    command_timeout) printf -v "$1" '%s' "$2" ;;
  *) fail "settings: unknown name $1" ;;
  esac
}

check_numbers() {
  local name
  for name in heartbeat max_hold lock_wait lock_tries lock_pause sync_timeout freeze_timeout command_timeout redis_port; do
    [[ ${!name} =~ ^[0-9]{1,6}$ ]] || fail "settings: $name is no whole number"
  done
  [[ $pg_service$pg_database =~ ^[A-Za-z0-9_.-]*$ ]] || fail "settings: pg_service and pg_database are plain names"
  max_hold_ms=$((max_hold * 1000))
}
