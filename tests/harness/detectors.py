"""Detectors for tests: files read, and copies whose topics nobody else has."""

import uuid
from pathlib import Path
from typing import Any

from fraud_api import FraudDetector, load_file

MANIFESTS = Path(__file__).parents[2] / "manifests"
PARALLELISM = 2


def manifest(name: str) -> FraudDetector:
    """The detector of ``manifests/NAME.yaml``."""
    (found,) = load_file(MANIFESTS / f"{name}.yaml")
    return found


def written(**spec: Any) -> FraudDetector:
    """A detector called ``written`` of a spec in the resource's own words (camelCase)."""
    return FraudDetector.model_validate(
        {
            "apiVersion": "frauddetector.io/v1alpha1",
            "kind": "FraudDetector",
            "metadata": {"name": "written"},
            "spec": spec,
        }
    )


def isolated(detector: FraudDetector, bootstrap: str, namespace: str | None = None) -> FraudDetector:
    """A copy in a namespace of its own, with that in front of every topic, on the broker at ``bootstrap``."""
    namespace = namespace or f"t{uuid.uuid4().hex[:10]}"
    document = detector.model_dump(mode="json", by_alias=True, exclude_none=True, exclude_unset=True)
    spec = document["spec"]
    document["metadata"]["namespace"] = namespace
    spec["kafka"] = spec.get("kafka", {}) | {"bootstrapServers": bootstrap}
    for part in (*spec["streams"], *spec.get("outputs", [])):
        part["topic"] = f"{namespace}.{part.get('topic') or part['name']}"
    if "topic" in spec.get("blocking", {}):
        spec["blocking"]["topic"] = f"{namespace}.{spec['blocking']['topic']}"
    spec["flink"] = {"parallelism": PARALLELISM} | spec.get("flink", {})
    return FraudDetector.model_validate(document)
