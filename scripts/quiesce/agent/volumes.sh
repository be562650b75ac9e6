# How many disks hold file systems: a lock alone is enough for one, never for several that are snapshot one by one.

# The number of disks below mounted file systems; 0 when it can't be told. The setting `volumes` wins.
count_volumes() {
  local source
  if [ "$volumes" != auto ]; then
    printf '%s' "$volumes"
    return
  fi
  findmnt -rn -t ext2,ext3,ext4,xfs,btrfs,f2fs,jfs,reiserfs -o SOURCE 2>/dev/null | sed 's/\[.*//' | sort -u |
    while IFS= read -r source; do
      lsblk -nrso KNAME,TYPE "$source" 2>/dev/null | awk '$2 == "disk" || $2 == "loop" { print $1 }'
    done | sort -u | wc -l
}

# Several volumes and no freeze: refused, or told loudly, as the setting `several_volumes` says.
check_volumes() {
  volume_count=$(count_volumes) || volume_count=0
  [[ $volume_count =~ ^[0-9]+$ ]] || volume_count=0
  if ((volume_count != 1)) && [ "$freeze" = none ]; then
    local text="volumes: $volume_count disks hold file systems"
    ((volume_count > 0)) || text="volumes: it is not known how many disks hold file systems"
    text+=" and none is frozen; snapshots of several disks are of different moments, and a database on them may not start after a restore. Set freeze, or volumes = 1 when all that matters is on one"
    [ "$several_volumes" = warn ] || fail "$text"
    note "WARNING $text"
  fi
}
