"""Python distributions by their dist-info, and the Python that no package has brought."""

import re
from collections.abc import Iterator
from email.message import Message
from email.parser import HeaderParser
from pathlib import Path
from typing import Any

from sbom.document import Component, purl


def python_packages(root: Path, owned: frozenset[str]) -> Iterator[Component]:
    """Every distribution that is installed, wherever, and that is not a Debian package's."""
    for path in sorted(root.rglob("*.dist-info/METADATA")):
        if f"/{path.relative_to(root)}" not in owned:
            said = HeaderParser().parsestr(path.read_text(errors="replace"))
            name, version = said["Name"], said["Version"]
            # PyPI's own form of names
            own = purl("pypi", name.lower().replace("_", "-"), version)
            yield Component(own, name, version, licenses=_licenses(said))
    # as in the official image, where Python was built from source
    for path in root.glob("usr/local/include/python3*/patchlevel.h"):
        version = re.findall(r'^#define PY_VERSION\s+"(.+)"', path.read_text(), re.M)[0]
        yield Component(purl("generic", "python", version), "python", version)


def _licenses(said: Message) -> tuple[dict[str, Any], ...]:
    """The licence as an expression where it is told as one, else by its names; a whole text is no name."""
    if said["License-Expression"]:
        return ({"expression": said["License-Expression"]},)
    names = [one.rpartition(" :: ")[2] for one in said.get_all("Classifier", []) if one.startswith("License :: ")]
    text = said["License"] or ""
    if not names and 0 < len(text) < 100 and "\n" not in text:
        names = [text]
    return tuple({"license": {"name": name}} for name in dict.fromkeys(names))
