# The configuration file: `[section]` and `name = value`, read and never executed. A value runs to the end of its line.
#   [defaults]               for every VM
#   [jobdefs NAME]           driver = the driver that this JobDefs picks
#   [vm UUID]                one VM; only this file names hosts, users, keys, options and commands
declare -A defaults=() vm=() jobdefs_driver=() cfg=()
readonly UUID_FORM='^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'

# What every setting is when the file does not say.
set_builtin_settings() {
  cfg=([port]=22 [user]=quiesce [key]="" [known_hosts]=/etc/bacula-quiesce/known_hosts [policy]=required
    [release]="after 30" [agent]=sent [connect_timeout]=5 [deadline]=180 [heartbeat]=20 [max_hold]=300
    [drivers]="" [host]="" [resolve_command]="" [signal_command]="" [base_dir]="" [jobs_file]=""
    [state_dir]=/var/lib/bacula-quiesce [metrics_file]="")
}

# Names that are the agent's settings and go to the VM as they are.
readonly AGENT_SETTINGS="heartbeat max_hold lock_wait lock_tries lock_pause mode sync_timeout sync_paths freeze \
freeze_timeout volumes several_volumes policy defaults_file pg_service pg_database redis_host redis_port \
redis_password_file identity lock_command unlock_command verify_command command_timeout"

# Reads the file. Ends with a message that names the line when it can't be understood.
read_config() {
  local file=$1 line number=0 section="" name value
  [ -r "$file" ] || refuse "the configuration file $file can't be read; see docs/quiesce.md"
  set_builtin_settings
  while IFS= read -r line || [ -n "$line" ]; do
    number=$((number + 1))
    line=$(trimmed "$line")
    [[ -z $line || $line == "#"* ]] && continue
    if [[ $line =~ ^\[(.*)\]$ ]]; then
      section=$(trimmed "${BASH_REMATCH[1]}")
      check_section "$section" || refuse "$file line $number: [$section] is none of [defaults], [jobdefs NAME], [vm UUID]"
      continue
    fi
    [[ $line == *=* ]] || refuse "$file line $number: neither a section nor name = value"
    name=$(trimmed "${line%%=*}") value=$(trimmed "${line#*=}")
    is_setting "$name" || refuse "$file line $number: unknown setting \"$name\""
    store_setting "$section" "$name" "$value" || refuse "$file line $number: \"$name\" stands in no section that allows it"
  done <"$file"
}

trimmed() {
  local text=$1
  text=${text#"${text%%[![:space:]]*}"}
  printf '%s' "${text%"${text##*[![:space:]]}"}"
}

check_section() {
  case $1 in
  defaults | "jobdefs "?*) return 0 ;;
  "vm "*) [[ ${1#vm } =~ $UUID_FORM ]] ;;
  *) return 1 ;;
  esac
}

is_setting() {
  [[ $1 =~ ^[a-z_]+$ ]] || return 1
  [[ -v "cfg[$1]" || " $AGENT_SETTINGS driver " == *" $1 "* ]]
}

store_setting() {
  case $1 in
  defaults) defaults[$2]=$3 ;;
  "jobdefs "*) [ "$2" = driver ] && jobdefs_driver[${1#jobdefs }]=$3 ;;
  "vm "*) vm["${1#vm } $2"]=$3 ;;
  *) return 1 ;;
  esac
}

# Puts together what holds for one VM: built in, then [defaults], then [vm UUID].
choose_settings() {
  local name key
  for name in "${!defaults[@]}"; do cfg[$name]=${defaults[$name]}; done
  [ -n "${1:-}" ] || return 0
  for key in "${!vm[@]}"; do
    [[ $key != "$1 "* ]] || cfg[${key#* }]=${vm[$key]}
  done
}

knows_vm() {
  local key
  for key in "${!vm[@]}"; do [[ $key != "$1 "* ]] || return 0; done
  return 1
}

# Sets `driver`: the first of the VM's list, or the one that its JobDefs or tag ($1, $2; may be empty) picks from that
# list. A pick that the list does not have is refused: a tenant must not choose what runs.
choose_driver() {
  local jobdefs=$1 tag=$2 pick=""
  local list=${cfg[drivers]:-${cfg[driver]:-}}
  [ -n "$list" ] || refuse "the configuration lists no driver for this VM (drivers = ...)"
  driver=${list%% *}
  pick=$tag
  [ -n "$pick" ] || [ -z "$jobdefs" ] || pick=${jobdefs_driver[$jobdefs]:-}
  if [ -n "$pick" ]; then
    [[ " $list " == *" $pick "* ]] || refuse "the driver \"$pick\" is asked for, but the configuration allows this VM only: $list"
    driver=$pick
  fi
  [[ $driver =~ ^[a-z]+$ && -f $here/agent/drivers/$driver.sh ]] || refuse "there is no driver \"$driver\"; there are: $(driver_names)"
}

driver_names() {
  local file
  for file in "$here"/agent/drivers/*.sh; do
    file=${file##*/}
    printf '%s ' "${file%.sh}"
  done
}

# Ends unless the settings that both sides count on make sense together.
check_settings() {
  local name
  for name in port connect_timeout deadline heartbeat max_hold; do
    [[ ${cfg[$name]} =~ ^[1-9][0-9]{0,5}$ ]] || refuse "$name is \"${cfg[$name]}\": a whole number from 1 is needed"
  done
  [[ ${cfg[policy]} == required || ${cfg[policy]} == best-effort ]] || refuse "policy is \"${cfg[policy]}\"; allowed: required, best-effort"
  [[ ${cfg[agent]} == sent || ${cfg[agent]} == installed ]] || refuse "agent is \"${cfg[agent]}\"; allowed: sent, installed"
  [[ ${cfg[release]} =~ ^(unlock|signal|after\ [1-9][0-9]{0,4})$ ]] || refuse "release is \"${cfg[release]}\"; allowed: after SECONDS, signal, unlock"
  [[ ${cfg[release]} != signal || -n ${cfg[signal_command]} ]] || refuse "release = signal needs signal_command"
  [[ ${cfg[release]} != after* ]] || ((${cfg[release]#after } < cfg[max_hold])) || refuse "release is \"${cfg[release]}\": that is not before max_hold (${cfg[max_hold]} s)"
  [[ ${cfg[user]} =~ ^[A-Za-z_][A-Za-z0-9_.-]*$ ]] || refuse "user is \"${cfg[user]}\": no name of an account"
  if [ -z "${cfg[host]}" ] && [ -n "${cfg[resolve_command]}" ]; then
    cfg[host]=$(timeout 20 bash -c "${cfg[resolve_command]} \"\$1\"" resolve "$uuid" </dev/null 2>/dev/null) ||
      stop_with "$EXIT_NOT_LOCKED" "resolve_command found no address for $uuid"
  fi
  [[ ${cfg[host]} =~ ^[A-Za-z0-9][A-Za-z0-9.:-]*$ ]] || refuse "host is \"${cfg[host]}\": a name or an address is needed (host or resolve_command)"
}
