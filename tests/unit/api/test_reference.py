"""The reference and the schema for editors say what the models say."""

import json
import re
from pathlib import Path

import jsonschema
import pytest
from ruamel.yaml import YAML

from fraud_api import function_reference, reference
from fraud_api.messages import PATTERNS
from fraud_api.schema import inlined, json_schema, schema_at

ROOT = Path(__file__).parents[3]
MANIFESTS = sorted((ROOT / "manifests").glob("*.yaml"))


def test_the_reference_is_up_to_date():
    assert (ROOT / reference.PATH).read_text() == reference.render(), "run make reference"


def test_the_table_of_functions_is_up_to_date():
    assert (ROOT / function_reference.PATH).read_text() == function_reference.render(), "run make reference"


def test_links_lead_somewhere():
    text = reference.render()
    headings = {heading.lower() for heading in re.findall(r"^#+ (\w+)$", text, re.MULTILINE)}
    assert set(re.findall(r"\(#([^)]+)\)", text)) <= headings


def test_what_is_not_yet_acted_on_exists():
    for path in reference.LATER:
        keys = tuple(0 if part == "[]" else part for part in re.findall(r"\[\]|\w+", path))
        assert schema_at(keys), path


def test_every_field_has_a_meaning():
    rows = [line for line in reference.render().splitlines() if line.startswith("| `")]
    assert len(rows) > 150
    for row in rows:
        assert not row.endswith("|  |"), row


def test_every_pattern_is_told_in_words():
    patterns = set(re.findall(r'"pattern": ("(?:[^"\\]|\\.)*")', json.dumps(inlined())))
    # keys of maps have patterns too
    keys = set(re.findall(r'"patternProperties": \{("(?:[^"\\]|\\.)*")', json.dumps(inlined())))
    assert {json.loads(pattern) for pattern in patterns | keys} <= PATTERNS.keys()


def test_the_schema_for_editors_is_valid():
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize("manifest", MANIFESTS, ids=lambda path: path.stem)
def test_the_schema_for_editors_accepts_our_detectors(manifest):
    data = YAML(typ="safe", pure=True).load(manifest)
    jsonschema.Draft202012Validator(json_schema()).validate(data)


def test_the_schema_for_editors_refuses_what_is_wrong(text):
    data = YAML(typ="safe", pure=True).load(text)
    data["spec"]["rules"][0]["severity"] = "high"
    errors = jsonschema.Draft202012Validator(json_schema()).iter_errors(data)
    assert ["high" in error.message for error in errors] == [True]
