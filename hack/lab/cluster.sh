# The cluster itself.

cluster_up() { # cluster_up NAME
  if kind get clusters 2>/dev/null | grep -qx "$1"; then
    start_again "$1" && return
    fail "cluster $1 is there and does not come back." "Delete it with hack/lab/lab down $1, and what is in it with it."
  fi
  local image=()
  registry_reached || { node_image; image=(--image "$NODE_IMAGE"); }
  kind create cluster --name "$1" --config "$CONFIG" --wait 180s "${image[@]}"
  make_room "$1"
}

# The control plane asks for nearly a whole CPU, made for machines that do nothing else: on two cores, that leaves no
# room for a second detector. What it asks for is not what it uses.
make_room() { # make_room NAME
  kubectl --context "kind-$1" --namespace kube-system scale deployment coredns --replicas=1 >/dev/null
  docker exec "$1-control-plane" sed -i -E 's/^( +cpu: )[0-9]+m$/\110m/' \
    /etc/kubernetes/manifests/{etcd,kube-apiserver,kube-controller-manager,kube-scheduler}.yaml
  for _ in $(seq 90); do
    sleep 2 # the kubelet looks at its files every now and then, and the API server is gone for a moment
    control_plane_asks "$1" | grep -q . && continue
    # it answers a moment before it knows who may do what
    kubectl --context "kind-$1" auth can-i '*' '*' >/dev/null 2>&1 && return
  done
  fail "the control plane of $1 does not come back." "Delete the cluster: hack/lab/lab down $1."
}

control_plane_asks() { # control_plane_asks NAME: what still asks for more, or that nobody answers
  kubectl --context "kind-$1" --namespace kube-system get pods --selector tier=control-plane --output \
    jsonpath='{range .items[*]}{.status.phase} {.spec.containers[0].resources.requests.cpu}{"\n"}{end}' 2>&1 |
    grep -v '^Running 10m$'
}

# A restart of the machine, or of Docker, stops the node and nothing else.
start_again() { # start_again NAME
  local node=$1-control-plane
  [ "$(docker inspect --format '{{.State.Status}}' "$node")" != paused ] || docker unpause "$node" >/dev/null
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
