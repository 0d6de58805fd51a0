"""Names of what belongs to a detector in the cluster."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

PREFIX = "frauddetector.io"
FINALIZER = f"{PREFIX}/finalizer"
PAUSED = f"{PREFIX}/paused"
DETECTOR_LABEL = f"{PREFIX}/detector"
RECORD_LABEL = f"{PREFIX}/record"
MANAGER = "fraud-operator"


def beside(host: str, namespace: str) -> str:
    """A host that a detector names, as this process finds it: one without a dot is a Service beside the detector."""
    elsewhere = "." in host or ":" in host or host == "localhost"
    return host if elsewhere else f"{host}.{namespace}.svc"


_NAME = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")


@dataclass(frozen=True, order=True)
class Key:
    """Which detector: its namespace and name."""

    namespace: str
    name: str

    @classmethod
    def labelled(cls, metadata: Mapping[str, Any]) -> "Key | None":
        """The detector that an object's label names; None where it names none.

        Anybody may have written the object: the label may be missing or hold what is no name.
        """
        name = str((metadata.get("labels") or {}).get(DETECTOR_LABEL, ""))
        return cls(str(metadata["namespace"]), name) if _NAME.fullmatch(name) else None

    @property
    def release(self) -> str:
        """The Helm release that runs it."""
        return f"fd-{self.name}"

    @property
    def record(self) -> str:
        """The ConfigMap with what the operator must remember of it."""
        return f"{self.release}-stable"

    @property
    def check(self) -> str:
        """The Job that plans a changed detector."""
        return f"{self.release}-check"

    @property
    def volume(self) -> str:
        """The claim of the volume that its state lies on."""
        return f"{self.release}-state"

    @property
    def pods(self) -> str:
        """Selects the pods of its release."""
        return f"app.kubernetes.io/instance={self.release}"

    @property
    def indexer(self) -> str:
        """Selects the pods that fill its indices."""
        return f"{self.pods},app.kubernetes.io/component=indexer"

    @property
    def rest(self) -> str:
        """Address of the JobManager's REST interface."""
        return f"http://{self.release}-jobmanager.{self.namespace}.svc:8081"

    def is_cluster_id(self, text: str) -> bool:
        """Whether a Flink cluster id belongs to one of its deployments."""
        return re.fullmatch(re.escape(self.release) + "-[0-9a-f]{8}", text) is not None

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}"
