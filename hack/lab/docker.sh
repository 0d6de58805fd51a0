# A Docker engine that answers: the machine's own, or one that is installed and started here.

docker_up() {
  if ! docker_answers; then
    [ "$(id -u)" = 0 ] || fail "no Docker engine answers, and only root can start one." \
      "Start Docker and let the user $(id -un) use it, or run this as root on Debian."
    need dockerd docker.io
    need docker docker.io
    need iptables iptables
    adapt_runc
    forget_dead_engine
    start_engine
  fi
  # the classic builder where the client has no buildx
  docker buildx version >/dev/null 2>&1 || export DOCKER_BUILDKIT=0
}

docker_answers() { command -v docker >/dev/null && timeout 20 docker info >/dev/null 2>&1; }

start_engine() {
  say "starting dockerd"
  # without our lock, or it would be held for as long as the engine runs, and without our programs: the node's
  # containerd-shim is among them, and the engine's containerd does not understand it
  PATH=$OWN_PATH setsid nohup dockerd >"$LAB_HOME/dockerd.log" 2>&1 </dev/null {LOCK}>&- &
  echo $! >"$LAB_HOME/dockerd.pid"
  for _ in $(seq 120); do
    docker_answers && return
    kill -0 $! 2>/dev/null || break
    sleep 0.5
  done
  tail -5 "$LAB_HOME/dockerd.log" >&2
  fail "dockerd does not start." "The whole output is in $LAB_HOME/dockerd.log."
}

docker_down() {
  local id
  forget "$LAB_HOME/dockerd.pid" dockerd
  id=$(cat "$LAB_HOME/dockerd.pid" 2>/dev/null) || return 0
  say "stopping dockerd"
  kill "$id"
  for _ in $(seq 120); do
    kill -0 "$id" 2>/dev/null || { rm -f "$LAB_HOME/dockerd.pid"; return; }
    sleep 0.5
  done
  fail "dockerd, process $id, does not end."
}

# After a crash or a restart of the machine the files with process ids are still there, and the ids may be another
# program's by now: dockerd would refuse to start, or wait for a containerd that isn't one.
forget_dead_engine() {
  forget /var/run/docker.pid dockerd
  forget /var/run/docker/containerd/containerd.pid containerd
  forget /run/docker/containerd/containerd.pid containerd
}

forget() { # forget PIDFILE PROGRAM: unless that program does run under that id
  [ -f "$1" ] || return 0
  [ "$(cat "/proc/$(cat "$1")/comm" 2>/dev/null)" = "$2" ] || { say "removing $1, left by a dead $2"; rm -f "$1"; }
}

adapt_runc() {
  local held
  held=$(sed -n 's/^CapBnd:[[:space:]]*//p' /proc/self/status)
  ((0x$held >> 24 & 1)) && return # CAP_SYS_RESOURCE is capability 24
  need jq jq
  install -D -m755 "$HERE/runc-capped" /usr/local/bin/runc-capped
  [ -f /etc/docker/daemon.json ] && return
  mkdir -p /etc/docker
  cat >/etc/docker/daemon.json <<'JSON'
{"default-runtime": "capped", "runtimes": {"capped": {"path": "/usr/local/bin/runc-capped"}}}
JSON
}

registry_reached() { timeout 20 docker manifest inspect "$BASE_IMAGE" >/dev/null 2>&1; }
