"""Debian packages: what dpkg says is installed, and which files are theirs."""

from collections.abc import Iterator
from email.parser import HeaderParser
from pathlib import Path

from sbom.document import Component, purl


def debian_packages(root: Path) -> Iterator[Component]:
    """Every package that is installed."""
    status = root / "var/lib/dpkg/status"
    text = status.read_text() if status.is_file() else ""
    for stanza in filter(str.strip, text.split("\n\n")):
        said = HeaderParser().parsestr(stanza)
        if said["Status"] == "install ok installed":
            name, version = said["Package"], said["Version"]
            own = purl("deb", name, version, "debian", arch=said["Architecture"], distro=_release(root))
            yield Component(own, name, version)


def owned_files(root: Path) -> frozenset[str]:
    """Paths, with a slash in front, of the files that packages have brought."""
    lists = (root / "var/lib/dpkg/info").glob("*.list")
    return frozenset(line for one in lists for line in one.read_text().splitlines())


def _release(root: Path) -> str:
    """Such as ``debian-12``: scanners look weaknesses up by it."""
    path = root / "usr/lib/os-release"
    lines = path.read_text().splitlines() if path.is_file() else []
    said = {key: value.strip('"') for key, _, value in (line.partition("=") for line in lines)}
    return "-".join(said[key] for key in ("ID", "VERSION_ID") if key in said)
