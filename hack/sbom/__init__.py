"""What is in an image, as a CycloneDX document: from the files of its root directory, and from nothing else."""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

from sbom.debian import debian_packages, owned_files
from sbom.document import Component, Coordinates, document, image_id, named_by_digest
from sbom.golang import go_modules
from sbom.java import coordinates_of, java_archives
from sbom.python import python_packages

__all__ = [
    "Component",
    "Coordinates",
    "components",
    "coordinates_of",
    "document",
    "image_id",
    "named_by_digest",
    "wanted",
]

_WANTED = (
    "usr/lib/os-release",
    "var/lib/dpkg/status",
    "var/lib/dpkg/info/*.list",
    "*.dist-info/METADATA",
    "usr/local/include/python3*/patchlevel.h",
    "usr/local/bin/*",
    "*.jar",
)


def wanted(path: str) -> bool:
    """Whether a file of an image, by its path without a slash in front, says anything of what is in it."""
    return any(fnmatchcase(path, pattern) for pattern in _WANTED)


def components(root: Path, resolved: Coordinates) -> Iterator[Component]:
    """Everything that is installed under a root directory.

    What belongs to a Debian package is that package, and is not told again as Python or Java.

    Args:
        root: the image's root directory, or as much of it as ``wanted`` lets through.
        resolved: what Maven says of jars, by their file names: most jars do not say it themselves.
    """
    owned = owned_files(root)
    yield from debian_packages(root)
    yield from python_packages(root, owned)
    yield from java_archives(root, owned, resolved)
    yield from go_modules(root)
