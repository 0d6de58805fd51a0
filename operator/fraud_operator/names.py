"""Names of what belongs to a detector in the cluster."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

PREFIX = "frauddetector.io"
FINALIZER = f"{PREFIX}/finalizer"
PAUSED = f"{PREFIX}/paused"
DETECTOR_LABEL = f"{PREFIX}/detector"
NAMESPACE_LABEL = f"{PREFIX}/namespace"
RECORD_LABEL = f"{PREFIX}/record"
MANAGER = "fraud-operator"


def beside(host: str, namespace: str) -> str:
    """A host that a detector names, as this process finds it: one without a dot is a Service beside the detector."""
    elsewhere = "." in host or ":" in host or host == "localhost"
    return host if elsewhere else f"{host}.{namespace}.svc"


_NAME = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_LONGEST_RELEASE = 53
"""Helm's own limit."""


@dataclass(frozen=True, order=True)
class Key:
    """Which detector: its namespace and name."""

    namespace: str
    name: str

    @classmethod
    def labelled(cls, metadata: Mapping[str, Any]) -> "Key | None":
        """The detector of its namespace that an object's label names; None where it names none.

        Anybody may have written the object: the label may be missing or hold what is no name.
        """
        return cls._read(metadata["namespace"], (metadata.get("labels") or {}).get(DETECTOR_LABEL))

    @classmethod
    def recorded(cls, metadata: Mapping[str, Any]) -> "Key | None":
        """The detector, of whatever namespace, that a record's labels name; None where they name none."""
        labels = metadata.get("labels") or {}
        return cls._read(labels.get(NAMESPACE_LABEL), labels.get(DETECTOR_LABEL))

    @classmethod
    def _read(cls, *parts: object) -> "Key | None":
        namespace, name = (str(part or "") for part in parts)
        return cls(namespace, name) if _NAME.fullmatch(namespace) and _NAME.fullmatch(name) else None

    @property
    def instance(self) -> str:
        """Beginning of the names of all its objects, and their label ``app.kubernetes.io/instance``."""
        return f"fd-{self.name}"

    @property
    def release(self) -> str:
        """The Helm release that runs it, among those of all detectors in the operator's namespace."""
        whole = f"{self.namespace}.{self.name}"
        if len(whole) <= _LONGEST_RELEASE:
            return whole
        digest = hashlib.sha256(whole.encode()).hexdigest()[:16]
        # without a point, which every whole name has: no detector can be called like another's cut name
        return f"{whole[: _LONGEST_RELEASE - 17].replace('.', '-').rstrip('-')}-{digest}"

    @property
    def record(self) -> str:
        """The ConfigMap in the operator's namespace with what it must remember of the detector."""
        return f"{self.release}.record"

    @property
    def check(self) -> str:
        """The Job that plans a changed detector."""
        return f"{self.instance}-check"

    @property
    def volume(self) -> str:
        """The claim of the volume that its state lies on."""
        return f"{self.instance}-state"

    @property
    def pods(self) -> str:
        """Selects the pods of its release."""
        return f"app.kubernetes.io/instance={self.instance}"

    @property
    def indexer(self) -> str:
        """Selects the pods that fill its indices."""
        return f"{self.pods},app.kubernetes.io/component=indexer"

    @property
    def rest(self) -> str:
        """Address of the JobManager's REST interface."""
        return f"http://{self.instance}-jobmanager.{self.namespace}.svc:8081"

    def is_cluster_id(self, text: str) -> bool:
        """Whether a Flink cluster id belongs to one of its deployments."""
        return re.fullmatch(re.escape(self.instance) + "-[0-9a-f]{8}", text) is not None

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}"
