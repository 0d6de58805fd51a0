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
_KEYS = frozenset({"name", "info", "chart", "config", "manifest", "hooks", "version", "namespace", "apply_method"})
"""Helm's own; its reader takes Manifest for manifest, so nothing else may be there."""
_NODE = ("hostNetwork", "hostPID", "hostIPC")
_LARGEST = 8 * 2**20
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
        return _of_another(found, home, key) or foreign(str(found.get("manifest") or ""), key)
    except (KeyError, TypeError, ValueError, AttributeError, yaml.YAMLError):
        return "can't be read"


def _of_another(found: Mapping[str, Any], home: str, key: Key) -> str:
    if not found.keys() <= _KEYS:
        return f"has {', '.join(sorted(found.keys() - _KEYS))}"
    if (found["namespace"], found["name"]) != (home, key.release):
        return f"is of the release {found['namespace']}/{found['name']}"
    owner = found["config"]["detector"]["metadata"]
    if (owner["namespace"], owner["name"]) != (key.namespace, key.name):
        return f"is of the detector {owner['namespace']}/{owner['name']}"
    return f"has {len(found['hooks'])} hooks" if found.get("hooks") else ""


def foreign(manifest: str, key: Key) -> str:
    """What in a manifest no release of the detector has, in words; empty for nothing.

    Raises:
        yaml.YAMLError, KeyError, TypeError, AttributeError: it is no list of objects.
    """
    for one in drift.objects(manifest):
        name, namespace = str(one["metadata"]["name"]), one["metadata"].get("namespace")
        if one["kind"] not in _KINDS or namespace != key.namespace or not name.startswith(f"{key.instance}-"):
            return f"names {one['kind']} {namespace}/{name}"
        why = _privileged(one, key)
        if why:
            return f"names {one['kind']} {namespace}/{name} with {why}"
    return ""


def _privileged(one: Object, key: Key) -> str:
    """What of a Deployment's or Job's pods goes beyond what the chart gives them; empty for nothing."""
    pod = ((one.get("spec") or {}).get("template") or {}).get("spec") or {}
    if any(pod.get(name) for name in _NODE):
        return "the node's own namespaces"
    if pod and not str(pod.get("serviceAccountName", "")).startswith(f"{key.instance}-"):
        return f"service account {pod.get('serviceAccountName', 'default')}"
    containers = [*pod.get("containers", ()), *pod.get("initContainers", ())]
    if any((container.get("securityContext") or {}).get("privileged") for container in containers):
        return "a privileged container"
    return "a path of the node" if any("hostPath" in volume for volume in pod.get("volumes", ())) else ""
