"""Sequences whose matches can overlap by a value that is no part of their key."""

import pytest

from fraud_api import InvalidDetector, load_text
from fraud_api.load import read_text
from fraud_api.problems import Problem

DETECTOR = """
apiVersion: frauddetector.io/v1alpha1
kind: FraudDetector
metadata: {name: sample}
spec:
  streams:
    - name: acts
      columns:
        - {name: id, type: STRING}
        - {name: account, type: STRING}
        - {name: payee, type: STRING}
        - {name: amount, type: DOUBLE}
        - {name: at, type: STRING}
      eventId: id
      eventTime: {column: at}
  rules:
    - name: rule
      entity: {type: account, columns: [account]}
      reason: x
      sequence:
        from: acts
        BY
        steps:
          - {name: added, where: amount = 0}
          - {name: paid, where: "WHERE"}
        within: 1h
"""
SAME = "amount > 0 AND payee = added.payee"


def problems(text: str) -> list[Problem]:
    with pytest.raises(InvalidDetector) as caught:
        load_text(text, "sample.yaml")
    return caught.value.problems


def warnings(where: str, by: str = "") -> list[str]:
    text = DETECTOR.replace("WHERE", where).replace("        BY\n", f"        by: {by}\n" if by else "")
    return [f"{one.path}: {one.message}; {one.hint}" for one in read_text(text, "sample.yaml").warnings]


@pytest.mark.parametrize("where", [SAME, "added.payee = payee"])
def test_steps_of_one_value_are_warned_of(where: str) -> None:
    (found,) = warnings(where)
    assert found.startswith("spec.rules[rule].sequence.steps[paid].where: where matches of one key overlap")
    assert found.endswith("by: [account, payee] gives each payee matches of its own")


def test_a_key_with_that_column_is_not() -> None:
    assert warnings(SAME, "[account, payee]") == []


@pytest.mark.parametrize(
    "where", ["amount > added.amount", "payee <> added.payee", "payee = 'x' OR payee = added.payee"]
)
def test_other_comparisons_are_not(where: str) -> None:
    assert warnings(where) == []


def test_a_column_of_the_key_is_asked_for_by_its_plain_name() -> None:
    text = DETECTOR.replace("WHERE", SAME).replace("BY", "by: [account, payee]")
    (problem,) = problems(text.replace("reason: x", 'reason: "{paid.payee}"'))
    assert problem.message == "'{paid.payee}': payee is a column of the key, one for all of its events"
    assert problem.hint == "write {payee}"
