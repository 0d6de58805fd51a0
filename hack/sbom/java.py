"""Jars by their Maven coordinates: what Maven has resolved them from, else what they say of themselves.

Jars that hold others, or whose makers have put the classes of others into their own, are told with those.
"""

import hashlib
import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from sbom.document import Component, Coordinates, purl

_PART = r"[A-Za-z0-9_.-]+"
# Flink's makers check these lines: they say what was taken in
_BUNDLED = re.compile(rf"^- ({_PART}):({_PART})((?::{_PART}){{1,2}})\s*$", re.M)


def coordinates_of(listed: str) -> dict[str, tuple[str, str, str]]:
    """What Maven's ``dependency:list`` tells, by the names of the files that it copies."""
    found = {}
    for line in listed.splitlines():
        match line.strip().split(":"):
            case [group, artifact, kind, version, _]:
                found[f"{artifact}-{version}.{kind}"] = (group, artifact, version)
            case [group, artifact, kind, classifier, version, _]:
                found[f"{artifact}-{version}-{classifier}.{kind}"] = (group, artifact, version)
    return found


def java_archives(root: Path, owned: frozenset[str], resolved: Coordinates) -> Iterator[Component]:
    """Every jar that is not a Debian package's, and what is in it."""
    for path in sorted(root.rglob("*.jar")):
        place = f"/{path.relative_to(root)}"
        if place not in owned:
            yield from _archive(path.read_bytes(), place, resolved)


def _archive(content: bytes, place: str, resolved: Coordinates) -> Iterator[Component]:
    name = PurePosixPath(place).name
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except zipfile.BadZipFile:
        yield _unknown(content, place)
        return
    with archive:
        inside = set(_descriptors(archive))
        own = resolved.get(name) or _own(archive, name, inside)
        yield _component(*own, place) if own else _unknown(content, place)
        for others in sorted(inside | set(_bundled(archive))):
            yield _component(*others, place)
        for entry in archive.namelist():
            if entry.endswith(".jar"):
                yield from _archive(archive.read(entry), f"{place}!/{entry}", resolved)


def _component(group: str, artifact: str, version: str, place: str) -> Component:
    return Component(purl("maven", artifact, version, group), artifact, version, group, place=place)


def _unknown(content: bytes, place: str) -> Component:
    """A jar that nobody says anything of: by its file's name and content."""
    name = PurePosixPath(place).name
    checksum = f"sha256:{hashlib.sha256(content).hexdigest()}"
    return Component(purl("generic", name, checksum=checksum), name, place=place)


def _own(archive: zipfile.ZipFile, name: str, inside: set[tuple[str, str, str]]) -> tuple[str, str, str] | None:
    """A jar's own coordinates: of the descriptors in it that of its name, else what its manifest says."""
    stem = name.removesuffix(".jar")
    for group, artifact, version in inside:
        if stem in (artifact, f"{artifact}-{version}"):
            return group, artifact, version
    manifest = _text(archive, "META-INF/MANIFEST.MF").replace("\n ", "")
    said = dict(re.findall(rf"^Implementation-(Vendor-Id|Version): ({_PART})$", manifest, re.M))
    if len(said) < 2:
        return None
    # Maven writes the project's group as the vendor's id
    return said["Vendor-Id"], stem.removesuffix(f"-{said['Version']}"), said["Version"]


def _descriptors(archive: zipfile.ZipFile) -> Iterator[tuple[str, str, str]]:
    """Coordinates in the descriptors that Maven leaves in a jar, those of shaded jars included."""
    for entry in archive.namelist():
        if re.fullmatch(r"META-INF/maven/.+/pom\.properties", entry):
            said = dict(re.findall(rf"^(groupId|artifactId|version)=({_PART})\s*$", _text(archive, entry), re.M))
            if len(said) == 3:
                yield said["groupId"], said["artifactId"], said["version"]


def _bundled(archive: zipfile.ZipFile) -> Iterator[tuple[str, str, str]]:
    """What a notice says was taken in; a classifier stands before the version or behind it."""
    for group, artifact, rest in _BUNDLED.findall(_text(archive, "META-INF/NOTICE")):
        for version in [part for part in rest.split(":") if part[:1].isdigit()][:1]:
            yield group, artifact, version


def _text(archive: zipfile.ZipFile, entry: str) -> str:
    try:
        return archive.read(entry).decode(errors="replace").replace("\r\n", "\n")
    except KeyError:
        return ""
