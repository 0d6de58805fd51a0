"""Alerts and dashboard of charts/fraud-operator: they ask for metrics that exist, and the docs tell every alert."""

import json
import re
from typing import Any

import pytest
import yaml
from harness.helm import CHARTS, one, template

ROOT = CHARTS.parent
FILES = CHARTS / "fraud-operator" / "files"
GROUPS: list[dict[str, Any]] = yaml.safe_load((FILES / "alerts.yaml").read_text())["groups"]
ALERTS: dict[str, dict[str, Any]] = {rule["alert"]: rule for group in GROUPS for rule in group["rules"]}
DASHBOARD: dict[str, Any] = json.loads((FILES / "dashboard.json").read_text())
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]

JAVA = "job/flink-format/src/main/java/io/frauddetector/flink"
FLINK = {
    # Flink's own, with the class that registers them
    "flink_jobmanager_numRunningJobs": "Dispatcher",
    "flink_jobmanager_numRegisteredTaskManagers": "ResourceManager",
    "flink_jobmanager_job_numRestarts": "SchedulerBase",
    "flink_jobmanager_job_lastCheckpointDuration": "DefaultCheckpointStatsTracker",
    "flink_jobmanager_job_numberOfCompletedCheckpoints": "DefaultCheckpointStatsTracker",
    "flink_jobmanager_job_numberOfFailedCheckpoints": "DefaultCheckpointStatsTracker",
    "flink_taskmanager_job_task_operator_numRecordsIn": "InternalOperatorIOMetricGroup",
    "flink_taskmanager_job_task_operator_currentOutputWatermark": "OperatorChain",
    "flink_taskmanager_job_task_operator_pendingRecords": "KafkaSourceReaderMetrics of the Kafka connector",
    # ours, with their file; the connector has a group `deserializer`, the key of a group is in a metric's name
    "flink_taskmanager_job_task_operator_deserializer_newestEventTime": f"{JAVA}/EventDeserializationSchema.java",
    "flink_taskmanager_job_task_operator_rule_unknownResults": f"{JAVA}/Unknowns.java",
    "flink_taskmanager_job_task_operator_output_unknownResults": f"{JAVA}/Unknowns.java",
}
"""Metrics of Flink 2.3 as its PrometheusReporter names them, and where they come from."""

SINK = 'operator_name!~".*:_C.*"'
"""A sink is a writer and a committer; a long name may be cut before it says which."""

OPERATORS = {
    "Source:.*": {"Source:_KafkaSource_default_catalog_sources_bank_transactions"},
    "clock_of_.*": {"clock_of_bank_transactions"},
    "rule_.*": {"rule_customer_turns_high_917541436_:_Writer", "rule_customer_turns_high_blocked_144014089_:_Writer"},
    "stream_.*_dead_letters_[0-9]+.*": {"stream_bank_transactions_dead_letters_1572982512_:_Writer"},
    "stream_.*_late_[0-9]+.*": {"stream_bank_transactions_late_2045920631_:_Writer"},
    "stream_.*_(dead_letters|late)_[0-9]+.*": {
        "stream_bank_transactions_dead_letters_1572982512_:_Writer",
        "stream_bank_transactions_late_2045920631_:_Writer",
    },
}
"""Patterns of operators' names with what they find in manifests/bank.yaml as Flink plans it."""


def expressions() -> list[str]:
    """Everything that is asked of Prometheus; Grafana's own functions are left out."""
    panels = [target["expr"] for panel in PANELS for target in panel["targets"]]
    variables = [
        re.sub(r"label_values\((.*), \w+\)", r"\1", one["query"]["query"])
        for one in DASHBOARD["templating"]["list"]
        if one["type"] == "query"
    ]
    return [rule["expr"] for rule in ALERTS.values()] + panels + variables


def metrics(expression: str) -> set[str]:
    """Names of metrics in an expression: words that are no function, no keyword and no label."""
    bare = re.sub(r'"[^"]*"', '""', expression)
    bare = re.sub(r"\b(?:by|on|without|ignoring)\s*\([^)]*\)", "", bare)
    bare = re.sub(r"\{[^}]*\}|\[[^\]]*\]", "", bare)
    words = re.findall(r"[a-zA-Z_:][\w:]*(?!\w*\s*\()", re.sub(r"\w+\s*\(", "(", bare))
    return set(words) - {"and", "or", "unless"}


def defined() -> set[str]:
    """The metrics of the operator and the indexer, as Prometheus has them."""
    operator = (ROOT / "operator/fraud_operator/metrics.py").read_text()
    found = set()
    for kind, name in re.findall(r'(Counter|Gauge|Histogram)\(\s*"(\w+)"', operator):
        found |= {f"{name}{end}" for end in {"Counter": ["_total"], "Gauge": [""], "Histogram": ["_bucket"]}[kind]}
    indexer = (ROOT / "services/fraud_services/indexer/watch.py").read_text()
    return found | set(re.findall(r'Metric\(\s*"(\w+)"', indexer))


def test_names_of_metrics_are_found_in_expressions() -> None:
    found = metrics('sum by (a) (rate(b{c="d"}[5m])) / 1000 > 300 and on (e) time() - max(f_total{g=~"h(i)"} > 0) or j')
    assert found == {"b", "f_total", "j"}


@pytest.mark.parametrize("expression", expressions())
def test_every_metric_exists(expression: str) -> None:
    found = metrics(expression)
    assert found
    assert found <= defined() | set(FLINK)


def test_metrics_of_flink_are_used_and_ours_are_in_their_files() -> None:
    assert set(FLINK) <= {name for each in expressions() for name in metrics(each)}
    for name, place in FLINK.items():
        if place.endswith(".java"):
            assert f'"{name.rpartition("_")[2]}"' in (ROOT / place).read_text()


def test_operators_are_found_by_name() -> None:
    asked = {name for each in expressions() for name in re.findall(r'operator_name=~"([^"]*)"', each)}
    assert asked == set(OPERATORS)
    for pattern, names in OPERATORS.items():
        assert {name for found in OPERATORS.values() for name in found if re.fullmatch(pattern, name)} == names
    for each in expressions():
        assert each.count('operator_name=~"rule') + each.count('operator_name=~"stream') == each.count(SINK)


def test_operators_have_the_names_that_the_job_gives_them() -> None:
    assert '"clock of "' in (ROOT / JAVA / "StreamSource.java").read_text()
    sinks = set(re.findall(r"`sinks`\.`([^`]+)`", (ROOT / "tests/golden/bank.sql").read_text()))
    given = {re.sub(r"[^a-zA-Z0-9:_]", "_", sink) for sink in sinks}
    writers = {name for names in OPERATORS.values() for name in names if name.endswith("Writer")}
    assert {re.sub(r"_\d+_:_Writer$", "", name) for name in writers} <= given


def test_label_of_detectors_is_what_the_monitor_brings() -> None:
    spec = one(template("fraud-operator", MONITORED), "ServiceMonitor", "test-fraud-operator-detectors")["spec"]
    brought = {re.sub(r"\W", "_", label) for label in spec["targetLabels"]}
    assert "frauddetector_io_detector" in brought
    for each in expressions():
        assert set(re.findall(r"\b(frauddetector_io_\w+)", each)) <= brought


@pytest.mark.parametrize("name", ALERTS)
def test_an_alert_says_what_whoever_is_woken_needs(name: str) -> None:
    alert = ALERTS[name]
    assert re.fullmatch(r"\d+[mh]", alert["for"])
    assert alert["labels"] in ({"severity": "critical"}, {"severity": "warning"})
    assert set(alert["annotations"]) == {"summary", "description", "runbook"}
    path, _, anchor = alert["annotations"]["runbook"].partition("#")
    headings = re.findall(r"^#+ (.+)$", (ROOT / path).read_text(), re.M)
    assert anchor in {heading.lower().replace(" ", "-") for heading in headings}


def test_every_alert_is_told_with_its_severity_and_no_other() -> None:
    section = (ROOT / "docs/kubernetes.md").read_text().partition("### Alerts for Prometheus")[2]
    told = re.findall(r"^\| `(\w+)`( \(critical\))? \| .*\w.* \| .*\w.* \|$", section, re.M)
    assert [name for name, _ in told] == list(ALERTS)
    critical = {name for name, alert in ALERTS.items() if alert["labels"]["severity"] == "critical"}
    assert {name for name, severity in told if severity} == critical


def test_panels_ask_the_chosen_source_and_detector() -> None:
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])
    for panel in PANELS:
        assert panel["datasource"]["uid"] == "${datasource}"
        for target in panel["targets"]:
            assert target["datasource"]["uid"] == "${datasource}"
            own = re.findall(r"(fraud_operator_\w+)", target["expr"])
            assert own or 'namespace="$namespace", frauddetector_io_detector="$detector"' in target["expr"]


MONITORED = {"metrics": {"serviceMonitor": True, "prometheusRule": True, "grafanaDashboard": True}}


def test_nothing_is_made_unasked() -> None:
    kinds = {each["kind"] for each in template("fraud-operator", {"crds": {"install": False}})}
    assert not {"ServiceMonitor", "PrometheusRule", "ConfigMap"} & kinds


def test_the_chart_makes_both_of_the_files() -> None:
    found = template("fraud-operator", MONITORED | {"extraLabels": {"release": "prometheus"}})
    rule = one(found, "PrometheusRule")
    assert rule["metadata"]["labels"]["release"] == "prometheus"
    assert rule["spec"] == {"groups": GROUPS}
    board = one(found, "ConfigMap")
    assert board["metadata"]["labels"]["grafana_dashboard"] == "1"
    assert {name: json.loads(text) for name, text in board["data"].items()} == {"fraud-detectors.json": DASHBOARD}
