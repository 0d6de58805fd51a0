# The cluster itself.

cluster_up() { # cluster_up NAME
  if kind get clusters 2>/dev/null | grep -qx "$1"; then
    start_again "$1" && return
    say "cluster $1 does not come back; making it anew"
    kind delete cluster --name "$1"
  fi
  local image=()
  registry_reached || { node_image; image=(--image "$NODE_IMAGE"); }
  kind create cluster --name "$1" --config "$CONFIG" --wait 180s "${image[@]}"
}

# A restart of the machine, or of Docker, stops the node and nothing else.
start_again() { # start_again NAME
  local node=$1-control-plane
  docker start "$node" >/dev/null || return 1
  kind export kubeconfig --name "$1" >/dev/null 2>&1 || return 1
  for _ in $(seq 60); do
    kubectl --context "kind-$1" wait --for=condition=Ready "node/$node" --timeout=5s >/dev/null 2>&1 && return
    sleep 1
  done
  return 1
}
