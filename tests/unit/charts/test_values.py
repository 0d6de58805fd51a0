"""Values of all charts: each is told in the README with its default, and the schema lets in no other."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from harness.helm import CHARTS

ROW = re.compile(r"^\| `([a-zA-Z.]+)` \| (?:`(.*)`)? ?\| .*\w.* \|$", re.M)
DOCUMENTED = [path for path in sorted(CHARTS.iterdir()) if (path / "values.schema.json").exists()]
WITHOUT = object()

EVERY_CHART = pytest.mark.parametrize("chart", DOCUMENTED, ids=lambda path: path.name)


def schema_of(chart: Path) -> dict[str, Any]:
    return json.loads((chart / "values.schema.json").read_text())


def resolved(node: dict[str, Any], root: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in node:
        node = root["definitions"][node["$ref"].removeprefix("#/definitions/")]
    return node


def leaves(node: dict[str, Any], root: dict[str, Any], path: str = "") -> Iterator[str]:
    """Paths of values that are given as a whole."""
    for name, one in resolved(node, root)["properties"].items():
        one, place = resolved(one, root), f"{path}.{name}".lstrip(".")
        whole = place in {"detector", "resources.requests", "resources.limits"} or "properties" not in one
        if place != "global":  # Helm's own
            yield from [place] if whole else leaves(one, root, place)


def objects_of(node: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema of an object with its path."""
    if isinstance(node, dict):
        if node.get("type") == "object":
            yield path, node
        for name, one in node.items():
            yield from objects_of(one, f"{path}/{name}")


def default(values: Any, path: str) -> Any:
    for name in path.split("."):
        if not isinstance(values, dict) or name not in values:
            return WITHOUT
        values = values[name]
    return values


@EVERY_CHART
def test_every_value_is_told_with_its_default(chart: Path) -> None:
    told = dict(ROW.findall((chart / "README.md").read_text()))
    schema, values = schema_of(chart), yaml.safe_load((chart / "values.yaml").read_text())
    assert list(told) == list(leaves(schema, schema))
    for path, text in told.items():
        found = default(values, path)
        assert (json.loads(text) if text else WITHOUT) == found, path


@EVERY_CHART
def test_every_default_and_every_value_that_has_none_is_in_the_values_file(chart: Path) -> None:
    schema, text = schema_of(chart), (chart / "values.yaml").read_text()
    for path in leaves(schema, schema):
        top, last = path.split(".")[0], path.split(".")[-1]
        section = re.search(rf"^(?:# )?{top}:.*(?:\n(?![a-zA-Z]).*)*", text, re.M)
        assert section, path
        assert re.search(rf"\b{'podTemplate' if 'podTemplate' in path else last}:", section.group()), path


@EVERY_CHART
def test_the_schema_is_closed(chart: Path) -> None:
    free = {
        path
        for path, node in objects_of(schema_of(chart))
        if node.get("additionalProperties") is not False and not isinstance(node.get("additionalProperties"), dict)
    }
    # whatever Kubernetes or the resource itself describes
    assert free <= {
        "/properties/detector/properties/metadata",
        "/properties/detector/properties/spec",
        "/properties/detector/properties/status",
        "/properties/affinity",
        "/properties/global",
        "/definitions/objects/items",
        "/definitions/podTemplate/properties/spec",
    }


@EVERY_CHART
def test_versions_are_the_projects(chart: Path) -> None:
    found = yaml.safe_load((chart / "Chart.yaml").read_text())
    project = re.search(r'^version = "(.+)"', (CHARTS.parent / "pyproject.toml").read_text(), re.M)
    assert project
    assert found["version"] == found["appVersion"] == project.group(1)
