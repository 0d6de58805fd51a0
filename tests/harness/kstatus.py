"""What kstatus makes of a resource: sigs.k8s.io/cli-utils/pkg/kstatus, functions Compute and checkGenericProperties.

Written from its rules for kinds that it has no special knowledge of. Flux, kapply and kpt wait for a resource with it.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any


class Status(StrEnum):
    """The words of kstatus for a resource that is there."""

    IN_PROGRESS = "InProgress"
    FAILED = "Failed"
    CURRENT = "Current"
    TERMINATING = "Terminating"


def compute(resource: Mapping[str, Any]) -> Status:
    """The status of a resource."""
    metadata, status = resource["metadata"], resource.get("status") or {}
    if metadata.get("deletionTimestamp"):
        return Status.TERMINATING
    observed = status.get("observedGeneration")
    if "generation" in metadata and observed is not None and observed != metadata["generation"]:
        return Status.IN_PROGRESS
    conditions = status.get("conditions") or []
    for one in conditions:  # the first that is true has the say
        if (one["type"], one["status"]) == ("Reconciling", "True"):
            return Status.IN_PROGRESS
        if (one["type"], one["status"]) == ("Stalled", "True"):
            return Status.FAILED
    ready = next((one["status"] for one in conditions if one["type"] == "Ready"), "True")
    return Status.CURRENT if ready == "True" else Status.IN_PROGRESS
