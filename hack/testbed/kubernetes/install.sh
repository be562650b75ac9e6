#!/usr/bin/env bash
# Puts etcd, kube-apiserver, kube-controller-manager and kubectl into the cache folder, each only when it is missing.
# A binary in $KUBEBUILDER_ASSETS is used as it is; the others are built from their Go modules, whose checksums go.sum
# holds. Cold on 2 cores: about 7 minutes and 3 GB of disk while it builds; warm at once.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${BACULA_OPENSTACK_SYNC_CACHE:-/var/tmp/bacula-openstack-sync}
bin=$cache/bin
version=$(awk '$2 == "k8s.io/kubernetes" { print $3 }' "$here/control-plane/go.mod")
needed_mb=4000

say() { echo "test bed: $*" >&2; }
cannot() { # part, what to do
  say "$1 can't be had. $2"
  exit 1
}
is_there() {
  [ -n "${KUBEBUILDER_ASSETS:-}" ] && [ -x "$KUBEBUILDER_ASSETS/$1" ] && return
  [ -x "$bin/$1" ]
}
missing() { for name in etcd kube-apiserver kube-controller-manager kubectl; do is_there "$name" || echo "$name"; done; }

build() { # binary, module folder, package, about how long, linker flags
  say "building $1, about $4 ..."
  command -v go >/dev/null || cannot "$1" "Install Go 1.26 or newer, or set KUBEBUILDER_ASSETS to a folder with the binary."
  local free_mb
  free_mb=$(df -Pm "$(go env GOCACHE 2>/dev/null || echo /)" "$bin" | awk 'NR > 1 && (least == "" || $4 < least) { least = $4 } END { print least }')
  [ "$free_mb" -ge "$needed_mb" ] ||
    cannot "$1" "Building it needs ${needed_mb} MB free in Go's cache and in $bin; there are $free_mb MB."
  (cd "$here/$2" && GOFLAGS=-mod=readonly CGO_ENABLED=0 nice -n 10 go build -trimpath -ldflags="-s -w $5" -o "$bin/$1.part" "$3") >&2 ||
    cannot "$1" "Go's message is above. A ready binary can be used too: put it into $bin, or set KUBEBUILDER_ASSETS to its folder."
  mv "$bin/$1.part" "$bin/$1"
}

command -v openssl >/dev/null || {
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null && say "installing openssl ..." &&
    { apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends openssl; } >&2
} || cannot "openssl" "Install the package openssl; the API server's certificates are made with it."
[ -n "$(missing)" ] || exit 0
mkdir -p "$bin" || cannot "the cache folder $cache" "Set BACULA_OPENSTACK_SYNC_CACHE to a folder that you can write."
exec 9>"$cache/.install-kubernetes.lock"
flock -n 9 || { say "waiting for another build of Kubernetes ..."; flock 9; }
component=k8s.io/component-base/version
stamp="-X $component.gitVersion=$version -X $component.gitMajor=1 -X $component.gitMinor=$(echo "$version" | cut -d. -f2)"
for name in $(missing); do
  case $name in
    etcd) build etcd etcd go.etcd.io/etcd/server/v3 "1 minute" "" ;;
    kube-apiserver) build $name control-plane k8s.io/kubernetes/cmd/$name "4 minutes" "$stamp" ;;
    *) build "$name" control-plane "k8s.io/kubernetes/cmd/$name" "1 minute" "$stamp" ;;
  esac
done
say "Kubernetes $version is ready in $bin"
