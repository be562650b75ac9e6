# What the proxy remembers: state_dir/<uuid>/lock (a flock: one hold a VM) and state_dir/<uuid>/<run>/ with
#   alive     a flock of the holder; the kernel frees it with its life
#   control   the FIFO by which `unlock` speaks to the holder
#   log       the agent's lines, in their order
#   result    the last word, written once
readonly KEEP_RUNS=20

# Sets `vm_dir` and `run_dir`, for nobody else to read.
set_run_dir() {
  umask 077
  vm_dir=${cfg[state_dir]}/$uuid
  run_dir="$vm_dir/run-$run"
}

make_run_dir() {
  mkdir -p "$vm_dir" || refuse "state_dir ${cfg[state_dir]} can't be written"
  rm -rf "$run_dir"
  mkdir "$run_dir"
  mkfifo "$run_dir/control"
  : >"$run_dir/log"
  printf '%s\n' "$driver" >"$run_dir/driver"
  # After this moment a holder that still lives is stuck: it gives up by itself much earlier.
  printf '%s\n' $(($(date +%s) + cfg[deadline] + cfg[max_hold] + 60)) >"$run_dir/ends"
}

# Removes the oldest runs; the newest stay so that a late `unlock` still hears the truth.
forget_old_runs() {
  local folder
  while IFS= read -r folder; do
    [ -z "$folder" ] || rm -rf "$folder"
  done < <(find "$vm_dir" -mindepth 1 -maxdepth 1 -type d -name 'run-*' -printf '%T@ %p\n' | sort -rn | tail -n +$((KEEP_RUNS + 1)) | cut -d' ' -f2-)
}

# True while a holder of this run lives.
is_held() {
  [ -e "$run_dir/alive" ] || return 1
  ! flock -n "$run_dir/alive" true
}

# Sets `uuid` and `driver` to those of this run, by what its `lock` left; false when it left nothing.
find_run() {
  local folder
  for folder in "${cfg[state_dir]}"/*/"run-$run"; do
    [ -r "$folder/driver" ] || continue
    read -r driver <"$folder/driver"
    folder=${folder%/*}
    uuid=${folder##*/}
    return 0
  done
  return 1
}

# Ends a holder that does not react, with its ssh. It is named by its own command line, never by a number alone.
kill_holder() {
  local pid="" words=() word
  [ ! -r "$1/pid" ] || read -r pid <"$1/pid" || true
  [[ $pid =~ ^[0-9]+$ ]] || return 0
  while IFS= read -r -d '' word; do words+=("$word"); done 2>/dev/null <"/proc/$pid/cmdline" || return 0
  [[ " ${words[*]} " == *" hold-for $uuid ${1##*/run-} "* ]] || return 0
  kill -KILL -- "-$pid" 2>/dev/null || true
}

# Writes the last word of this run, the old file or the new one at every moment.
write_result() {
  printf '%s\n' "$1" >"$run_dir/result.part"
  mv "$run_dir/result.part" "$run_dir/result"
}

read_result() {
  result=""
  [ ! -e "$run_dir/result" ] || read -r result <"$run_dir/result" || true
}

# The value of name=value in a line of the agent; nothing when it is not there.
value_of() {
  if [[ " $2 " =~ \ $1=([^\ ]*)\  ]]; then printf '%s' "${BASH_REMATCH[1]}"; fi
}
