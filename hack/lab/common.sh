# Shared by the lab's parts: words, locks, rights.

say() { echo "lab: $*" >&2; }

fail() { # fail WHAT DO: what is wrong, and what to do about it
  printf 'lab: %s\n     %s\n' "$1" "$2" >&2
  exit 1
}

# Two labs never build into one cache. The lock goes with the process, however it ends, so nothing is left to clean up.
one_at_a_time() {
  exec {LOCK}>"$LAB_HOME/lock"
  flock -n "$LOCK" || { say "waiting for another lab on this machine"; flock "$LOCK"; }
}

need_root() { # need_root WHY
  [ "$(id -u)" = 0 ] || fail "$1 needs root, and you are $(id -un)." \
    "Run it as root, or on a machine with a Docker engine that can pull images."
}

need() { # need PROGRAM PACKAGE: from Debian, when it isn't there
  command -v "$1" >/dev/null && return
  need_root "Installing $1"
  command -v apt-get >/dev/null || fail "$1 is missing, and there is no apt-get to install it with." "Install $1."
  say "installing $2"
  [ -n "${APT_FRESH:-}" ] || apt-get update -qq >/dev/null
  APT_FRESH=yes
  apt-get install -y -qq --no-install-recommends "$2" >/dev/null
}

quietly() { # quietly LOG COMMAND...: its output only when it fails
  local log=$LAB_HOME/$1.log
  shift
  "$@" >"$log" 2>&1 || { tail -20 "$log" >&2; fail "failed: $*" "The whole output is in $log."; }
}
