"""What Helm notes of a release in a ConfigMap, and whether it is what the operator's own releases are."""

import base64
import json
import zlib
from collections.abc import Mapping
from typing import Any

import yaml

from fraud_operator import drift
from fraud_operator.clients.kubernetes import OWNED, Object
from fraud_operator.names import Key

_KINDS = frozenset(OWNED) | {"ServiceMonitor"}
_LARGEST = 32 * 2**20
"""Bytes of a record that are unpacked: a ConfigMap of 1 MiB may hold a thousand times as much."""


def unpack(text: str) -> dict[str, Any]:
    """Read Helm's own encoding: base64 of gzip of JSON.

    Raises:
        ValueError: it is something else.
    """
    try:
        gzip = zlib.decompressobj(16 + zlib.MAX_WBITS)
        found = json.loads(gzip.decompress(base64.b64decode(text), _LARGEST))
    except zlib.error as error:
        raise ValueError(str(error)) from None
    if not isinstance(found, dict):
        raise ValueError("it holds no object")
    return found


def wrong(body: Object, home: str, key: Key) -> str:
    """What in a record is not of the detector's own release, in words; empty for nothing.

    Args:
        body: the ConfigMap.
        home: the operator's namespace, in which the release is.
        key: the detector whose release it shall be.
    """
    try:
        found = unpack(body["data"]["release"])
        return _of_another(found, home, key) or _foreign(found, key)
    except (KeyError, TypeError, ValueError, AttributeError, yaml.YAMLError):
        return "can't be read"


def _of_another(found: Mapping[str, Any], home: str, key: Key) -> str:
    if (found["namespace"], found["name"]) != (home, key.release):
        return f"is of the release {found['namespace']}/{found['name']}"
    owner = found["config"]["detector"]["metadata"]
    if (owner["namespace"], owner["name"]) != (key.namespace, key.name):
        return f"is of the detector {owner['namespace']}/{owner['name']}"
    return f"has {len(found['hooks'])} hooks" if found.get("hooks") else ""


def _foreign(found: Mapping[str, Any], key: Key) -> str:
    for one in drift.objects(str(found.get("manifest") or "")):
        name, namespace = str(one["metadata"]["name"]), one["metadata"].get("namespace")
        if one["kind"] not in _KINDS or namespace != key.namespace or not name.startswith(f"{key.instance}-"):
            return f"names {one['kind']} {namespace}/{name}"
    return ""
