# Is this the machine that the job means? An address that was given to another VM must not lock that one.

# Compares the VM's uuid with the machine's own (SMBIOS, else cloud-init's instance id); ends the agent when it is
# another machine, or when it can't be known and the setting `identity` is `required`.
check_identity() {
  local own
  own=$(own_uuid)
  if [ -z "$own" ]; then
    [ "$identity" != required ] || fail "identity: this machine does not tell its uuid (SMBIOS, cloud-init)"
    note "identity: this machine does not tell its uuid, so it was not compared"
  elif [ "$own" != "$uuid" ] && [ "$(swapped_uuid "$own")" != "$uuid" ]; then
    fail "identity: this machine is $own, the job means $uuid: correct its host in the configuration file"
  fi
}

own_uuid() {
  local file text=""
  for file in /sys/class/dmi/id/product_uuid /var/lib/cloud/data/instance-id; do
    [ -r "$file" ] || continue
    read -r text <"$file" || true
    text=${text,,}
    text=${text#i-}
    [[ $text =~ ^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$ ]] || continue
    printf '%s' "$text"
    return
  done
}

# Some hypervisors write the first three fields of the SMBIOS uuid with their bytes turned round.
swapped_uuid() {
  local u=$1
  printf '%s' "${u:6:2}${u:4:2}${u:2:2}${u:0:2}-${u:11:2}${u:9:2}-${u:16:2}${u:14:2}${u:18}"
}
