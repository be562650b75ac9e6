# The machine that the tests see: our packages over its own /usr, own users, an sshd behind a link that can be cut, and
# ext4 volumes on loop devices. It ends with the mount and process namespaces.
cache=${BACULA_OPENSTACK_SYNC_CACHE:-/var/tmp/bacula-openstack-sync}/quiesce
readonly UUID=014c5892-5efb-4efb-bd60-4e038800475d VM_ADDRESS=10.99.7.1
postgres_bin=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -1)

make_machine() {
  mount --make-rprivate / || return 1
  mount -t tmpfs tmpfs /mnt || return 1
  # The checkout may be in a folder that is covered below.
  mkdir /mnt/repo && mount --bind "$repo" /mnt/repo && repo=/mnt/repo || return 1
  mkdir -p /mnt/etc
  cp /etc/passwd /etc/shadow /etc/group /mnt/etc/
  add_user sshd 901 /run/sshd && add_user vmuser 902 /home/vmuser && add_user mysql 903 /srv/mysql && add_user redis 904 /srv/redis
  mkdir -m 750 /mnt/etc/sudoers.d
  printf 'root ALL=(ALL) ALL\nvmuser ALL=(root) NOPASSWD: /usr/sbin/fsfreeze -f /srv/data, /usr/sbin/fsfreeze -u /srv/data, /usr/sbin/fsfreeze -f /srv/log, /usr/sbin/fsfreeze -u /srv/log\n' >/mnt/etc/sudoers
  chmod 440 /mnt/etc/sudoers
  mkdir -p /mnt/etc/pam.d
  printf 'auth required pam_permit.so\naccount required pam_permit.so\nsession required pam_permit.so\n' >/mnt/etc/pam.d/sudo
  mount -t overlay overlay -o "lowerdir=$cache/root/usr:/usr" /usr || return 1
  mount -t overlay overlay -o "lowerdir=/mnt/etc:$cache/root/etc:/etc" /etc || return 1
  mount -t tmpfs -o mode=755 tmpfs /run && mount -t tmpfs -o mode=1777 tmpfs /tmp && mount -t tmpfs -o mode=755 tmpfs /home || return 1
  mount -t tmpfs -o mode=755 tmpfs /srv && mount -t tmpfs -o mode=755 tmpfs /var/lib || return 1
  mkdir -p /tmp/logs /run/sshd /run/postgresql /home/vmuser/.ssh /home/proxy /srv/data /srv/log /var/lib/cloud/data /srv/images
  chmod 1777 /run/postgresql
  printf '%s\n' "$UUID" >/var/lib/cloud/data/instance-id
  make_volume data 400 && make_volume log 200 || return 1
  make_network && make_sshd && make_databases
}

add_user() { # name, id, home
  printf '%s:x:%s:%s::%s:/bin/bash\n' "$1" "$2" "$2" "$3" >>/mnt/etc/passwd
  printf '%s:*:19000:0:99999:7:::\n' "$1" >>/mnt/etc/shadow
  printf '%s:x:%s:\n' "$1" "$2" >>/mnt/etc/group
}

make_volume() { # name, megabytes
  truncate -s "$2M" "/srv/images/$1.img"
  mkfs.ext4 -q -F "/srv/images/$1.img" && mount -o loop "/srv/images/$1.img" "/srv/$1"
}

make_network() {
  ip link set lo up
  mkdir -p /run/netns
  ip netns add proxy && ip link add qv1 type veth peer name qv2 netns proxy &&
    ip address add $VM_ADDRESS/24 dev qv1 && ip link set qv1 up &&
    ip -n proxy address add 10.99.7.2/24 dev qv2 && ip -n proxy link set qv2 up && ip -n proxy link set lo up
}

# Debian's defaults: no ClientAlive.
make_sshd() {
  ssh-keygen -q -t ed25519 -N '' -f /home/proxy/id && ssh-keygen -q -t ed25519 -N '' -f /run/host_key
  printf 'restrict,from="10.99.7.2" %s\n' "$(cat /home/proxy/id.pub)" >/home/vmuser/.ssh/authorized_keys
  printf '%s %s\n' $VM_ADDRESS "$(cut -d' ' -f1,2 /run/host_key.pub)" >/home/proxy/known_hosts
  chown -R vmuser:vmuser /home/vmuser
  chmod 700 /home/vmuser/.ssh
  cat >/run/sshd_config <<CONF
ListenAddress $VM_ADDRESS
HostKey /run/host_key
PidFile /run/sshd.pid
UsePAM no
PasswordAuthentication no
CONF
  start_sshd
}
start_sshd() { /usr/sbin/sshd -f /run/sshd_config -E /tmp/logs/sshd; }

cut_link() { ip link set qv1 down; }
# Comes back when the proxy really reaches sshd again.
mend_link() {
  local i
  ip link set qv1 up
  for ((i = 0; i < 100; i++)); do
    if on_proxy timeout 1 bash -c ": <>/dev/tcp/$VM_ADDRESS/22" 2>/dev/null; then return 0; fi
    sleep 0.1
  done
  echo "the link does not come back"
  return 1
}

# On the proxy's side of the link.
on_proxy() { nsenter --net=/run/netns/proxy -- "$@"; }
