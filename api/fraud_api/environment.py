"""Environment variables that override fields on a laptop, as the file's annotations allow.

``environment.frauddetector.io/KAFKA_BROKER_URL: spec.kafka.bootstrapServers`` lets the variable
KAFKA_BROKER_URL stand in for that field; ``spec.streams[clicks].topic`` finds list elements by name.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fraud_api.document import Document, plain_text_value
from fraud_api.problems import Finding, Keys, Place, did_you_mean
from fraud_api.schema import schema_at

PREFIX = "environment.frauddetector.io/"
_SEGMENT = re.compile(r"\.?([A-Za-z][A-Za-z0-9]*)|\[([A-Za-z0-9_.-]+)\]")
_ANNOTATIONS: Keys = ("metadata", "annotations")
_SCALARS = {"string", "integer", "number", "boolean"}


class _PathError(ValueError):
    """A path that leads nowhere."""


@dataclass(frozen=True)
class _Target:
    """The field that a path leads to."""

    keys: Keys
    type: str


def apply_environment(document: Document, environ: Mapping[str, str]) -> list[Finding]:
    """Override fields of a document in place; paths that lead nowhere are findings."""
    findings = []
    for annotation, path in _annotations(document.data).items():
        variable = annotation.removeprefix(PREFIX)
        try:
            target = _target(document.data, path)
            if variable in environ:
                _set(document, target, environ[variable], (*_ANNOTATIONS, annotation), variable)
        except _PathError as error:
            place = Place((*_ANNOTATIONS, annotation), f"metadata.annotations[{annotation}]")
            findings.append(Finding(place, str(error)))
    return findings


def _annotations(data: Any) -> dict[str, str]:
    for key in _ANNOTATIONS:
        data = data.get(key) if isinstance(data, dict) else None
    if not isinstance(data, dict):
        return {}
    return {name: path for name, path in data.items() if name.startswith(PREFIX) and isinstance(path, str)}


def _target(data: Any, path: str) -> _Target:
    """The field that a path leads to.

    Raises:
        _PathError: there is no such field, or it is not a single value.
    """
    keys: Keys = ()
    for field, element in _segments(path):
        if field:
            keys, data = (*keys, field), data.get(field) if isinstance(data, dict) else None
            _check_field(keys, path)
        else:
            index = _index(data, element, path)
            keys, data = (*keys, index), data[index]
    if keys[:1] != ("spec",):
        raise _PathError(f"'{path}' must begin with spec")
    kind = (schema_at(keys) or {}).get("type", "string")
    kind = "string" if isinstance(kind, list) else kind  # a parameter's value, which is text in the end
    if kind not in _SCALARS:
        raise _PathError(f"'{path}' is not a single value: an environment variable can't hold it")
    return _Target(keys, kind)


def _segments(path: str) -> list[tuple[str, str]]:
    segments, at = [], 0
    while at < len(path):
        match = _SEGMENT.match(path, at)
        if match is None:
            raise _PathError(f"'{path}' is not a path such as spec.streams[clicks].topic")
        segments.append((match.group(1) or "", match.group(2) or ""))
        at = match.end()
    return segments


def _check_field(keys: Keys, path: str) -> None:
    if schema_at(keys) is not None:
        return
    siblings = (schema_at(keys[:-1]) or {}).get("properties", {})
    hint = did_you_mean(str(keys[-1]), siblings)
    raise _PathError(f"'{path}' leads nowhere: there is no field '{keys[-1]}'" + (f"; {hint}" if hint else ""))


def _index(data: Any, name: str, path: str) -> int:
    elements = data if isinstance(data, list) else []
    names = [str(element.get("name")) if isinstance(element, dict) else "" for element in elements]
    if name in names:
        return names.index(name)
    hint = did_you_mean(name, names)
    raise _PathError(f"'{path}' leads nowhere: nothing is called '{name}'" + (f"; {hint}" if hint else ""))


def _set(document: Document, target: _Target, text: str, annotation: Keys, variable: str) -> None:
    *above, last = target.keys
    holder = document.data
    for key in above:
        if isinstance(key, str) and isinstance(holder, dict) and holder.get(key) is None:
            holder[key] = {}
        if isinstance(key, str) != isinstance(holder, dict):
            return  # not what it should be: typing says so
        holder = holder[key]
    if not isinstance(holder, dict):
        return
    holder[last] = text if target.type == "string" else plain_text_value(text)
    document.lines[target.keys] = document.line_of(annotation)
    document.origins[target.keys] = variable
