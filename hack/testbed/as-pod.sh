#!/bin/sh
# as-pod.sh <folder> <command ...>: runs the command with the folder's `token`, `ca.crt` and `namespace` where a pod finds
# its service account, in a mount namespace of its own: nothing outside of it sees another /run. Needs root.
set -eu
# As in an image for Node: glibc would keep an arena of freed memory for each of its threads.
export MALLOC_ARENA_MAX=2
exec unshare --mount --propagation private sh -eu -c '
  files=$1
  shift
  mount -t tmpfs -o mode=755,size=1m tmpfs /run
  mkdir -p /run/secrets/kubernetes.io/serviceaccount
  cp "$files/token" "$files/ca.crt" "$files/namespace" /run/secrets/kubernetes.io/serviceaccount/
  exec "$@"
' as-pod "$@"
