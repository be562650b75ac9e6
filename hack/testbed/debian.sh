# For the install scripts of the test bed's parts: Debian's packages, also of another release than this machine's,
# without a change of the system. To be sourced.

say() { echo "test bed: $*" >&2; }
cannot() { # part, what to do
  say "$1 can't be had. $2"
  exit 1
}
is_root() { [ "$(id -u)" = 0 ]; }
need() { # program, Debian package
  command -v "$1" >/dev/null && return
  is_root && command -v apt-get >/dev/null || cannot "$1" "Install the package $2."
  say "installing $2 ..."
  install_packages "$2"
}
install_packages() {
  { apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "$@"; } >/dev/null ||
    cannot "the Debian package $*" "Look at apt's message above; with no network, install it by hand."
}

debian_mirror() { # the one that this machine uses anyway; nothing as long as apt has no lists, which tell whose a mirror is
  apt-get indextargets --format '$(LABEL) $(REPO_URI)' 'Created-By: Packages' | awk '$1 == "Debian" { print $2; exit }'
}

# Gives apt-get a folder and an empty list of installed packages of its own: `apt-get "${debian[@]}" download ...`, or
# `install --download-only` for a package with all that it needs.
open_debian() { # folder, release, part
  local apt=$1 release=$2 part=$3 keyring=/usr/share/keyrings/debian-archive-keyring.gpg mirror
  command -v apt-get >/dev/null && command -v dpkg >/dev/null ||
    cannot "$part" "Its Debian packages need apt-get and dpkg: use a Debian or Ubuntu machine."
  [ -f $keyring ] || { is_root && install_packages debian-archive-keyring; } || true
  [ -f $keyring ] || cannot "$part" "Install debian-archive-keyring, which proves Debian's packages."
  rm -rf "$apt"
  mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial"
  : >"$apt/status"
  mirror=$(debian_mirror)
  if [ -z "$mirror" ] && is_root; then
    apt-get -qq update >&2 || true
    mirror=$(debian_mirror)
  fi
  [ -n "$mirror" ] || cannot "$part" "apt's sources have no Debian mirror: add one to /etc/apt/sources.list.d, run apt-get update, and try again."
  echo "deb [signed-by=$keyring] $mirror $release main" >"$apt/sources.list"
  debian=(-qq -o "Dir::Etc::sourcelist=$apt/sources.list" -o Dir::Etc::sourceparts=/dev/null
    -o "Dir::State::lists=$apt/lists" -o "Dir::State::status=$apt/status" -o "Dir::Cache=$apt/cache"
    -o APT::Sandbox::User= -o Acquire::Languages=none -o APT::Update::Error-Mode=any)
  apt-get "${debian[@]}" update >&2 ||
    cannot "$part" "Debian $release could not be read from $mirror; see apt's message above."
}
