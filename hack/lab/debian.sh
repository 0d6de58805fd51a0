# Debian root file systems, and the base image made of one.

debian() { # debian NAME PACKAGE,...: a minimal bookworm as $LAB_HOME/NAME.tar
  local tar=$LAB_HOME/$1.tar root=$LAB_HOME/$1.root
  [ -f "$tar" ] && [ "$(cat "$LAB_HOME/$1.packages" 2>/dev/null)" = "$2" ] && return
  need_root "No container registry can be reached from here, and making an image from Debian packages"
  need debootstrap debootstrap
  say "a Debian root for $1"
  rm -rf "$root"
  quietly "$1" debootstrap --variant=minbase --include="$2" bookworm "$root"
  # their folders stay: packages link into them
  find "$root"/usr/share/{doc,man,locale} ! -type d -delete
  rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/*
  cat >"$root/etc/apt/sources.list" <<'APT'
deb http://deb.debian.org/debian bookworm main
deb http://deb.debian.org/debian bookworm-updates main
deb http://deb.debian.org/debian-security bookworm-security main
APT
  tar -C "$root" -cf "$tar.new" .
  rm -rf "$root"
  mv "$tar.new" "$tar"
  echo "$2" >"$LAB_HOME/$1.packages"
}

# Stands in for the public image of this name: `python` and `pip` on the path, and pip may install system-wide.
base_image() {
  docker image inspect "$BASE_IMAGE" >/dev/null 2>&1 && return
  if registry_reached; then docker pull "$BASE_IMAGE"; return; fi
  debian python python3,python3-pip,python3-venv,ca-certificates
  say "image $BASE_IMAGE"
  local context=$LAB_HOME/python.dir
  rm -rf "$context" && mkdir -p "$context"
  docker import "$LAB_HOME/python.tar" fraud-lab/debian-python >/dev/null
  # the machine's own certificate authorities: behind a proxy that signs for others, no build could install anything
  cp /etc/ssl/certs/ca-certificates.crt "$context/"
  cat >"$context/Dockerfile" <<'DOCKERFILE'
FROM fraud-lab/debian-python
COPY ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
RUN ln -s python3 /usr/bin/python && rm -f /usr/lib/python3.11/EXTERNALLY-MANAGED
ENV PIP_CERT=/etc/ssl/certs/ca-certificates.crt SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt
CMD ["python3"]
DOCKERFILE
  quietly base docker build --tag "$BASE_IMAGE" "$context"
  rm -rf "$context"
}
