"""The operator's metrics, as Prometheus reads them."""

import re
from pathlib import Path

from prometheus_client import REGISTRY

import fraud_operator
from fraud_operator import metrics
from fraud_operator.reasons import Reason


def labels(name: str, label: str) -> set[str]:
    return {one.labels[label] for found in REGISTRY.collect() for one in found.samples if one.name == name}


def test_what_counts_is_there_before_it_happens() -> None:
    assert metrics.ROLLBACKS
    assert labels("fraud_operator_reconciliations_total", "result") == {"done", "gone", "error"}
    policies = (Path(fraud_operator.__file__).parent / "policies.py").read_text()
    given = {Reason[name] for name in re.findall(r"Step\.TAKE_BACK, Reason\.(\w+)", policies)}
    assert labels("fraud_operator_rollbacks_total", "reason") == {reason.value for reason in given}
