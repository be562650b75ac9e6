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
module_of() { if [ "$1" = etcd ]; then echo etcd; else echo control-plane; fi; }
sum_of() { sha256sum <"$here/$(module_of "$1")/go.mod"; }
is_there() {
  [ -n "${KUBEBUILDER_ASSETS:-}" ] && [ -x "$KUBEBUILDER_ASSETS/$1" ] && return
  # Built from another go.mod it is built again; one that somebody else has put there is taken as it is.
  [ -x "$bin/$1" ] && { [ ! -e "$bin/$1.built-from" ] || [ "$(cat "$bin/$1.built-from")" = "$(sum_of "$1")" ]; }
}
missing() { for name in etcd kube-apiserver kube-controller-manager kubectl; do is_there "$name" || echo "$name"; done; }

build() { # binary, package, about how long, linker flags
  say "building $1, about $3 ..."
  command -v go >/dev/null || cannot "$1" "Install Go 1.26 or newer, or set KUBEBUILDER_ASSETS to a folder with the binary."
  local free_mb go_cache
  go_cache=$(go env GOCACHE)
  mkdir -p "$go_cache"
  free_mb=$(df -Pm "$go_cache" "$bin" | awk 'NR > 1 && (least == "" || $4 < least) { least = $4 } END { print least }')
  [ "$free_mb" -ge "$needed_mb" ] ||
    cannot "$1" "Building it needs ${needed_mb} MB free in Go's cache and in $bin; there are $free_mb MB."
  (cd "$here/$(module_of "$1")" && GOFLAGS=-mod=readonly nice -n 10 go build -trimpath -ldflags="-s -w $4" -o "$bin/$1.part" "$2") >&2 ||
    cannot "$1" "Go's message is above. A ready binary can be used too: put it into $bin, or set KUBEBUILDER_ASSETS to its folder."
  mv "$bin/$1.part" "$bin/$1"
  sum_of "$1" >"$bin/$1.built-from"
}

command -v openssl >/dev/null || {
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null && say "installing openssl ..." &&
    { apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends openssl; } >/dev/null
} || cannot "openssl" "Install the package openssl; the API server's certificates are made with it."
[ -n "$(missing)" ] || exit 0
mkdir -p "$bin" || cannot "the cache folder $cache" "Set BACULA_OPENSTACK_SYNC_CACHE to a folder that you can write."
exec 9>"$cache/.install-kubernetes.lock"
flock -n 9 || { say "waiting for another build of Kubernetes ..."; flock 9; }
component=k8s.io/component-base/version
stamp="-X $component.gitVersion=$version -X $component.gitMajor=1 -X $component.gitMinor=$(echo "$version" | cut -d. -f2)"
for name in $(missing); do
  case $name in
    etcd) build etcd go.etcd.io/etcd/server/v3 "1 minute" "" ;;
    kube-apiserver) build $name k8s.io/kubernetes/cmd/$name "4 minutes" "$stamp" ;;
    *) build "$name" "k8s.io/kubernetes/cmd/$name" "1 minute" "$stamp" ;;
  esac
done
say "Kubernetes $version is ready in $bin"
