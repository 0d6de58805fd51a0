"""What the first version's CRD took, this one takes; what is otherwise is named here, each with its reason.

The rule is docs/decisions/035: a served version only grows.
"""

import math
import tarfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from fraud_api.crd import custom_resource_definition

FIRST = Path(__file__).parents[2] / "e2e" / "fixtures" / "fraud-operator-0.1.0.tgz"
Schema = Mapping[str, Any]

NARROWER = {
    "spec.flink.checkpoints.storage.storageClass: pattern": "a line end in it became an object of its own",
    "spec.flink.checkpoints.storage.endpoint: pattern": "likewise",
    "spec.streams[].columns[].type: pattern": "DECIMAL of more than 38 digits, which Flink does not have",
    "spec.outputs[].columns[].type: pattern": "likewise",
    "spec.rules[].actions.block.amount: pattern": "another one that takes more: STEP.column",
}
"""Patterns that are not what they were, and why. Nothing else may stand here."""


def schema(definition: Schema, version: str) -> Schema:
    (found,) = (one for one in definition["spec"]["versions"] if one["name"] == version)
    whole: Schema = found["schema"]["openAPIV3Schema"]
    return whole


@pytest.fixture(scope="module")
def first() -> Schema:
    with tarfile.open(FIRST) as archive:
        file = archive.extractfile("fraud-operator/files/frauddetectors.yaml")
        assert file
        definition: Schema = yaml.safe_load(file)
    return schema(definition, "v1alpha1")


def narrower(old: Schema, new: Schema, path: str = "") -> Iterator[str]:
    """Places where a document that the old schema took might be refused, or lose a field."""
    yield from (f"{path}: {what}" for what in _tighter(old, new))
    for name, one in (old.get("properties") or {}).items():
        there = (new.get("properties") or {}).get(name)
        place = f"{path}.{name}".lstrip(".")
        yield from [f"{place}: gone"] if there is None else narrower(one, there, place)
    for name in ("items", "additionalProperties"):
        if isinstance(old.get(name), Mapping) and isinstance(new.get(name), Mapping):
            yield from narrower(old[name], new[name], f"{path}[]")


def _tighter(old: Schema, new: Schema) -> Iterator[str]:
    """What of a place itself is tighter, its parts aside."""
    if old.get("type") != new.get("type") and "x-kubernetes-int-or-string" not in new:
        yield "type"
    for bound in ("maximum", "maxLength", "maxItems", "maxProperties"):
        if new.get(bound, math.inf) < old.get(bound, math.inf):
            yield bound
    for bound in ("minimum", "minLength", "minItems"):
        if new.get(bound, -math.inf) > old.get(bound, -math.inf):
            yield bound
    if new.get("pattern") not in (None, old.get("pattern")):
        yield "pattern"
    if "enum" in new and not set(old.get("enum", ["?"])) <= set(new["enum"]):
        yield "enum"
    if not set(new.get("required", ())) <= set(old.get("required", ())):
        yield "required"


def test_what_the_first_version_took_is_taken(first: Schema) -> None:
    now = schema(custom_resource_definition(), "v1alpha1")
    assert sorted(narrower(first, now)) == sorted(NARROWER)


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ({"type": "string"}, {"type": "string", "pattern": "^a$"}, ": pattern"),
        ({"type": "integer", "maximum": 9}, {"type": "integer", "maximum": 8}, ": maximum"),
        ({"type": "integer"}, {"type": "integer", "minimum": 0}, ": minimum"),
        ({"type": "object", "properties": {"a": {}}}, {"type": "object", "properties": {}}, "a: gone"),
        ({"type": "object"}, {"type": "object", "required": ["b"]}, ": required"),
        ({"enum": ["A", "B"]}, {"enum": ["A"]}, ": enum"),
        ({"items": {"type": "string"}}, {"items": {"type": "integer"}}, "[]: type"),
    ],
)
def test_what_is_narrower_is_found(old: Schema, new: Schema, where: str) -> None:
    assert list(narrower(old, new)) == [where]
    assert list(narrower(old, old)) == []
