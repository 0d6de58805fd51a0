"""A detector small enough to read, made from text."""

from pathlib import Path

import pytest

from fraud_api import FraudDetector
from fraud_api.load import load_text

DETECTOR = """
apiVersion: frauddetector.io/v1alpha1
kind: FraudDetector
metadata: {name: shop, namespace: lab}
spec:
  streams:
    - name: orders
      topic: shop.orders
      columns:
        - {name: id, type: STRING}
        - {name: customer, type: STRING}
        - {name: amount, type: DOUBLE}
        - {name: at, type: STRING}
      eventId: id
      eventTime: {column: at}
  rules:
    - name: large
      severity: High
      entity: {type: customer, columns: [customer]}
      reason: "amount {amount}"
      filter: {from: orders, where: amount > 900}
  outputs:
    - name: flagged
      topic: shop.flagged
      split: {from: orders, part: Flagged}
"""

SECOND_STREAM = """    - name: refunds
      columns: [{name: id, type: STRING}, {name: at, type: STRING}]
      eventTime: {column: at}
  rules:
"""


@pytest.fixture
def text() -> str:
    return DETECTOR


@pytest.fixture
def detector() -> FraudDetector:
    return load_text(DETECTOR, "shop.yaml", {})[0]


@pytest.fixture
def two_streams() -> FraudDetector:
    return load_text(DETECTOR.replace("  rules:\n", SECOND_STREAM, 1), "shop.yaml", {})[0]


@pytest.fixture
def events(tmp_path: Path) -> Path:
    file = tmp_path / "events.jsonl"
    file.write_text('{"id": "1"}\n')
    return file
