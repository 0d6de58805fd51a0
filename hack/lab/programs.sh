# Programs: the user's own where they are on the PATH, else built from their Go modules into the cache.

KIND=v0.33.0
HELM=v3.21.4
KUBERNETES=v1.36.3
COREDNS=v1.14.7
PROVISIONER=v0.0.30
NETWORK_POLICIES=v0.8.0

tools() {
  own kind || install_module kind sigs.k8s.io/kind "$KIND"
  own helm || install_module helm helm.sh/helm/v3 "$HELM" helm.sh/helm/v3/cmd/helm
  own kubectl || hyperkube
}

own() { PATH=$OWN_PATH command -v "$1" >/dev/null; }

# What goes into a node, all of it.
node_programs() {
  hyperkube
  install_module local-path-provisioner github.com/rancher/local-path-provisioner "$PROVISIONER"
  [ -x "$BIN/pause" ] && made_of containerd github.com/containerd/containerd/v2 && made_of etcd go.etcd.io/etcd/server/v3 && return
  say "building containerd, etcd and pause"
  (cd "$HERE/node" && go_build -tags 'no_btrfs no_devmapper no_zfs no_aufs' -ldflags '-s -w')
}

# kube-*, kubelet, kubeadm and kubectl; CoreDNS, which shares their libraries.
hyperkube() {
  ln -sf hyperkube "$BIN/kubectl"
  built hyperkube k8s.io/kubernetes "$KUBERNETES" && built coredns github.com/coredns/coredns "$COREDNS" && return
  say "building Kubernetes $KUBERNETES and CoreDNS $COREDNS (some ten minutes)"
  local minor=${KUBERNETES#v*.} stamp flags='-s -w'
  for stamp in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
    flags+=" -X $stamp.gitVersion=$KUBERNETES -X $stamp.gitMajor=1 -X $stamp.gitMinor=${minor%.*}"
  done
  (cd "$HERE/kube" && go_build -ldflags "$flags")
}

install_module() { # install_module PROGRAM MODULE VERSION [PACKAGE]
  built "$1" "$2" "$3" && return
  need_go
  local package=${4:-$2}
  say "building $1 $3"
  CGO_ENABLED=0 GOBIN=$LAB_HOME/new go install -trimpath -ldflags '-s -w' "$package@$3"
  mv "$LAB_HOME/new/${package##*/}" "$BIN/$1"
}

go_build() { # go_build FLAG...: every program of the module here; whole or not at all
  need_go
  rm -rf "$LAB_HOME/new" && mkdir -p "$LAB_HOME/new"
  CGO_ENABLED=0 go build -trimpath "$@" -o "$LAB_HOME/new/" ./...
  mv "$LAB_HOME"/new/* "$BIN/"
}

built() { # built PROGRAM MODULE VERSION: Go writes into a program what it was made of
  [ -x "$BIN/$1" ] && go version -m "$BIN/$1" 2>/dev/null | grep -qE "[[:space:]]$2[[:space:]]+$3([[:space:]]|$)"
}

made_of() { # made_of PROGRAM MODULE: the version that our go.mod asks for
  built "$1" "$2" "$(awk -v module="$2" '$1 == module {print $2}' "$HERE/node/go.mod")"
}

need_go() {
  command -v go >/dev/null || fail "no container registry can be reached, and Go is missing to build from modules instead." \
    "Install Go $(awk '$1 == "go" {print $2}' "$HERE/kube/go.mod") or newer."
}
