# From the name that Bacula gives (%n or %j) to the VM. Names are compared, never used as a path or a pattern.

# Sets `job_base` and `run`. $1 is %n, or %j with its suffix; $2 the JobId, or nothing. A run is one run of one job: only
# what locked may unlock.
parse_job() {
  local name=$1 id=$2
  [[ $name =~ ^[A-Za-z0-9:._\ -]{1,127}$ ]] || refuse "\"$name\" is no name of a Bacula job"
  [[ $name != .* ]] || refuse "\"$name\" is no name of a Bacula job here: it begins with a dot"
  [[ -z $id || $id =~ ^[0-9]{1,20}$ ]] || refuse "\"$id\" is no JobId"
  job_base=$name is_instance=0 run=$name${id:+#$id}
  if [[ $name =~ ^(.+)\.[0-9]{4}-[0-9]{2}-[0-9]{2}_[0-9]{2}\.[0-9]{2}\.[0-9]{2}_[0-9]+$ ]]; then
    job_base=${BASH_REMATCH[1]} is_instance=1
  fi
}

# Is $1 (from a job file) the job we were called for? %j has blanks turned to _ and the name cut at 104 characters.
is_our_job() {
  local name=$1
  if ((is_instance)); then
    name=${name// /_}
    name=${name:0:104}
  fi
  [ "$name" = "$job_base" ]
}

# Sets `uuid`, `job_defs` and `tag` of exactly one job, or ends: no job, two jobs, no uuid and two uuids are all refused
# before any data is backed up.
find_vm() {
  uuid="" job_defs="" tag=""
  if [ -n "${cfg[base_dir]}" ] && [ -d "${cfg[base_dir]}" ]; then
    find_in_job_files
  elif [ -n "${cfg[jobs_file]}" ]; then
    find_in_jobs_file
  else
    refuse "neither base_dir (${cfg[base_dir]:-not set}) nor jobs_file is there to find the job \"$job_base\" in"
  fi
  [[ $uuid =~ $UUID_FORM ]] || refuse "job \"$job_base\": \"$uuid\" is no uuid of a VM"
}

# BASE_DIR/<datacenter>/<openstack>/<vm>/job
find_in_job_files() {
  local file found=()
  # A cheap look first, without the blanks that %j changes; each hit is then read properly.
  local part=${job_base:0:104}
  ((!is_instance)) || part=${part%%_*}
  while IFS= read -r -d '' file; do
    read_job_file "$file" || continue
    found+=("$file")
  done < <(find "${cfg[base_dir]}" -mindepth 4 -maxdepth 4 -name job -type f -print0 | xargs -0 -r grep -lZF -e "$part" --)
  ((${#found[@]} > 0)) || refuse "no job file below ${cfg[base_dir]} has exactly the name \"$job_base\""
  ((${#found[@]} == 1)) || refuse "${#found[@]} job files have the name \"$job_base\": ${found[*]}"
  read_job_file "${found[0]}"
  local file_name=${found[0]}
  ((name_count == 1)) || refuse "$file_name has $name_count Name lines; exactly one is needed"
  ((uuid_count == 1)) || refuse "$file_name has $uuid_count lines #@uuid:; exactly one is needed"
}

# True when the file names our job. Sets the uuid and JobDefs that it states, and how often it states them.
read_job_file() {
  local line is_ours=1 value
  name_count=0 uuid_count=0 uuid="" job_defs=""
  while IFS= read -r line || [ -n "$line" ]; do
    line=${line%$'\r'}
    if [[ $line =~ ^#@uuid:[[:space:]]*([^[:space:]]*)[[:space:]]*$ ]]; then
      uuid_count=$((uuid_count + 1)) uuid=${BASH_REMATCH[1],,}
    elif [[ $line =~ ^[[:space:]]*[Nn][Aa][Mm][Ee][[:space:]]*=[[:space:]]*(.*)$ ]]; then
      name_count=$((name_count + 1))
      value=$(unquoted "${BASH_REMATCH[1]}")
      ! is_our_job "$value" || is_ours=0
    elif [[ $line =~ ^[[:space:]]*[Jj][Oo][Bb]\ ?[Dd][Ee][Ff][Ss][[:space:]]*=[[:space:]]*(.*)$ ]]; then
      job_defs=$(unquoted "${BASH_REMATCH[1]}")
    fi
  done <"$1"
  return "$is_ours"
}

# The value of a directive: what is between the quotes, or the text before a comment.
unquoted() {
  if [[ $1 =~ ^\"([^\"]*)\" ]]; then
    printf '%s' "${BASH_REMATCH[1]}"
  else
    trimmed "${1%%[#;]*}"
  fi
}

# One line a job: name, uuid and (may be empty) the driver that the VM's tag picks, with tabs between.
find_in_jobs_file() {
  local name file_uuid file_tag count=0
  [ -r "${cfg[jobs_file]}" ] || refuse "jobs_file ${cfg[jobs_file]} can't be read"
  while IFS=$'\t' read -r name file_uuid file_tag || [ -n "$name" ]; do
    if [[ $name == "#"* ]] || ! is_our_job "$name"; then continue; fi
    count=$((count + 1)) uuid=${file_uuid,,} tag=${file_tag%%$'\t'*}
  done <"${cfg[jobs_file]}"
  ((count > 0)) || refuse "${cfg[jobs_file]} has no job with exactly the name \"$job_base\""
  ((count == 1)) || refuse "${cfg[jobs_file]} has $count jobs with the name \"$job_base\""
}
