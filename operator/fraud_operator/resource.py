"""The resource as the API server has it, read into a detector or into the reasons why it is none."""

from collections.abc import Mapping, Sequence
from typing import Any

from fraud_api import FraudDetector
from fraud_api.problems import Finding, Severity
from fraud_api.shape import shape
from fraud_api.validation import validate
from fraud_operator.clients.kubernetes import Object
from fraud_operator.names import FINALIZER, PAUSED, Key

_TOLD = 5


def key_of(body: Object) -> Key:
    """Which detector it is."""
    return Key(body["metadata"]["namespace"], body["metadata"]["name"])


def read(body: Object) -> tuple[FraudDetector | None, str]:
    """The detector, or None and what is wrong with it, each with its path."""
    metadata = body["metadata"]
    document = {
        "apiVersion": body.get("apiVersion"),
        "kind": body.get("kind"),
        "metadata": {name: metadata[name] for name in ("name", "namespace") if name in metadata},
        "spec": body.get("spec"),
    }
    shaped = shape(document)
    findings = list(shaped.findings)
    if shaped.detector is not None:
        found = validate(shaped.detector, broken=shaped.broken)
        findings += [finding for finding in found if finding.severity is Severity.ERROR]
    if not findings and shaped.detector is not None:
        return shaped.detector, ""
    return None, _listed(findings) or "it is no FraudDetector"


def warnings(detector: FraudDetector) -> str:
    """What is told of a detector though it is valid, each with its path; empty for nothing."""
    return _listed([finding for finding in validate(detector) if finding.severity is Severity.WARNING])


def _listed(findings: Sequence[Finding]) -> str:
    told = [str(finding) for finding in findings[:_TOLD]]
    more = len(findings) - _TOLD
    return "; ".join(told + [f"and {more} more"] * (more > 0))


def paused(body: Object) -> bool:
    """Whether its owner wants the operator's hands off it."""
    annotations: Mapping[str, Any] = body["metadata"].get("annotations") or {}
    return str(annotations.get(PAUSED, "")).lower() == "true"


def finalized(body: Object) -> bool:
    """Whether it has the operator's finalizer."""
    return FINALIZER in (body["metadata"].get("finalizers") or [])


def finalizer_patch(body: Object, wanted: bool) -> Object:
    """The patch that adds or takes the operator's finalizer, refused by the API server if others changed it."""
    metadata = body["metadata"]
    others = [one for one in metadata.get("finalizers") or [] if one != FINALIZER]
    finalizers = [*others, FINALIZER] if wanted else others
    return {"metadata": {"resourceVersion": metadata["resourceVersion"], "finalizers": finalizers}}


def owner_reference(body: Object) -> Object:
    """How an object that goes with the resource refers to it."""
    metadata = body["metadata"]
    return {
        "apiVersion": body["apiVersion"],
        "kind": body["kind"],
        "name": metadata["name"],
        "uid": metadata["uid"],
        "controller": True,
    }
