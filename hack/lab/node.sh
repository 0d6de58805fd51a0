# The node image: kind's own base files over a Debian root, our programs, and the control plane's images loaded.

PAUSE_TAG=3.10.2 COREDNS_TAG=v1.14.2 ETCD_TAG=3.6.8-0 # what kubeadm $KUBERNETES asks for
NODE_PACKAGES=systemd,systemd-sysv,dbus,conntrack,iptables,nftables,iproute2,ethtool,mount,kmod,libseccomp2,pigz,\
e2fsprogs,ca-certificates,curl,jq,procps,runc,containernetworking-plugins
NODE_IMAGE=fraud-lab/node:$KUBERNETES-$(cd "$HERE" && cat {programs,debian,node}.sh static-network.conflist {node,kube}/{go.mod,*/main.go} |
  sha256sum | cut -c1-8)

node_made() { docker image inspect "$NODE_IMAGE" >/dev/null 2>&1; }

node_image() {
  node_made && return
  node_programs
  debian node "$NODE_PACKAGES"
  say "node image"
  node_base
  control_images
  load_images
  printf '%s\n' 'FROM fraud-lab/node-loaded' 'ENTRYPOINT ["/usr/local/bin/entrypoint", "/sbin/init"]' 'CMD []' \
    'STOPSIGNAL SIGRTMIN+3' | quietly node-image docker build --tag "$NODE_IMAGE" -
  docker rmi fraud-lab/node-loaded >/dev/null
  rm -rf "$LAB_HOME/node-control"
}

node_base() {
  local root=$LAB_HOME/node-root kind name
  kind=$(kind_sources)
  rm -rf "$root" && mkdir -p "$root"
  tar -C "$root" -xf "$LAB_HOME/node.tar"
  kind_files "$kind" "$root"
  mkdir -p "$root/etc/cni/net.d" "$root/opt/cni/bin" "$root/etc/kubernetes/manifests"
  cp "$root"/usr/lib/cni/{host-local,loopback,ptp,portmap} "$root/opt/cni/bin/"
  cp "$HERE/static-network.conflist" "$root/etc/cni/net.d/10-kind.conflist"

  install -m755 "$BIN"/{hyperkube,containerd,ctr,containerd-shim-runc-v2,local-path-provisioner} "$root/usr/local/bin/"
  cp "$root/usr/sbin/runc" "$root/usr/local/sbin/runc"
  for name in kubeadm kubelet kubectl; do ln -sf /usr/local/bin/hyperkube "$root/usr/bin/$name"; done
  ln -sf /usr/local/bin/hyperkube "$root/usr/local/bin/kube-proxy"
  quietly node-units chroot "$root" bash -euc '
    wants=/lib/systemd/system
    rm -f $wants/sysinit.target.wants/systemd-tmpfiles-setup.service $wants/{multi-user,local-fs,basic}.target.wants/* \
      $wants/sockets.target.wants/*{udev,initctl}* /etc/systemd/system/*.wants/*
    echo ReadKMsg=no >>/etc/systemd/journald.conf
    systemctl enable kubelet containerd undo-mount-hacks
    systemctl mask systemd-binfmt'
  local path=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
  tar -C "$root" -c . | docker import --change "ENV container=docker PATH=$path" - "fraud-lab/node-base:$KUBERNETES" >/dev/null
  rm -rf "$root"
}

kind_sources() {
  need_go
  local told
  told=$(cd "$LAB_HOME" && go mod download -json "sigs.k8s.io/kind@$KIND") || fail "kind's sources can't be had." "$told"
  sed -n 's/.*"Dir": "\(.*\)".*/\1/p' <<<"$told"
}

kind_files() { # kind_files SOURCES ROOT
  local files=$1/images/base/files
  cp -r --no-preserve=mode "$files/etc/." "$2/etc/"
  cp -r --no-preserve=mode "$files/kind" "$2/"
  chmod 755 "$2"/kind/bin/*
  install -m755 "$files"/usr/local/bin/* "$2/usr/local/bin/"
  # the second: without CAP_SYS_RESOURCE no process may lower its own out-of-memory score
  sed -i "s|sandbox_image = .*|sandbox_image = \"registry.k8s.io/pause:$PAUSE_TAG\"|
    s/restrict_oom_score_adj = false/restrict_oom_score_adj = true/" "$2/etc/containerd/config.toml"
  mkdir -p "$2/kind/manifests"
  echo "$KUBERNETES" >"$2/kind/version"
  # one node needs no network daemon; kind wants a manifest to apply all the same
  printf 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: static-network, namespace: kube-system}\n' \
    >"$2/kind/manifests/default-cni.yaml"
  sed -n '/^const defaultStorageManifest = `/,/^`/p' "$1/pkg/build/nodeimage/const_storage.go" |
    sed "1d;\$d; s|\` + storage[A-Za-z]*Image + \`|fraud-lab/node-base:$KUBERNETES|" >"$2/kind/manifests/default-storage.yaml"
  grep -q 'image: fraud-lab' "$2/kind/manifests/default-storage.yaml" ||
    fail "kind $KIND keeps its storage manifest elsewhere." "Look for defaultStorageManifest in $1."
}

# The control plane's images: one static binary under the names that kubeadm expects.
control_images() {
  local context=$LAB_HOME/node-control name
  rm -rf "$context" && mkdir -p "$context/links"
  cp "$BIN"/{hyperkube,etcd,coredns,pause} "$context/"
  for name in kube-apiserver kube-controller-manager kube-scheduler; do
    ln -s /usr/local/bin/hyperkube "$context/links/$name"
  done
  scratch_image "pause:$PAUSE_TAG" 'COPY pause /pause' 'ENTRYPOINT ["/pause"]'
  scratch_image "coredns/coredns:$COREDNS_TAG" 'COPY coredns /coredns' 'ENTRYPOINT ["/coredns"]'
  scratch_image "kube-apiserver:$KUBERNETES" 'COPY hyperkube etcd links/ /usr/local/bin/' 'ENV PATH=/usr/local/bin'
  for name in "kube-controller-manager:$KUBERNETES" "kube-scheduler:$KUBERNETES" "etcd:$ETCD_TAG"; do
    docker tag "registry.k8s.io/kube-apiserver:$KUBERNETES" "registry.k8s.io/$name"
  done
  docker tag "fraud-lab/node-base:$KUBERNETES" "registry.k8s.io/kube-proxy:$KUBERNETES"
}

scratch_image() { # scratch_image NAME LINE...
  printf '%s\n' 'FROM scratch' "${@:2}" >"$LAB_HOME/node-control/Dockerfile"
  quietly control docker build --tag "registry.k8s.io/$1" "$LAB_HOME/node-control"
}

# Preloads a node's containerd with them, as kind's own build does.
load_images() {
  local context=$LAB_HOME/node-control
  docker save --output "$context/images.tar" fraud-lab/node-base:$KUBERNETES registry.k8s.io/pause:$PAUSE_TAG \
    registry.k8s.io/coredns/coredns:$COREDNS_TAG registry.k8s.io/etcd:$ETCD_TAG \
    registry.k8s.io/kube-{apiserver,controller-manager,scheduler,proxy}:$KUBERNETES
  docker rm --force fraud-lab-node >/dev/null 2>&1 || true
  docker run --detach --name fraud-lab-node --privileged --volume "$context:/in" "fraud-lab/node-base:$KUBERNETES" sleep infinity >/dev/null
  quietly node-load docker exec fraud-lab-node bash -euc '
    ctr oci spec | jq "
      .hooks.createContainer[.hooks.createContainer | length] |= . + {path: \"/kind/bin/mount-product-files.sh\"}
      | del(.process.rlimits)" >/etc/containerd/cri-base.json
    containerd >/tmp/containerd.log 2>&1 & engine=$!
    for _ in $(seq 100); do ctr version >/dev/null 2>&1 && break; sleep 0.2; done
    ctr --namespace k8s.io images import /in/images.tar
    kill $engine; wait $engine || true
    rm -rf /run/containerd /tmp/containerd.log'
  docker commit fraud-lab-node fraud-lab/node-loaded >/dev/null
  docker rm --force fraud-lab-node >/dev/null
}
