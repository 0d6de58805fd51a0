"""CycloneDX 1.6 as JSON: the same bytes for the same content, whenever they are made."""

import json
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

Coordinates = Mapping[str, tuple[str, str, str]]
"""Group, artifact and version in Maven's words, by the name of a jar's file."""

_IMAGE = "image"


@dataclass(frozen=True)
class Component:
    """One thing that an image holds.

    Attributes:
        purl: its package URL, which tells it from all others.
        group: what its name is unique in, where its kind of package has that.
        licenses: as its makers name them, in CycloneDX's form.
        place: the file it was found in, where that is no matter of course.
    """

    purl: str
    name: str
    version: str = ""
    group: str = ""
    licenses: tuple[Mapping[str, Any], ...] = ()
    place: str = ""


def purl(kind: str, name: str, version: str = "", namespace: str = "", **qualifiers: str) -> str:
    """A package URL in its canonical form."""
    whole = "/".join([kind, *(_quoted(part) for part in (*namespace.split("/"), name) if part)])
    told = "&".join(f"{key}={_quoted(value, '/')}" for key, value in sorted(qualifiers.items()) if value)
    return f"pkg:{whole}" + (f"@{_quoted(version)}" if version else "") + (f"?{told}" if told else "")


def _quoted(text: str, further: str = "") -> str:
    return quote(text, safe=f":{further}")


def document(name: str, version: str, identity: str, found: Iterable[Component]) -> dict[str, Any]:
    """The SBOM of an image that is on this machine.

    Args:
        name: the image's, without registry and tag.
        version: its tag.
        identity: the digest that Docker knows it by; a registry will call it by another.
        found: what is in it; the same thing in two places is told once, with both.
    """
    one: dict[str, Component] = {}
    places: dict[str, set[str]] = {}
    for component in found:
        one.setdefault(component.purl, component)
        places.setdefault(component.purl, set()).update({component.place} - {""})
    subject = {
        "type": "container",
        "bom-ref": _IMAGE,
        "name": name,
        "version": version,
        "properties": [{"name": "io.frauddetector.image-id", "value": identity}],
    }
    parts = [_component(one[key], sorted(places[key])) for key in sorted(one)]
    return _numbered(subject, parts)


def image_id(bom: Mapping[str, Any]) -> str:
    """The digest that Docker knows an SBOM's image by."""
    return str(bom["metadata"]["component"]["properties"][0]["value"])


def named_by_digest(bom: Mapping[str, Any], repository: str, digest: str) -> dict[str, Any]:
    """The same SBOM, of the image that a registry holds under a digest."""
    subject = bom["metadata"]["component"]
    own = purl("oci", subject["name"], digest, repository_url=repository, tag=subject["version"])
    hashes = [{"alg": "SHA-256", "content": digest.removeprefix("sha256:")}]
    return _numbered({**subject, "purl": own, "hashes": hashes}, bom["components"])


def _component(component: Component, places: list[str]) -> dict[str, Any]:
    told: dict[str, Any] = {
        "type": "library",
        "bom-ref": component.purl,
        "group": component.group,
        "name": component.name,
        "version": component.version,
        "licenses": list(component.licenses),
        "purl": component.purl,
        "evidence": {"occurrences": [{"location": place} for place in places]} if places else {},
    }
    return {key: value for key, value in told.items() if value}


def _numbered(subject: Mapping[str, Any], parts: list[dict[str, Any]]) -> dict[str, Any]:
    """The whole document; its serial number is made of what it says."""
    content = {
        "metadata": {"component": subject},
        "components": parts,
        "dependencies": [{"ref": _IMAGE, "dependsOn": [part["bom-ref"] for part in parts]}],
    }
    serial = uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(content, sort_keys=True))
    head = {"bomFormat": "CycloneDX", "specVersion": "1.6", "serialNumber": f"urn:uuid:{serial}", "version": 1}
    return {"$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json", **head, **content}
