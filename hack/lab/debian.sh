# Debian root file systems.

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
  # the mirror that debootstrap chose, its updates and security fixes too
  sed -i -E 's|^deb ([^ ]+) bookworm main$|&\ndeb \1 bookworm-updates main\ndeb \1-security bookworm-security main|' \
    "$root/etc/apt/sources.list"
  tar -C "$root" -cf "$tar.new" .
  rm -rf "$root"
  mv "$tar.new" "$tar"
  echo "$2" >"$LAB_HOME/$1.packages"
}
