# The base image of our Dockerfiles.

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
RUN echo 'APT::Keep-Downloaded-Packages "false"; Dir::Cache::pkgcache ""; Dir::Cache::srcpkgcache "";' >/etc/apt/apt.conf.d/keep-nothing
ENV PIP_CERT=/etc/ssl/certs/ca-certificates.crt SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt
LABEL io.frauddetector.base="made here"
CMD ["python3"]
DOCKERFILE
  quietly base docker build --tag "$BASE_IMAGE" "$context"
  rm -rf "$context"
}
