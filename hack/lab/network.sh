# NetworkPolicies are enforced: by kind's own network daemon on kind's own node, by a program of ours on a node of ours.

POLICIES=kube-network-policies

policies_up() { # policies_up NAME: where the node is ours; put there again when the program is another one
  local node=$1-control-plane ours image sum
  ours=$(kube_system "$1" get configmap static-network --ignore-not-found --output name)
  [ -n "$ours" ] || return 0
  install_module $POLICIES sigs.k8s.io/$POLICIES "$NETWORK_POLICIES" sigs.k8s.io/$POLICIES/cmd
  sum=$(sha256sum <"$BIN/$POLICIES" | cut -d' ' -f1)
  if [ "$(docker exec "$node" sha256sum /usr/local/bin/$POLICIES 2>/dev/null | cut -d' ' -f1)" != "$sum" ]; then
    docker cp "$BIN/$POLICIES" "$node:/usr/local/bin/$POLICIES.new" >/dev/null
    docker exec "$node" mv "/usr/local/bin/$POLICIES.new" "/usr/local/bin/$POLICIES"
  fi
  # an image that has iptables, and is there
  image=$(kube_system "$1" get daemonset kube-proxy --output 'jsonpath={.spec.template.spec.containers[0].image}')
  sed "s|IMAGE|$image|; s|SUM|$sum|" "$HERE/network.yaml" | kube_system "$1" apply --filename - >/dev/null
  kube_system "$1" rollout status "daemonset/$POLICIES" --timeout=180s >/dev/null ||
    fail "nothing enforces NetworkPolicies in $1." "Read kubectl --namespace kube-system logs daemonset/$POLICIES."
}

kube_system() { kubectl --context "kind-$1" --namespace kube-system "${@:2}"; } # kube_system NAME ARGUMENT...
