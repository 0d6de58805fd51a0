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

# Images into the node. Which are there is written down on the node: kind would copy hundreds of megabytes to find out.
load() { # load NAME IMAGE...
  local node=$1-control-plane image id stale=()
  for image in "${@:2}"; do
    id=$(docker image inspect --format '{{.Id}}' "$image") || fail "there is no image $image." "Run make images."
    [ "$(docker exec "$node" cat "/var/lib/fraud-images/$image" 2>/dev/null)" = "$id" ] || stale+=("$image")
  done
  [ ${#stale[@]} -gt 0 ] || return 0
  say "loading ${stale[*]} into $1"
  kind load docker-image --name "$1" "${stale[@]}"
  docker exec "$node" mkdir -p /var/lib/fraud-images
  for image in "${stale[@]}"; do
    docker image inspect --format '{{.Id}}' "$image" | docker exec --interactive "$node" tee "/var/lib/fraud-images/$image" >/dev/null
  done
}
