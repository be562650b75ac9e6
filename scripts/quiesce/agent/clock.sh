# The VM's own clock since boot: it does not jump when somebody sets the time.

# Sets `now` to milliseconds since boot (steps of 10 ms). Starts no process.
clock() {
  local up
  read -r up _ </proc/uptime
  now=$((10#${up/./} * 10))
}
