# Freezing file systems. A freeze has no owner and no timeout in the kernel, so a guard that can thaw is started
# before the first one, and nothing here is thawed through a new session.
frozen=() guard_pid="" guard_pipe=""

# What the guard does: thaws when the agent ends, is silent for a heartbeat or holds too long. `slow PID` names a
# freeze that was still under way: it is waited for and thawed too.
# shellcheck disable=SC2016  # text for another shell
guard_text='
trap "" HUP TERM INT PIPE
beat=$1 max=$2 prefix=$3 slow=""
shift 3
thaw() { for mount in "$@"; do $prefix fsfreeze -u "$mount"; done; }
while read -r -t "$beat" word pid; do
  case $word in done) exit 0 ;; slow) slow=$pid ;; esac
  ((SECONDS <= max)) || break
done
thaw "$@"
[ -n "$slow" ] || exit 0
for ((i = 0; i < 600; i++)); do [ -e "/proc/$slow" ] || break; sleep 1; done
thaw "$@"
'

freeze_prefix() { if ((EUID == 0)); then printf ''; else printf 'sudo -n'; fi; }

# The mounts to freeze, the deepest first, one a line. Ends the agent (in its own words) on one that must not be.
freeze_mounts() {
  if [ "$freeze" = auto ]; then
    findmnt -rn -t ext3,ext4,xfs,btrfs,f2fs -O rw -o TARGET | sort -ru | while IFS= read -r mount; do
      is_needed "$mount" || printf '%s\n' "$mount"
    done
  else
    # shellcheck disable=SC2086  # a list of paths
    printf '%s\n' $freeze | sort -ru
  fi
}

# Is it a file system that the agent, sudo and the log need while it is frozen?
is_needed() {
  local path
  for path in / /usr /etc /var /var/log /var/lib/sudo /tmp /run /dev "$HOME"; do
    [ "$(findmnt -rno TARGET -T "$path" 2>/dev/null | tail -1)" != "$1" ] || return 0
  done
  return 1
}

# Freezes all mounts of the setting, or ends the agent with none of them frozen.
freeze_disks() {
  local mount status mounts=()
  while IFS= read -r mount; do [ -z "$mount" ] || mounts+=("$mount"); done < <(freeze_mounts)
  ((${#mounts[@]} > 0)) || fail "freeze: there is no file system that can be frozen"
  for mount in "${mounts[@]}"; do
    [ "$(findmnt -rno TARGET -T "$mount" | tail -1)" = "$mount" ] || fail "freeze: $mount is no mount point"
    ! is_needed "$mount" || fail "freeze: $mount holds what this machine needs to thaw it again; never freeze it"
  done
  start_guard "${mounts[@]}"
  local prefix=()
  read -r -a prefix < <(freeze_prefix) || true
  for mount in "${mounts[@]}"; do
    status=0
    run_limited "$freeze_timeout" "${prefix[@]}" fsfreeze -f "$mount" || status=$?
    case $status in
    0) frozen+=("$mount") ;;
    124 | 125)
      printf 'slow %s\n' "$child" 1>&"$guard_pipe" 2>/dev/null || true
      exec {guard_pipe}>&-
      guard_pipe=""
      ((status == 124)) || abandon
      fail "freeze: $mount was not frozen within $freeze_timeout s (freeze_timeout)"
      ;;
    *) fail "freeze: $mount: $output" ;;
    esac
  done
}

start_guard() {
  exec {guard_pipe}> >(exec setsid bash -c "$guard_text" quiesce-guard "$heartbeat" "$max_hold" "$(freeze_prefix)" "$@" \
    >/dev/null 2>&1)
  guard_pid=$!
}

# False when the guard is gone, and with it the proof that nothing was thawed in between.
verify_freeze() {
  [ -z "$guard_pid" ] || { kill -0 "$guard_pid" && printf 'beat\n' 1>&"$guard_pipe"; } 2>/dev/null
}

# Thaws everything that this session froze; false when one thaw failed.
thaw_disks() {
  local mount i prefix=() is_well=0
  read -r -a prefix < <(freeze_prefix) || true
  for ((i = ${#frozen[@]} - 1; i >= 0; i--)); do
    mount=${frozen[i]}
    "${prefix[@]}" fsfreeze -u "$mount" >/dev/null 2>&1 || is_well=1
  done
  frozen=()
  if [ -n "$guard_pipe" ]; then
    printf 'done\n' 2>/dev/null 1>&"$guard_pipe" || true
    exec {guard_pipe}>&-
  fi
  guard_pipe="" guard_pid=""
  return "$is_well"
}
