"""Plain data typed as a FraudDetector; where parts don't fit, the rest is saved for further checks."""

import copy
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from fraud_api.base import DURATION_PATTERN
from fraud_api.messages import explain, suggested_field
from fraud_api.problems import Finding, Keys, Place, closest, place_of
from fraud_api.resource import FraudDetector
from fraud_api.schema import pattern_at, schema_at, takes_texts

PLACEHOLDER = {"name": "unnamed"}
DURATION = "1h"
STAND_IN = {
    "name": "stand_in",
    "columns": [{"name": "at", "type": "BIGINT"}],
    "eventTime": {"column": "at", "format": "EpochMillis"},
}


@dataclass
class Shaped:
    """What came of typing a document."""

    detector: FraudDetector | None
    """The resource, without the parts that did not fit; None when too little is left."""
    findings: list[Finding] = field(default_factory=list)
    broken: frozenset[str] = frozenset()
    """What was left out: names of list elements, and sections such as ``spec.rules`` that lost nameless ones."""
    kept: dict[Keys, Keys] = field(default_factory=dict)
    """Where a list element stood before others were left out."""
    guessed: frozenset[Keys] = frozenset()
    """Objects, as they were written, in which a duration was no duration and another one stands in for it."""

    def is_of_a_guess(self, keys: Keys) -> bool:
        """Whether what is found at a place of the document may come of a duration that nobody wrote."""
        return keys[:-1] in self.guessed and pattern_at(keys) == DURATION_PATTERN

    def original(self, keys: Keys) -> Keys:
        """The way to a part in the document as it was written."""
        return (*self.kept.get(keys[:3], keys[:3]), *keys[3:])


def shape(data: dict[str, Any]) -> Shaped:
    """Type a document; every misfit becomes a finding."""
    detector, errors = _typed(data)
    if detector is not None:
        return Shaped(detector)
    mended, renamed = _without_unknown_fields(data, errors)
    # unknown fields hide what pydantic checks last, such as "exactly one of": look again without them
    _, hidden = _typed(mended)
    guessed = _with_stand_ins(mended, hidden)
    _, last = _typed(mended)
    shaped = _salvage(mended, last)
    shaped.guessed = guessed
    shaped.findings = _findings(data, [*errors, *hidden, *last], renamed)
    return shaped


def _typed(data: dict[str, Any]) -> tuple[FraudDetector | None, list[ErrorDetails]]:
    try:
        # strict, as the API server is: "5" is no number; through JSON, where an enum's value is text
        text = json.dumps(data)
        return FraudDetector.model_validate_json(text, strict=True, by_alias=True, by_name=False), []
    except ValidationError as error:
        return None, error.errors(include_url=False)


def _without_unknown_fields(data: dict[str, Any], errors: Iterable[ErrorDetails]) -> tuple[dict[str, Any], set[Keys]]:
    """A copy without unknown fields; one that is a known field misspelt goes on under its right name."""
    mended = copy.deepcopy(data)
    renamed: set[Keys] = set()
    for error in errors:
        if error["type"] != "extra_forbidden":
            continue
        *above, name = error["loc"]
        parent = _at(mended, tuple(above))
        meant = suggested_field(error["loc"])
        value = parent.pop(name)
        if meant and meant not in parent:
            parent[meant] = value
            renamed.add((*above, meant))
    return mended, renamed


def _with_stand_ins(mended: dict[str, Any], errors: Iterable[ErrorDetails]) -> frozenset[Keys]:
    """Put a value that fits where a duration, a list or one of several words is meant: the rest is checked too."""
    guessed: set[Keys] = set()
    for error in errors:
        keys = error["loc"]
        if not isinstance(error["input"], str | int | float) or _existing(keys, mended) != keys:
            continue
        if pattern_at(keys) == DURATION_PATTERN:
            _at(mended, keys[:-1])[keys[-1]] = DURATION
            guessed.add(keys[:-1])
        elif error["type"] == "list_type" and isinstance(error["input"], str) and takes_texts(keys):
            _at(mended, keys[:-1])[keys[-1]] = [error["input"]]
        elif error["type"] == "enum":
            meant = closest(str(error["input"]), (schema_at(keys) or {}).get("enum", []))
            _at(mended, keys[:-1])[keys[-1]] = meant or error["input"]
    return frozenset(guessed)


def _at(data: Any, keys: Keys) -> Any:
    for key in keys:
        data = data[key]
    return data


def _findings(data: dict[str, Any], errors: Iterable[ErrorDetails], renamed: set[Keys]) -> list[Finding]:
    seen: set[tuple[Keys, str]] = set()
    findings = []
    for error in errors:
        what = (error["loc"], error["type"])
        misspelt = error["type"] == "missing" and error["loc"] in renamed
        if what not in seen and not misspelt:
            findings.append(_finding(data, error))
        seen.add(what)
    return findings


def _finding(data: dict[str, Any], error: ErrorDetails) -> Finding:
    message, hint = explain(error)
    keys = error["loc"]
    if error["type"] in {"missing", "extra_forbidden"}:
        # a missing or unknown field is its object's problem, and the message names it; an unknown one has a line
        return Finding(Place(keys, place_of(keys[:-1], data).text), message, hint)
    return Finding(place_of(_existing(keys, data), data), message, hint)


def _existing(keys: Keys, data: Any) -> Keys:
    """Cuts off what pydantic adds to a location for its own purposes, such as ``[key]``."""
    known: list[str | int] = []
    for key in keys:
        inside = key in data if isinstance(data, dict) else isinstance(key, int) and isinstance(data, list)
        if not inside:
            break
        known.append(key)
        data = data[key]
    return tuple(known)


def _salvage(data: dict[str, Any], errors: list[ErrorDetails]) -> Shaped:
    """The parts that fit: list elements and sections with errors are left out."""
    broken_parts = {_part(error["loc"]) for error in errors}
    spec = data.get("spec")
    if () in broken_parts or ("spec",) in broken_parts or not isinstance(spec, dict):
        return Shaped(None)
    names = {name for keys in broken_parts for name in _lost(data, keys)}
    # what is called wrongly is referred to by another name
    names |= {".".join(map(str, error["loc"][:2])) for error in errors if error["loc"][3:] == ("name",)}
    shaped = Shaped(None, broken=frozenset(names))
    rest: dict[str, Any] = {
        "apiVersion": data.get("apiVersion"),
        "kind": data.get("kind"),
        "metadata": data.get("metadata"),
    }
    if ("metadata",) in broken_parts:
        rest["metadata"] = PLACEHOLDER
    rest["spec"] = {
        section: _whole_elements(section, value, broken_parts, shaped)
        for section, value in spec.items()
        if ("spec", section) not in broken_parts
    }
    # without any stream left a spec has no shape, and what is wrong elsewhere would not be told
    rest["spec"]["streams"] = rest["spec"].get("streams") or [STAND_IN]
    shaped.detector = _typed(rest)[0]
    return shaped


def _part(location: Keys) -> Keys:
    """The list element, section or root that an error condemns."""
    if location[:1] != ("spec",):
        return location[:1]
    return location[:3] if len(location) > 2 and isinstance(location[2], int) else location[:2]


def _lost(data: dict[str, Any], keys: Keys) -> list[str]:
    """Names of what is left out with a part, or its section where it has none."""
    part = _at(data, _existing(keys, data))
    elements = part if isinstance(part, list) else [part]
    names = [element.get("name") if isinstance(element, dict) else None for element in elements]
    return [name if isinstance(name, str) else ".".join(map(str, keys[:2])) for name in names]


def _whole_elements(section: str, value: Any, broken_parts: set[Keys], shaped: Shaped) -> Any:
    if not isinstance(value, list):
        return value
    whole: list[Any] = []
    for index, element in enumerate(value):
        if ("spec", section, index) not in broken_parts:
            shaped.kept["spec", section, len(whole)] = ("spec", section, index)
            whole.append(element)
    return whole
