"""Detectors that declare no panels."""

import json

import pytest
from harness.detectors import manifest, written

from fraud_api import FraudDetector
from fraud_services.kibana.defaults import panels
from fraud_services.kibana.objects import saved_objects

STREAM = {
    "name": "s",
    "columns": [{"name": "id", "type": "STRING"}, {"name": "at", "type": "STRING"}],
    "eventTime": {"column": "at"},
}


def shown(detector: FraudDetector) -> list[tuple[str, str, str]]:
    return [(panel.name, panel.type.value, panel.source) for panel in panels(detector.spec)]


ALERTS = [
    ("alerts-over-time", "TimeSeries", "alerts"),
    ("alerts-by-severity", "Pie", "alerts"),
    ("top-entities", "Bar", "alerts"),
    ("newest-alerts", "Table", "alerts"),
]


def test_alerts_and_each_output() -> None:
    assert shown(manifest("accounts")) == ALERTS
    assert shown(manifest("payments")) == [*ALERTS, ("output-sink", "Table", "sink")]
    assert shown(manifest("transactions")) == [
        *ALERTS,
        ("output-fraud", "TimeSeries", "fraud"),
        ("output-legit", "TimeSeries", "legit"),
    ]


def test_a_block_list_and_computed_figures() -> None:
    bank = manifest("bank")
    plain = bank.model_copy(update={"spec": bank.spec.model_copy(update={"kibana": None})})
    assert shown(plain)[4:] == [
        ("recently-blocked", "Table", "blocked"),
        ("output-customer-risk", "Table", "customer-risk"),
        ("output-fraud-dashboard", "TimeSeries", "fraud-dashboard"),
    ]
    figure = panels(plain.spec)[-1]
    assert (figure.function.value, figure.column) == ("Sum", "transactions")


def test_declared_panels_come_alone() -> None:
    assert [name for name, _, _ in shown(manifest("bank"))][:2] == ["blocked-customers", "risk-levels"]


def test_a_detector_without_rules_shows_its_outputs() -> None:
    output = {"name": "copy", "columns": [{"name": "id", "type": "STRING"}], "query": "SELECT id FROM s"}
    assert shown(written(streams=[STREAM], outputs=[output])) == [("output-copy", "Table", "copy")]


def test_what_is_not_indexed_is_not_shown() -> None:
    output = {
        "name": "copy",
        "columns": [{"name": "id", "type": "STRING"}],
        "query": "SELECT id FROM s",
        "index": {"enabled": False},
    }
    (dashboard,) = saved_objects(written(streams=[STREAM], outputs=[output]))
    assert json.loads(dashboard["attributes"]["panelsJSON"]) == []


@pytest.mark.parametrize("length", [56, 57, 63])
def test_long_names_stay_apart(length: int) -> None:
    names = ["o" * (length - 1) + end for end in "xy"]
    columns = [{"name": "id", "type": "STRING"}]
    outputs = [{"name": name, "columns": columns, "query": "SELECT id FROM s"} for name in names]
    found = shown(written(streams=[STREAM], outputs=outputs))
    assert [source for _, _, source in found] == names
    assert len({name for name, _, _ in found}) == 2
