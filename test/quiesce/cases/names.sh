# From a job's name to its VM: exactly one, or the job stops before any data.

tree() { # vm folder, job name, uuid line...
  local folder=/home/proxy/base/dc1/os1/$1
  mkdir -p "$folder"
  printf '%s\n' "#@vm: $1" "${@:3}" '' 'Job {' "  Name       = \"$2\"" '  JobDefs    = "mysql-consistent"' '}' >"$folder/job"
}
use_tree() {
  rm -rf /home/proxy/base
  configure 'drivers = mariadb mysql' "${@}"
  sed -i 's#^jobs_file = .*#base_dir = /home/proxy/base#' /home/proxy/quiesce.conf
}

test_names_find_exactly_one_job_file() {
  use_tree
  tree web backup-web "#@uuid: $UUID"
  tree web-2 backup-web-2 "#@uuid: 22222222-5efb-4efb-bd60-4e038800475d"
  q check backup-web
  is "$rc" 0; says "VM $UUID, driver mysql"
  q check backup-web.2026-11-24_05.54.00_04
  is "$rc" 0; says "VM $UUID"
  q check backup-we
  is "$rc" 64; says "no job file"
  q check backup.web
  is "$rc" 64
  q check 'backup-web*'
  is "$rc" 64
}
test_names_of_an_instance_have_blanks_turned_and_are_cut() {
  use_tree
  tree blank "backup of web" "#@uuid: $UUID"
  q check backup_of_web.2026-11-24_05.54.00_04
  is "$rc" 0
  q check "backup of web"
  is "$rc" 0
  local long
  long=$(printf 'x%.0s' {1..110})
  tree long "$long" "#@uuid: $UUID"
  q check "${long:0:104}.2026-11-24_05.54.00_04"
  is "$rc" 0
}
test_names_that_are_doubled_or_without_uuid_are_refused() {
  use_tree
  tree a backup-web "#@uuid: $UUID"
  tree b backup-web "#@uuid: $UUID"
  q lock backup-web 17
  is "$rc" 64; says "2 job files have the name"
  use_tree
  tree a backup-web
  q lock backup-web 17
  is "$rc" 64; says "0 lines #@uuid:"
  use_tree
  tree a backup-web "#@uuid: $UUID" "#@uuid: 22222222-5efb-4efb-bd60-4e038800475d"
  q lock backup-web 17
  is "$rc" 64; says "2 lines #@uuid:"
  use_tree
  tree a backup-web "#@uuid: ../../etc"
  q lock backup-web 17
  is "$rc" 64; says "no uuid"
}
test_names_that_are_hostile_are_refused() {
  local name
  for name in '../x' '..' '.hidden' 'a/b' 'a;touch /home/proxy/pwned' '$(touch /home/proxy/pwned)' $'a\nb' "a'b" 'a*' ''; do
    q lock "$name" 17
    is "$rc" 64
    q unlock "$name" 17
    is "$rc" 64
  done
  for name in '17;x' '../17' 'x'; do
    q lock $JOB "$name"
    is "$rc" 64
  done
  test ! -e /home/proxy/pwned
}
test_names_in_the_jobs_file() {
  printf '# name\tuuid\tdriver\nother\t22222222-5efb-4efb-bd60-4e038800475d\t\n%s\t%s\tmysql\n' $JOB $UUID >/home/proxy/jobs.tsv
  q check $JOB
  is "$rc" 64; says "allows this VM only: mariadb"
  configure 'drivers = mariadb mysql'
  q check $JOB
  is "$rc" 0; says "driver mysql"
  q check unknown
  is "$rc" 64; says "no job with exactly the name"
  printf '%s\t%s\t\n' $JOB $UUID >>/home/proxy/jobs.tsv
  q check $JOB
  is "$rc" 64; says "2 jobs"
}
test_configuration_that_is_wrong_is_refused() {
  local line
  for line in 'nonsense' 'driverz = x' 'policy = maybe' 'release = after' 'release = after 100' 'release = signal' 'heartbeat = 0' \
    'host = -oProxyCommand=x' 'user = -x' 'drivers = ../x' 'drivers = none'; do
    configure 'drivers = mariadb' "$line"
    q lock $JOB 17
    is "$rc" 64
  done
  configure 'drivers = mariadb' 'mode = wrong'
  q lock $JOB 17
  is "$rc" 1; says "allowed: auto, stage, ftwrl"
}
test_unlock_works_although_the_job_file_is_gone() {
  q lock $JOB 17
  is "$rc" 0
  : >/home/proxy/jobs.tsv
  q unlock $JOB 17
  is "$rc" 0; says "released by unlock"
}
test_white_paper_scripts_lock_and_unlock() {
  local wrapper=$repo/scripts/mysql-lock-wrapper.sh
  QUIESCE_CONF=/home/proxy/quiesce.conf on_proxy "$wrapper" lock $JOB.2026-11-24_05.54.00_04
  cannot_write
  QUIESCE_CONF=/home/proxy/quiesce.conf on_proxy "$wrapper" unlock $JOB.2026-11-24_05.54.00_04
  can_write
  QUIESCE_CONF=/home/proxy/quiesce.conf on_proxy "$repo/scripts/mysql-lock.sh" lock $UUID
  cannot_write
  QUIESCE_CONF=/home/proxy/quiesce.conf on_proxy "$repo/scripts/mysql-lock.sh" unlock $UUID
  can_write
}
