"""The resource's JSON schema, made from the models: for editors, for the CRD and for finding fields by path."""

import copy
from functools import cache
from typing import Any

from fraud_api.problems import Keys
from fraud_api.resource import FraudDetector

Schema = dict[str, Any]


def json_schema() -> Schema:
    """JSON schema (draft 2020-12) of a FraudDetector file, for editors."""
    schema = copy.deepcopy(_generated())
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def inlined() -> Schema:
    """The same without references, and without null where a field may be left out."""
    return copy.deepcopy(_inlined())


def schema_at(keys: Keys) -> Schema | None:
    """The schema of the part that ``keys`` lead to; None where there is none."""
    node: Schema = _inlined()
    for key in keys:
        below = node.get("items") if isinstance(key, int) else _field(node, key)
        if not isinstance(below, dict):
            return None
        node = below
    return node


def pattern_at(keys: Keys) -> str | None:
    """The regular expression of the text that ``keys`` lead to; None where there is none."""
    return (schema_at(keys) or {}).get("pattern")


def takes_texts(keys: Keys) -> bool:
    """Whether ``keys`` lead to a list of texts."""
    return (schema_at((*keys, 0)) or {}).get("type") == "string"


def _field(node: Schema, key: str) -> Any:
    return node.get("properties", {}).get(key, node.get("additionalProperties"))


@cache
def _generated() -> Schema:
    return FraudDetector.model_json_schema(by_alias=True)


@cache
def _inlined() -> Schema:
    generated = _generated()
    resolved = _resolve(generated, generated["$defs"])
    resolved.pop("$defs")
    return dict(resolved)


def _resolve(node: Any, definitions: Schema) -> Any:
    if isinstance(node, list):
        return [_resolve(element, definitions) for element in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        # what stands beside a reference belongs to the field and wins over the definition's own
        target = definitions[node["$ref"].rsplit("/", 1)[1]]
        return _resolve({**target, **{key: value for key, value in node.items() if key != "$ref"}}, definitions)
    if "anyOf" in node:
        choices = [choice for choice in node["anyOf"] if choice != {"type": "null"}]
        if len(choices) == 1:
            rest = {key: value for key, value in node.items() if key != "anyOf"}
            return _resolve({**choices[0], **rest}, definitions)
    return {key: _resolve(value, definitions) for key, value in node.items()}
