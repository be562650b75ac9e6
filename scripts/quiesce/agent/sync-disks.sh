# A lock stops new writes; only a sync brings the old ones to the disk. Without it a snapshot of a locked MyISAM table
# is corrupt (measured).

# Writes out all file systems, or those of `sync_paths`. Sets `sync_ms`. Ends the agent when it takes too long: a
# lock on top of an unwritten cache is worth nothing.
sync_disks() {
  local began status=0 paths
  clock
  began=$now
  read -r -a paths <<<"$sync_paths" || true
  if ((${#paths[@]} == 0)); then
    run_limited "$sync_timeout" sync || status=$?
  else
    run_limited "$sync_timeout" sync -f "${paths[@]}" || status=$?
  fi
  clock
  sync_ms=$((now - began))
  case $status in
  0) ;;
  124) fail "sync: not done after $sync_timeout s (sync_timeout)" ;;
  125) abandon ;;
  *) fail "sync: $output" ;;
  esac
}
