"""A detector that uses most of what there is, and helpers to spoil it."""

from collections.abc import Callable

import pytest

from fraud_api import FraudDetector, InvalidDetector, Problem, load_text

DETECTOR = """\
apiVersion: frauddetector.io/v1alpha1
kind: FraudDetector
metadata:
  name: shop
spec:
  streams:
    - name: payments
      columns:
        - {name: id, type: STRING}
        - {name: account, type: STRING}
        - {name: amount, type: "DECIMAL(10, 2)"}
        - {name: country, type: STRING, required: false}
        - {name: at, type: STRING}
      eventTime: {column: at}
      eventId: id
    - name: logins
      columns:
        - {name: account, type: STRING}
        - {name: ip, type: STRING}
        - {name: at, type: BIGINT}
      eventTime: {column: at, format: EpochMillis}
  views:
    - name: big
      query: SELECT * FROM payments WHERE amount > :limit
  parameters:
    - {name: limit, value: 900}
  rules:
    - name: large-amount
      entity: {type: account, columns: [account]}
      reason: "{amount} is above {:limit}"
      filter: {from: payments, where: amount > :limit}
    - name: spree
      entity: {type: account, columns: [account]}
      reason: "{total} in an hour, at last {amount}"
      velocity:
        from: payments
        within: 1h
        aggregates: [{name: total, function: Sum, column: amount}]
        having: total > :limit
    - name: burst
      entity: {type: account, columns: [account]}
      reason: "{n} from {window_start}"
      window:
        from: payments
        hop: {size: 10m, slide: 5m}
        aggregates: [{name: n, function: Count}]
        having: n > 10
    - name: no-login
      entity: {type: account, columns: [account]}
      reason: "{payments.amount} of {account} without a login"
      join:
        left: payments
        right: logins
        keys: [{left: account, right: account}]
        before: 1h
        after: 0s
        type: Unmatched
        where: payments.amount > 10
    - name: test-then-spend
      entity: {type: account, columns: [account]}
      reason: "{spend.amount} after {test.amount} of {account}"
      sequence:
        from: payments
        steps:
          - {name: test, where: amount < 1}
          - {name: spend, where: amount > :limit}
        within: 1h
    - name: own
      entity: {type: account, columns: [account]}
      reason: "{amount}"
      sql: {query: "SELECT account, amount, event_time, event_id FROM big"}
  outputs:
    - name: flagged
      split: {from: payments, part: Flagged}
    - name: totals
      mode: Upsert
      key: [account]
      stateTtl: 30d
      columns: [{name: account, type: STRING}, {name: total, type: DOUBLE}]
      query: SELECT account, SUM(amount) AS total FROM payments GROUP BY account
  kibana:
    url: http://kibana:5601
    panels:
      - {name: by-account, title: Totals, type: Bar, from: totals, by: [account], column: total, function: Sum}
"""


@pytest.fixture
def text() -> str:
    """The detector as it is written."""
    return DETECTOR


@pytest.fixture
def detector() -> FraudDetector:
    """The detector as it is read."""
    return load_text(DETECTOR, "shop.yaml")[0]


@pytest.fixture
def problems() -> Callable[[str], list[Problem]]:
    """Everything wrong with a text."""

    def _problems(text: str) -> list[Problem]:
        try:
            load_text(text, "shop.yaml")
        except InvalidDetector as error:
            return error.problems
        return []

    return _problems
