"""Helm's record of a release, as it keeps it in a ConfigMap."""

import base64
import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fraud_operator import times
from fraud_operator.clients.kubernetes import CONFIG_MAPS, Cluster
from fraud_operator.names import Key


@dataclass(frozen=True)
class Release:
    """The newest revision of a release.

    Attributes:
        revision: its number.
        status: in Helm's words: deployed, failed, pending-upgrade, uninstalling, ...
        values: what it was made with.
        manifest: its objects as YAML.
        deployed: when.
        description: what Helm says of it.
    """

    revision: int
    status: str
    values: Mapping[str, Any]
    manifest: str = ""
    deployed: datetime | None = None
    description: str = ""

    @property
    def interrupted(self) -> bool:
        """Whether Helm was killed while it worked on it, unless it still does."""
        return self.status.startswith("pending-")

    @property
    def job_id(self) -> str:
        """Flink's id of the job that it runs."""
        return str(self.values.get("job", {}).get("id", ""))

    @property
    def savepoint(self) -> str:
        """What that job started from; empty for nothing."""
        return str(self.values.get("job", {}).get("savepoint", ""))

    @property
    def running(self) -> bool:
        """Whether it has pods at all."""
        return bool(self.values.get("running", True))


def newest(cluster: Cluster, key: Key) -> Release | None:
    """The newest revision of a detector's release; None where there is none."""
    found = cluster.find(
        CONFIG_MAPS, key.namespace, f"owner=helm,name={key.release},status!=uninstalled", metadata_only=True
    )
    if not found:
        return None
    last = max(found, key=lambda one: int(one["metadata"]["labels"].get("version", 0)))
    body = cluster.get(CONFIG_MAPS, key.namespace, last["metadata"]["name"])
    return decode(body["data"]["release"]) if body else None


def forget(cluster: Cluster, key: Key, revision: int) -> None:
    """Drop Helm's record of a revision that it did not finish; the objects stay, the next upgrade takes them over."""
    cluster.delete(CONFIG_MAPS, key.namespace, f"sh.helm.release.v1.{key.release}.v{revision}")


def decode(text: str) -> Release:
    """Read Helm's own encoding: base64 of gzip of JSON."""
    found = json.loads(gzip.decompress(base64.b64decode(text)))
    info = found.get("info") or {}
    return Release(
        revision=int(found["version"]),
        status=str(info.get("status", "unknown")),
        values=found.get("config") or {},
        manifest=str(found.get("manifest") or ""),
        deployed=times.read(info.get("last_deployed")),
        description=str(info.get("description") or ""),
    )
