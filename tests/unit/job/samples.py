"""Small detectors for unit tests."""

from typing import Any

from fraud_api import FraudDetector

COLUMNS = [
    {"name": "id", "type": "STRING"},
    {"name": "card", "type": "STRING"},
    {"name": "amount", "type": "DOUBLE"},
    {"name": "at", "type": "STRING"},
]


def stream(name: str = "payments", **more: Any) -> dict[str, Any]:
    """A stream of card payments."""
    return {"name": name, "columns": COLUMNS, "eventId": "id", "eventTime": {"column": "at"}} | more


def rule(name: str = "large", **more: Any) -> dict[str, Any]:
    """A filter over it, unless another kind is given."""
    kind = {} if more.keys() & {"velocity", "window", "join", "sequence", "sql", "filter"} else {"filter": FILTER}
    entity = {"type": "card", "columns": ["card"]}
    return {"name": name, "entity": entity, "reason": "{amount} above {:limit}"} | kind | more


FILTER = {"from": "payments", "where": "amount > :limit"}
LIMIT = {"name": "limit", "type": "DOUBLE", "value": "900"}


def detector(**spec: Any) -> FraudDetector:
    """A detector ``test.sample`` with one stream and one parameter."""
    whole = {"streams": [stream()], "parameters": [LIMIT], "rules": [rule()]} | spec
    return FraudDetector.model_validate(
        {
            "apiVersion": "frauddetector.io/v1alpha1",
            "kind": "FraudDetector",
            "metadata": {"name": "sample", "namespace": "test"},
            "spec": whole,
        }
    )
