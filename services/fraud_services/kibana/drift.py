"""Whether an object in Kibana still says what it should."""

import json
from collections.abc import Mapping
from typing import Any

from fraud_services.kibana.objects import SavedObject


def stands(found: Mapping[str, Any] | None, wanted: SavedObject) -> bool:
    """Whether an exported object says everything that is wanted; Kibana fills in times, versions and defaults."""
    if found is None or not _covers(found.get("attributes"), wanted["attributes"]):
        return False
    return _references(found) == _references(wanted)


def _references(one: Mapping[str, Any]) -> list[list[Any]]:
    """What it refers to; their order means nothing."""
    return sorted([ref.get("name"), ref.get("type"), ref.get("id")] for ref in one.get("references") or [])


def _covers(found: Any, wanted: Any) -> bool:
    if isinstance(wanted, Mapping):
        return isinstance(found, Mapping) and all(
            name in found and _covers(found[name], value) for name, value in wanted.items()
        )
    if isinstance(wanted, list):
        return isinstance(found, list) and len(found) == len(wanted) and all(map(_covers, found, wanted))
    if isinstance(wanted, str) and isinstance(found, str) and wanted[:1] in ("{", "["):
        return _covers_json(found, wanted)
    return bool(found == wanted)


def _covers_json(found: str, wanted: str) -> bool:
    """The same of JSON that lies in a string, where spaces and the order of names mean nothing."""
    try:
        parsed = json.loads(found), json.loads(wanted)
    except ValueError:
        return found == wanted
    return _covers(*parsed)
