# Frozen file systems: a freeze has no owner in the kernel, so every death must thaw.

# A write to a frozen file system can't be killed, so it is started aside and looked at.
frozen() {
  touch "/srv/${1:-data}/probe" &
  sleep 0.7
  kill -0 $! 2>/dev/null || { echo "/srv/${1:-data} is not frozen"; return 1; }
}
thawed_within() {
  local end=$((SECONDS + $1)) probe
  touch /srv/data/probe /srv/log/probe &
  probe=$!
  while kill -0 $probe 2>/dev/null; do
    ((SECONDS <= end)) || { echo "still frozen after $1 s"; return 1; }
    sleep 0.1
  done
}
lock_frozen() {
  configure 'drivers = fsfreeze' 'freeze = /srv/data /srv/log' 'volumes = auto'
  q lock $JOB 17
  is "$rc" 0; says "LOCKED state=frozen"
  # Not one of these may block the test itself, only its probes.
  frozen data
  frozen log
}
lost_but_thawed() {
  thawed_within 6
  q unlock $JOB 17
  is "$rc" 2; says "lost before its release"
  nothing_left
  q lock $JOB 18
  is "$rc" 0; says "state=frozen"
  q unlock $JOB 18
  is "$rc" 0
}

test_freeze_holds_several_volumes_until_unlock() {
  lock_frozen
  q unlock $JOB 17
  is "$rc" 0; says "released by unlock, verified"
  thawed_within 0
}
test_freeze_with_a_database_lock_first() {
  configure 'drivers = mariadb' 'freeze = /srv/data' 'volumes = auto'
  q lock $JOB 17
  is "$rc" 0; says "state=frozen mode=stage"
  frozen
  q unlock $JOB 17
  is "$rc" 0
}
test_freeze_death_of_the_agent() { lock_frozen; hit KILL agent; lost_but_thawed; }
test_freeze_death_of_the_guard() { lock_frozen; hit KILL guard; lost_but_thawed; }
test_freeze_death_of_sshd() { lock_frozen; hit KILL sshd; lost_but_thawed; }
test_freeze_death_of_ssh() { lock_frozen; hit KILL ssh; lost_but_thawed; }
test_freeze_death_of_the_holder() { lock_frozen; hit KILL holder; lost_but_thawed; }
test_freeze_stop_of_the_agent() {
  lock_frozen
  hit STOP agent
  thawed_within 6
  q unlock $JOB 17
  is "$rc" 2
  hit KILL agent
}
test_freeze_death_of_the_link() {
  lock_frozen
  cut_link
  thawed_within 6
  q unlock $JOB 17
  is "$rc" 2
  mend_link
}
test_freeze_of_what_the_machine_needs_is_refused() {
  configure 'drivers = fsfreeze' 'freeze = /'
  q lock $JOB 17
  is "$rc" 1; says "never freeze it"
}
test_freeze_of_no_mount_point_is_refused_and_nothing_stays_frozen() {
  mkdir -p /srv/data/folder
  configure 'drivers = fsfreeze' 'freeze = /srv/log /srv/data/folder'
  q lock $JOB 17
  is "$rc" 1; says "no mount point"
}
test_freeze_that_sudo_does_not_allow_stops_the_job() {
  mkdir -p /srv/other
  mount -t tmpfs tmpfs /srv/other
  configure 'drivers = fsfreeze' 'freeze = /srv/log /srv/other'
  q lock $JOB 17
  umount /srv/other
  is "$rc" 1; says "freeze: /srv/other"
}
test_several_volumes_without_a_freeze() {
  configure 'drivers = mariadb' 'volumes = auto'
  q lock $JOB 17
  is "$rc" 1; says "disks hold file systems"
  configure 'drivers = mariadb' 'volumes = auto' 'several_volumes = warn'
  q lock $JOB 18
  is "$rc" 0; says "WARNING volumes"
  q unlock $JOB 18
  is "$rc" 0
}
