# The connection: what is not the right machine, by the right key, is no lock.

test_ssh_unknown_host_key_stops_the_job() {
  configure 'drivers = mariadb' 'known_hosts = /home/proxy/empty'
  : >/home/proxy/empty
  q lock $JOB 17
  is "$rc" 1; says "no known host key"
}
test_ssh_host_key_of_a_rebuilt_vm_is_explained() {
  ssh-keygen -q -t ed25519 -N '' -f /tmp/other_key <<<y >/dev/null
  printf '%s %s\n' $VM_ADDRESS "$(cut -d' ' -f1,2 /tmp/other_key.pub)" >/home/proxy/old
  configure 'drivers = mariadb' 'known_hosts = /home/proxy/old'
  q check $JOB
  is "$rc" 1; says "If the VM was rebuilt"; says "ssh-keygen -R"
}
test_ssh_without_sshd_ends_quickly() {
  configure 'drivers = mariadb' 'port = 2'
  local begin=$SECONDS
  q lock $JOB 17
  is "$rc" 1; says "Connection refused"
  ((SECONDS - begin <= 4))
}
test_ssh_to_a_dead_address_ends_by_the_timeout() {
  configure 'drivers = mariadb' 'connect_timeout = 2'
  cut_link
  q lock $JOB 17
  mend_link
  is "$rc" 1
}
test_ssh_to_another_machine_is_refused() {
  printf '22222222-5efb-4efb-bd60-4e038800475d\n' >/var/lib/cloud/data/instance-id
  q lock $JOB 17
  printf '%s\n' $UUID >/var/lib/cloud/data/instance-id
  is "$rc" 1; says "this machine is 22222222"
}
test_ssh_identity_can_be_required() {
  mv /var/lib/cloud/data/instance-id /tmp/
  q lock $JOB 17
  is "$rc" 0; says "was not compared"
  q unlock $JOB 17
  configure 'drivers = mariadb' 'identity = required'
  q lock $JOB 18
  mv /tmp/instance-id /var/lib/cloud/data/
  is "$rc" 1; says "does not tell its uuid"
}
test_ssh_forced_command_is_enough() {
  local keys=/home/vmuser/.ssh/authorized_keys
  cp $keys /tmp/keys
  "$repo/scripts/quiesce/quiesce" print-agent mariadb >/home/quiesce-agent
  chmod 755 /home/quiesce-agent
  printf 'restrict,from="10.99.7.2",command="/home/quiesce-agent" %s\n' "$(cat /home/proxy/id.pub)" >$keys
  configure 'drivers = mariadb custom' 'agent = installed' 'lock_command = touch ~/pwned' 'unlock_command = true'
  q lock $JOB 17
  is "$rc" 0
  cannot_write
  q unlock $JOB 17
  is "$rc" 0
  q lock-vm $UUID other custom
  is "$rc" 1; says "allows the drivers mariadb only"
  # Another command by the same key gets the agent, which wants settings.
  is "$(on_proxy ssh -F /dev/null -i /home/proxy/id -o UserKnownHostsFile=/home/proxy/known_hosts vmuser@$VM_ADDRESS id </dev/null)" "FAIL settings: the proxy ended before START"
  test ! -e /home/vmuser/pwned
  cat /tmp/keys >$keys
}
test_ssh_secrets_are_on_no_command_line() {
  q lock $JOB 17
  is "$rc" 0
  if grep -qaE 'S3cr3t' /proc/[0-9]*/cmdline; then echo "a password is on a command line"; return 1; fi
  q unlock $JOB 17
}
