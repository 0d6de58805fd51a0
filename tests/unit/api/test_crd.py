"""The CRD is up to date, and is what the API server takes for structural and bounded."""

import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from fraud_api import crd
from fraud_api.generated import write_or_check
from fraud_api.schema import schema_at
from fraud_api.structural import KEPT, RULES, structural_schema

ROOT = Path(__file__).parents[3]
ALLOWED = {
    *KEPT,
    "default",
    "items",
    "properties",
    "additionalProperties",
    "exclusiveMinimum",
    "x-kubernetes-validations",
}
NAMES_THAT_CEL_RESERVES = {"function", "in", "namespace"}


def nodes(node, path=""):
    """All parts of the schema with their paths."""
    yield path, node
    for name, one in node.get("properties", {}).items():
        yield from nodes(one, f"{path}.{name}")
    for key in ("items", "additionalProperties"):
        if key in node:
            yield from nodes(node[key], f"{path}[]")


NODES = list(nodes(structural_schema()))
TYPED = [(path, node) for path, node in NODES if "type" in node]


def at(path):
    return next(node for place, node in NODES if place == path)


def test_the_file_is_up_to_date():
    assert (ROOT / crd.PATH).read_text() == crd.render(), "run make crd"


def test_the_file_is_plain_for_old_yaml_too():
    """What reads CRDs takes yes, no, on and off for truth values; ruamel.yaml would not quote them."""
    assert not re.search(r"(?mi)^ *(- )?(.*: )?(yes|no|on|off|y|n):?$", crd.render())


def test_the_outside_is_what_the_design_says():
    read = YAML(typ="safe", pure=True).load(crd.render())
    spec = read["spec"]
    assert read["metadata"]["name"] == "frauddetectors.frauddetector.io"
    assert (spec["group"], spec["scope"]) == ("frauddetector.io", "Namespaced")
    assert (spec["names"]["shortNames"], spec["names"]["categories"]) == (["fd"], ["fraud"])
    (version,) = spec["versions"]
    assert (version["name"], version["served"], version["storage"]) == ("v1alpha1", True, True)
    assert version["subresources"] == {"status": {}}
    columns = [column["name"] for column in version["additionalPrinterColumns"] if "priority" not in column]
    assert columns == ["Phase", "Ready", "Job", "Rules", "Alerts", "Age"]


def test_printer_columns_lead_to_fields():
    for _, kind, path, _ in (*crd.COLUMNS[:-1], *crd.WIDE_COLUMNS):
        if "conditions" not in path:
            assert at(path)["type"] == kind


def test_only_structural_keywords_are_used():
    for path, node in NODES:
        assert set(node) <= ALLOWED, path


def test_every_part_has_a_type_or_is_kept_as_it_is():
    untyped = [path for path, node in NODES if "type" not in node]
    assert untyped == [".spec.parameters[].value"]
    assert at(untyped[0])["x-kubernetes-preserve-unknown-fields"]


def test_every_field_is_described():
    for path, node in NODES:
        if path.startswith((".spec.", ".status.")) and not path.endswith("[]"):
            assert node.get("description"), path


def test_every_text_list_and_map_has_a_bound():
    for path, node in TYPED:
        if node["type"] == "string" and path not in {".apiVersion", ".kind"}:
            assert "maxLength" in node or "enum" in node, path
        if node["type"] == "array":
            assert "maxItems" in node, path
        if "additionalProperties" in node:
            assert "maxProperties" in node, path


def test_named_lists_are_maps_by_a_required_key():
    maps = [(path, node) for path, node in TYPED if node.get("x-kubernetes-list-type") == "map"]
    assert {".spec.streams", ".spec.rules", ".spec.outputs", ".spec.views", ".spec.parameters"} <= {p for p, _ in maps}
    for path, node in maps:
        (key,) = node["x-kubernetes-list-map-keys"]
        assert key in node["items"]["required"], path


def test_required_fields_exist_and_have_no_default():
    for path, node in NODES:
        for name in node.get("required", []):
            assert "default" not in node["properties"][name], f"{path}.{name}"


def test_defaults_are_valid():
    for path, node in TYPED:
        if "default" not in node:
            continue
        assert node["default"] in node.get("enum", [node["default"]]), path
        assert re.search(node.get("pattern", ""), str(node["default"])), path


def test_the_status_has_no_default_but_that_nothing_was_observed():
    found = {path: node["default"] for path, node in NODES if path.startswith(".status") and "default" in node}
    assert found == {".status": {"observedGeneration": 0}}


@pytest.mark.parametrize("path", RULES)
def test_rules_name_fields_that_exist(path):
    """A name that is not there would make the API server refuse the whole CRD."""
    node = at("." + path)
    assert node["x-kubernetes-validations"]
    for one in node["x-kubernetes-validations"]:
        fields = re.findall(r"self\.(\w+)", one["rule"])
        assert fields
        for field in fields:
            name = field.removeprefix("__").removesuffix("__")
            assert name in node["properties"], field
            assert (name in NAMES_THAT_CEL_RESERVES) == (field != name), field


@pytest.mark.parametrize(
    ("path", "all_but"), [("spec.rules[].window", {"from", "where", "by", "aggregates", "having"})]
)
def test_one_of_all_shapes_is_asked_for(path, all_but):
    asked = set(re.findall(r"has\(self\.(\w+)\)", RULES[path][0][0]))
    assert asked == set(at("." + path)["properties"]) - all_but


def test_rules_look_at_optional_fields_only_after_has():
    for path in RULES:
        node = at("." + path)
        for one in node["x-kubernetes-validations"]:
            for field in re.findall(r"(?<!has\()self\.(\w+)", one["rule"]):
                known = node["properties"][field.strip("_")]
                assert "default" in known or field.strip("_") in node["required"], (path, field)


def test_rules_stand_where_the_schema_has_them():
    for path in RULES:
        keys = tuple(0 if part == "[]" else part for part in re.findall(r"\[\]|\w+", path))
        assert schema_at(keys), path


def test_drift_is_told(tmp_path, capsys):
    path = tmp_path / "a" / "crd.yaml"
    assert write_or_check(path, "new", ["--check"]) == 1
    assert "out of date" in capsys.readouterr().err
    assert write_or_check(path, "new", []) == 0
    assert write_or_check(path, "new", ["--check"]) == 0
    assert write_or_check(path, "newer", ["--check"]) == 1
