"""The resource's reference, made from the models: ``python -m fraud_api.reference [--check]``."""

import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from fraud_api.generated import write_or_check
from fraud_api.messages import PATTERNS
from fraud_api.schema import Schema, json_schema
from fraud_api.structural import RULES

PATH = Path("docs/reference/frauddetector.md")

HEADER = """\
<!-- Made from the models in api/fraud_api by `make reference`; a test fails when it is out of date. Do not edit. -->

# The FraudDetector resource

Every field of the resource `frauddetector.io/v1alpha1`, kind `FraudDetector`, short name `fd`. A field without a
default that is not marked *required* may be left out. Names of list elements are unique within their list.

`fraudctl validate FILE` checks a file against all of this and more: columns, streams and parameters that exist,
state that is bounded, topics that make no loop. It tells everything that is wrong at once, with the line.

## Environment variables

On a laptop an annotation lets an environment variable stand in for a field; list elements go by their names:

```yaml
metadata:
  annotations:
    environment.frauddetector.io/KAFKA_BROKER_URL: spec.kafka.bootstrapServers
    environment.frauddetector.io/TRANSACTIONS_TOPIC: spec.streams[transactions].topic
```

"""

LATER: Mapping[str, str] = {
    "spec.kibana": "on Kubernetes only: on a laptop `fraudctl dashboard` writes the dashboard, to be imported by hand",
    "spec.notifications": "nobody is told yet",
    "spec.rules[].actions.notify": "goes with it",
    "spec.blocking.ttl": "the block list's topic is written and says until when, but nothing enforces it yet",
    "spec.blocking.secretRef": "there is no block list API yet",
    "spec.streams[].kinesis": "nothing copies a Kinesis stream into the topic yet",
    "spec.flink.jobManager": "on Kubernetes only: a laptop has no pods",
    "spec.flink.taskManager": "likewise",
    "spec.flink.imagePullSecrets": "likewise",
    "spec.flink.checkpoints.storage": "on Kubernetes only: on a laptop checkpoints lie in the run's own folder",
    "spec.flink.upgradeMode": "on Kubernetes only",
    "spec.suspend": "likewise",
    "spec.restartNonce": "likewise",
    "spec.savepoints": "likewise",
    "spec.savepointNonce": "likewise",
    "spec.restoreFrom": "likewise",
    "spec.probation": "likewise",
    "spec.deletionPolicy": "likewise",
    "status": "written by the operator",
}
"""Fields that are checked but not acted on everywhere so far, and why."""


def render() -> str:
    """The reference as Markdown, always the same for the same models."""
    schema = json_schema()
    definitions: dict[str, Schema] = {"FraudDetector": schema, **schema["$defs"]}
    objects, enums = _ordered(definitions)
    sections = [_object(name, definitions) for name in objects]
    values = ["## Values", *(_enum(name, definitions[name]) for name in enums)]
    return HEADER + "\n\n".join([_later(), _between(), *sections, *values]) + "\n"


def _ordered(definitions: Mapping[str, Schema]) -> tuple[list[str], list[str]]:
    """Names of objects and of enumerations, in the order a reader meets them."""
    waiting, seen = ["FraudDetector"], dict[str, None]()
    while waiting:
        name = waiting.pop(0)
        if name not in seen:
            seen[name] = None
            # a field's own parts come before the fields after it
            waiting = [*_references(definitions[name].get("properties", {})), *waiting]
    objects = [name for name in seen if "properties" in definitions[name]]
    return objects, [name for name in seen if "enum" in definitions[name]]


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"].rsplit("/", 1)[1]
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)


def _later() -> str:
    rows = [f"- `{path}`: {why}" for path, why in LATER.items()]
    intro = "These fields are accepted and checked, so that files need not change later; not everything acts on them:"
    return "\n".join(["## Not acted on everywhere", "", intro, "", *rows])


def _between() -> str:
    rows = [f"- `{path}`: {message}" for path, rules in RULES.items() for _, message in rules]
    return "\n".join(["## Rules between fields", "", "The API server refuses what breaks one of these:", "", *rows])


def _object(name: str, definitions: Mapping[str, Schema]) -> str:
    node = definitions[name]
    required = node.get("required", [])
    rows = [
        f"| `{field}` | {_type(one)} | {_default(one, field in required)} | {_bounds(one)} "
        f"| {_cell(_meaning(one, definitions))} |"
        for field, one in node["properties"].items()
    ]
    head = ["| Field | Type | Default | Bounds | Meaning |", "|---|---|---|---|---|"]
    return "\n".join([f"## {name}", "", node.get("description", ""), "", *head, *rows])


def _meaning(node: Schema, definitions: Mapping[str, Schema]) -> str:
    # a field that would only repeat its type's description has none of its own
    target = definitions.get(_given(node).get("$ref", "").rsplit("/", 1)[-1], {})
    return str(node.get("description") or target.get("description", ""))


def _enum(name: str, node: Schema) -> str:
    values = ", ".join(f"`{value}`" for value in node["enum"])
    return f"### {name}\n\n{node.get('description', '')} One of {values}."


def _type(node: Schema) -> str:
    node = _given(node)
    if "$ref" in node:
        name = node["$ref"].rsplit("/", 1)[1]
        return f"[{name}](#{name.lower()})"
    if "const" in node:
        return f"`{node['const']}`"
    if node.get("type") == "array":
        return f"list of {_type(node['items'])}"
    if node.get("type") == "object":
        return "map of text" if "x-kubernetes-preserve-unknown-fields" not in node else "object"
    kinds = node.get("type", "any")
    words = {"string": "text", "integer": "whole number", "number": "number", "boolean": "true or false"}
    return " or ".join(words.get(kind, kind) for kind in ([kinds] if isinstance(kinds, str) else kinds))


def _given(node: Schema) -> Schema:
    """The schema of a value that is given: optional ones may also be null."""
    choices = [choice for choice in node.get("anyOf", []) if choice != {"type": "null"}]
    return choices[0] if choices else node


def _default(node: Schema, required: bool) -> str:
    if required:
        return "*required*"
    default = node.get("default")
    if default is None:
        return ""
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def _bounds(node: Schema) -> str:
    node = _given(node)
    element = _given(node.get("items", {}))
    parts = [_range(node.get("minItems"), node.get("maxItems"), "entries")]
    parts += [_range(node.get("minProperties"), node.get("maxProperties"), "entries")]
    for one in (node, element):
        if "$ref" not in one and one.get("type") != "array":
            parts += _scalar_bounds(one)
    return _cell("; ".join(part for part in parts if part))


def _scalar_bounds(node: Schema) -> list[str]:
    lowest = node.get("minimum")
    parts = [f"more than {node['exclusiveMinimum']}" if "exclusiveMinimum" in node else ""]
    parts += [_range(lowest, node.get("maximum"), "")]
    parts += [_range(node.get("minLength"), node.get("maxLength"), "characters")]
    return [*parts, PATTERNS.get(node.get("pattern", ""), "")]


def _range(lowest: Any, highest: Any, unit: str) -> str:
    if lowest is None and highest is None:
        return ""
    if highest is None:
        text = f"at least {lowest}"
    else:
        text = f"at most {highest}" if lowest is None else f"{lowest} to {highest}"
    return f"{text} {unit}".strip()


def _cell(text: str) -> str:
    return re.sub(r"([|<>])", r"\\\1", text)


if __name__ == "__main__":
    sys.exit(write_or_check(PATH, render(), sys.argv[1:]))
