"""The models' schema in the form that the API server asks of a CRD: structural, bounded, with rules in CEL."""

from collections.abc import Mapping
from typing import Any

from fraud_api.rules import KINDS, SHAPES, WITH_EDGE
from fraud_api.schema import Schema, inlined

KEPT = (
    "description",
    "type",
    "format",
    "enum",
    "pattern",
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
    "minItems",
    "maxItems",
    "minProperties",
    "maxProperties",
    "required",
    "x-kubernetes-list-type",
    "x-kubernetes-list-map-keys",
    "x-kubernetes-preserve-unknown-fields",
)
"""Keywords that are taken over as they are, in the order they are written in."""

Rule = tuple[str, str]
"""A condition in CEL, and what is wrong when it does not hold."""


def _exactly_one(fields: tuple[str, ...]) -> Rule:
    present = ", ".join(f"has(self.{field})" for field in fields)
    return f"[{present}].exists_one(given, given)", f"exactly one of {', '.join(fields)} is needed"


# CEL reserves `function`: such a field is called __function__ there
_AGGREGATE = (("self.__function__ == 'Count' || has(self.column)", "all functions but Count need a column"),)

RULES: Mapping[str, tuple[Rule, ...]] = {
    "spec.kafka.security": (
        ("self.protocol in ['PLAINTEXT', 'SSL'] || has(self.secretRef)", "a SASL protocol needs secretRef"),
    ),
    "spec.rules[]": (
        _exactly_one(KINDS),
        (
            f"!has(self.edge) || {' || '.join(f'has(self.{kind})' for kind in WITH_EDGE)}",
            f"edge goes with {', '.join(WITH_EDGE)}",
        ),
    ),
    "spec.rules[].velocity": (_exactly_one(("within", "memory")),),
    "spec.rules[].velocity.aggregates[]": _AGGREGATE,
    "spec.rules[].window.aggregates[]": _AGGREGATE,
    "spec.rules[].window": (_exactly_one(SHAPES),),
    "spec.rules[].join": (("self.left != self.right", "left and right must differ: name one of them through a view"),),
    "spec.outputs[]": (
        ("has(self.query) != has(self.split)", "exactly one of query and split is needed"),
        ("!has(self.query) || has(self.columns)", "a query needs columns: the names and types of what it selects"),
        (
            "!has(self.split) || !(has(self.columns) || has(self.key) || has(self.stateTtl) || self.mode == 'Upsert')",
            "a split goes on unchanged: it takes no columns, key, stateTtl or mode Upsert",
        ),
        ("self.mode != 'Upsert' || has(self.key)", "mode Upsert needs key"),
    ),
    "spec.kibana.panels[]": _AGGREGATE,
    "spec.generator": (("!(self.endless && has(self.count))", "count and endless contradict each other"),),
    "spec.flink.checkpoints.storage": (
        ("(self.type == 'S3') == has(self.uri)", "uri goes with type S3, and type S3 needs it"),
    ),
}
"""What a schema can't say, by the place it is said of; ``[]`` stands for a list's elements."""


def structural_schema() -> Schema:
    """The whole resource as a structural schema."""
    whole = inlined()["properties"]
    name = whole["metadata"]["properties"]["name"]
    return {
        "type": "object",
        "description": "A fraud detector: from streams to alerts.",
        "required": ["spec"],
        "properties": {
            "apiVersion": {"type": "string"},
            "kind": {"type": "string"},
            # of the metadata, the API server lets only names be restricted
            "metadata": {"type": "object", "properties": {"name": _node(name, "metadata.name", defaults=False)}},
            "spec": _node(whole["spec"], "spec"),
            # the operator writes the status whole: defaults would only be noise in it. But one that it has not seen
            # yet must not pass for one that is as it should be with those who compare generations, which begin at 1
            "status": _node(whole["status"], "status", defaults=False) | {"default": {"observedGeneration": 0}},
        },
    }


def _node(node: Schema, path: str, *, defaults: bool = True) -> Schema:
    if isinstance(node.get("type"), list):
        return _any_scalar(node)
    made: dict[str, Any] = {key: node[key] for key in KEPT if key in node}
    if "exclusiveMinimum" in node:
        made |= {"minimum": node["exclusiveMinimum"], "exclusiveMinimum": True}
    default = node.get("default")
    if defaults and isinstance(default, str | bool | int | float):
        made["default"] = default
    if node.get("type") == "array":
        made.setdefault("x-kubernetes-list-type", "atomic")
        made["items"] = _node(node["items"], f"{path}[]", defaults=defaults)
    if path in RULES:
        made["x-kubernetes-validations"] = [{"rule": rule, "message": message} for rule, message in RULES[path]]
    return made | _fields(node, path, defaults)


def _fields(node: Schema, path: str, defaults: bool) -> Schema:
    if "properties" in node:
        fields = node["properties"].items()
        return {"properties": {name: _node(one, f"{path}.{name}", defaults=defaults) for name, one in fields}}
    # a map by keys of a pattern: structural schemas have no patterns for keys
    patterns = list(node.get("patternProperties", {}).values())
    return {"additionalProperties": _node(patterns[0], f"{path}.*", defaults=defaults)} if patterns else {}


def _any_scalar(node: Schema) -> Schema:
    """Text, number or truth value: for the API server a value without a type, kept as it is.

    Only int-or-string may have a type of two kinds. The bounds apply to values of their own kind, so that lists
    and maps with anything in them are refused too.
    """
    return {
        "description": node["description"],
        "maxLength": node["maxLength"],
        "maxItems": 0,
        "maxProperties": 0,
        "x-kubernetes-preserve-unknown-fields": True,
    }
