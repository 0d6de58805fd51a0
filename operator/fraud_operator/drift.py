"""What of a release is missing or was changed by somebody else: its manifest against what is there."""

from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

import yaml

Object = dict[str, Any]

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_COMPARED = ("spec", "data", "binaryData", "rules", "roleRef", "subjects", "automountServiceAccountToken")
_UNITS: dict[str, Decimal | int] = {"m": Decimal("0.001"), "": 1, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
_UNITS |= {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40}


def objects(manifest: str) -> list[Object]:
    """The objects of a release."""
    return [one for one in yaml.load_all(manifest, Loader=_LOADER) if one]


def differences(wanted: Iterable[Object], live: Mapping[tuple[str, str], Object]) -> list[str]:
    """What is otherwise than wanted, in words; fields that the manifest does not set don't count."""
    found = []
    for one in wanted:
        kind, name = one["kind"], one["metadata"]["name"]
        there = live.get((kind, name))
        if there is None:
            found.append(f"{kind} {name} is missing")
        elif not _same(one, there):
            found.append(f"{kind} {name} was changed")
    return found


def _same(one: Object, there: Object) -> bool:
    metadata, live = one["metadata"], there["metadata"]
    if not _within(metadata.get("labels") or {}, live.get("labels") or {}):
        return False
    return all(_within(one[part], there.get(part)) for part in _COMPARED if part in one)


def _within(wanted: Any, live: Any) -> bool:
    """Whether everything that is wanted is there; the API server adds defaults, others add what is theirs."""
    if isinstance(wanted, dict):
        # an empty mapping is a value in some places, and left out in others
        return not wanted or (isinstance(live, dict) and all(_within(wanted[key], live.get(key)) for key in wanted))
    if isinstance(wanted, list):
        return not wanted or (isinstance(live, list) and _list_within(wanted, live))
    return wanted is None or wanted == live or _quantity(wanted) == _quantity(live) is not None or _empty(wanted, live)


def _list_within(wanted: list[Any], live: list[Any]) -> bool:
    if all(isinstance(one, dict) and "name" in one for one in wanted):
        by_name = {one.get("name"): one for one in live if isinstance(one, dict)}
        return all(_within(one, by_name.get(one["name"])) for one in wanted)
    return len(wanted) == len(live) and all(map(_within, wanted, live))


def _empty(wanted: Any, live: Any) -> bool:
    """Whether both say nothing: the API server leaves out what is false, zero or empty."""
    return not wanted and live is None


def _quantity(value: Any) -> Decimal | None:
    """A quantity such as 500m or 1Gi, which may be written in several ways; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    text = str(value)
    number = text.rstrip("KMGTikm")
    try:
        return Decimal(number) * _UNITS[text[len(number) :]]
    except (InvalidOperation, KeyError):
        return None
