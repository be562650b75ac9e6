# What the proxy says on our standard input: PING and UNLOCK, a line each. Its end means that the proxy is gone.
order="" heard="" last_ping=0 ping_is_new=0 wait_began=0 max_hold_ms=0 unwanted=""

# Waits at most $1 seconds for the proxy's next line and remembers what it means. Every wait of the agent is made of
# this call, so that a proxy that died is noticed whatever the agent is busy with.
listen() {
  local part="" status=0
  IFS= read -r -t "$1" part || status=$?
  heard+=$part
  if ((status == 0)); then
    take_order "$heard"
    heard=""
  elif ((status <= 128)); then # above 128: the time was over
    order=gone
  fi
}

take_order() {
  case $1 in
  PING)
    clock
    last_ping=$now ping_is_new=1
    ;;
  UNLOCK) order=unlock ;;
  esac
}

# False, with the reason in `unwanted`, once nobody vouches for the hold any more: the dead-man. True says nothing
# about the lock itself.
still_wanted() {
  clock
  if [ "$order" = gone ]; then
    unwanted="DEADMAN the session to the proxy ended"
  elif ((now - last_ping > heartbeat * 1000)); then
    unwanted="DEADMAN no heartbeat for $heartbeat s"
  elif ((wait_began > 0 && now - wait_began > max_hold_ms)); then
    unwanted="EXPIRED the maximum hold of $max_hold s is over"
  else
    return 0
  fi
  return 1
}
