# A line a run for people and programs: state_dir/history.tsv, and a text file for node_exporter when asked for.

# Appends the run's end. $1: released, lost, expired, not-locked; $2: the agent's LOCKED line; $3: its last line.
record_run() {
  local outcome=$1 locked=$2 last=$3 file=${cfg[state_dir]}/history.tsv state wait_ms sync_ms held_ms
  state=$(value_of state "$locked") wait_ms=$(value_of wait_ms "$locked")
  sync_ms=$(value_of sync_ms "$locked") held_ms=$(value_of held_ms "$last")
  [ -e "$file" ] || printf '#time\tjob\trun\tuuid\tdriver\tstate\tresult\twait_ms\tsync_ms\theld_ms\n' >"$file"
  printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$job_base" "$run" "$uuid" "$driver" \
    "${state:--}" "$outcome" "${wait_ms:--}" "${sync_ms:--}" "${held_ms:--}" >>"$file"
  [ -z "${cfg[metrics_file]}" ] || write_metrics "$file" "${cfg[metrics_file]}"
}

# The newest run of each job as metrics, the whole file at once.
write_metrics() {
  awk -F'\t' '
    /^#/ { next }
    { last[$2] = $0 }
    function seconds(ms) { return ms == "-" ? 0 : ms / 1000 }
    END {
      print "# TYPE quiesce_held_seconds gauge\n# TYPE quiesce_wait_seconds gauge\n# TYPE quiesce_result gauge"
      for (job in last) {
        split(last[job], f, "\t")
        labels = "{job_name=\"" f[2] "\",uuid=\"" f[4] "\",driver=\"" f[5] "\""
        print "quiesce_held_seconds" labels "} " seconds(f[10])
        print "quiesce_wait_seconds" labels "} " seconds(f[8])
        print "quiesce_result" labels ",result=\"" f[7] "\"} 1"
      }
    }' "$1" >"$2.$$" && chmod 644 "$2.$$" && mv "$2.$$" "$2"
}
