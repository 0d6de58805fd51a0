"""Every panel's aggregation on a real Elasticsearch: the numbers are those of the oracle."""

from typing import Any

import pytest
from harness.detectors import MANIFESTS
from harness.elastic import Elastic
from harness.filled import filled
from oracle.events import written
from oracle.panels import Asked, Document, Path, answer, value_at

from fraud_api import FraudDetector
from fraud_api.backends import Panel, PanelSort, PanelType
from fraud_api.base import milliseconds
from fraud_api.fields import Documents, FieldKind, documents
from fraud_services.kibana.aggregations import rows, search
from fraud_services.kibana.defaults import panels, sources
from fraud_services.kibana.objects import alias
from fraud_services.kibana.questions import question

pytestmark = [pytest.mark.elasticsearch, pytest.mark.integration]

AUTOMATIC = "1h"

MORE: list[dict[str, Any]] = [
    {"type": "Pie", "from": "customer-risk", "by": ["Risk_Level"], "function": "Sum", "column": "Total_Txns"},
    {"type": "Pie", "from": "customer-risk", "by": ["Risk_Level", "Fraud_Txns"], "top": 3},
    {"type": "Bar", "from": "customer-risk", "by": ["Name"], "function": "Max", "column": "Avg_Amount", "top": 25},
    {"type": "Bar", "from": "customer-risk", "by": ["Risk_Level", "Fraud_Txns"], "sort": "Ascending"},
    {"type": "Bar", "from": "blocked", "by": ["rule"], "function": "Last", "column": "amount"},
    {
        "type": "Line",
        "from": "customer-risk",
        "by": ["Total_Txns"],
        "function": "Avg",
        "column": "Fraud_Txns",
        "top": 99,
    },
    {"type": "Line", "from": "blocked", "function": "Sum", "column": "amount", "interval": "90m"},
    {"type": "TimeSeries", "from": "fraud-dashboard", "function": "Max", "column": "amount", "interval": "10m"},
    {"type": "TimeSeries", "from": "alerts", "by": ["entity"], "top": 3, "interval": "30m"},
    {"type": "Metric", "from": "customer-risk", "function": "UniqueCount", "column": "Risk_Level"},
    {"type": "Metric", "from": "blocked", "function": "Min", "column": "when"},
    {"type": "Metric", "from": "customer-risk", "by": ["Risk_Level"], "function": "Min", "column": "Avg_Amount"},
    {"type": "Table", "from": "alerts", "by": ["reason"], "top": 20},
    {"type": "Table", "from": "customer-risk", "columns": ["customer_id", "Risk_Level"], "top": 1000},
]


@pytest.fixture(scope="module", params=sorted(path.stem for path in MANIFESTS.glob("*.yaml")))
def held(request: pytest.FixtureRequest, elastic: Elastic) -> tuple[FraudDetector, dict[str, list[Document]]]:
    """A detector whose indices hold what its oracle says, and that by source."""
    return filled(elastic.client, elastic.url, request.param, "dashboards")


def test_every_panel_shows_what_the_oracle_says(held: Any, elastic: Elastic) -> None:
    detector, contents = held
    plain = detector.spec.model_copy(update={"kibana": None})
    shown = {panel.model_dump_json(): panel for panel in [*panels(detector.spec), *panels(plain)]}
    if detector.metadata.name == "bank":
        more = [{"name": f"more-{place}", "title": "", **one} for place, one in enumerate(MORE)]
        shown |= {str(one): Panel.model_validate(one) for one in more}
    assert {panel.source for panel in shown.values()} <= set(sources(detector.spec))
    for panel in shown.values():
        asked = question(detector.spec, panel)
        answered = elastic.client.search(index=alias(detector, panel.source), body=search(asked, AUTOMATIC))
        _assert_right(detector, panel, rows(asked, answered), contents[panel.source])


@pytest.mark.parametrize("held", ["bank"], indirect=True)
def test_the_fraud_desk_sees_who_is_riskiest(elastic: Elastic, held: Any) -> None:
    detector, contents = held
    by_name = {panel.name: panel for panel in panels(detector.spec)}

    def shown(name: str) -> list[tuple[Any, ...]]:
        asked = question(detector.spec, by_name[name])
        return rows(
            asked, elastic.client.search(index=alias(detector, by_name[name].source), body=search(asked, AUTOMATIC))
        )

    customers = contents["customer-risk"]
    levels = {level: sum(one["Risk_Level"] == level for one in customers) for level in ("Low", "Moderate", "High")}
    assert dict(shown("risk-levels")) == levels
    assert levels["High"] > 0
    assert shown("blocked-customers") == [(levels["High"],)]
    worst = sorted((one["Fraud_Txns"] for one in customers), reverse=True)[:10]
    assert [count for *_, count in shown("top-customers")] == worst
    assert sum(count for *_, count in shown("risk-by-transactions")) == len(customers)
    assert sum(count for _, count in shown("blocked-per-minute")) == levels["High"]


def _assert_right(
    detector: FraudDetector, panel: Panel, found: list[tuple[Any, ...]], contained: list[Document]
) -> None:
    what = documents(detector.spec, panel.source)
    assert what
    if panel.type is PanelType.TABLE and not panel.by:
        _assert_documents(panel, what, found, contained)
        return
    by, wanted = _wanted(panel, what, contained)
    # the panel's order of keys, where the oracle has the order of nesting
    wanted = [(*(row[by.index(path)] for path in _columns(panel, what)), row[-1]) for row in wanted]
    assert wanted, f"{panel.name} is empty: it proves nothing"
    assert [row[:-1] for row in found] == [row[:-1] for row in wanted], panel.name
    assert [row[-1] for row in found] == pytest.approx([_plain(row[-1]) for row in wanted]), panel.name


def _assert_documents(panel: Panel, what: Documents, found: list[tuple[Any, ...]], contained: list[Document]) -> None:
    paths = [_path(what, name) for name in panel.columns or what.fields]
    wanted = [tuple(value_at(one, path) for path in paths) for one in contained]
    assert len(found) == min(panel.top, len(contained))
    assert all(row in wanted for row in found)
    if what.time and what.time.name in (panel.columns or what.fields):
        place = list(panel.columns or what.fields).index(what.time.name)
        assert [row[place] for row in found] == sorted((row[place] for row in wanted), reverse=True)[: panel.top]


def _columns(panel: Panel, what: Documents) -> list[Path]:
    over_time = panel.type is PanelType.TIME_SERIES or (panel.type is PanelType.LINE and not panel.by)
    assert not over_time or what.time
    time = [tuple(what.time.shown.split("."))] if over_time and what.time else []
    return [*time, *(_path(what, name) for name in panel.by)]


def _wanted(panel: Panel, what: Documents, contained: list[Document]) -> tuple[list[Path], list[tuple[Any, ...]]]:
    length = milliseconds(panel.interval or AUTOMATIC)
    columns = _columns(panel, what)
    dated = {tuple(field.shown.split(".")) for field in what.fields.values() if field.kind is FieldKind.DATE}
    dates = {path: length for path in columns if path in dated or path == ("@timestamp",)}
    by = [*(path for path in columns if path not in dates), *dates]
    asked = Asked(
        by,
        dates,
        panel.type in (PanelType.HEAT_MAP, PanelType.LINE),
        panel.function.value,
        _path(what, panel.column) if panel.column else None,
        tuple(what.time.shown.split(".")) if what.time else None,
        panel.top,
        panel.sort is PanelSort.DESCENDING,
    )
    return by, answer(asked, contained)


def _path(what: Documents, column: str) -> Path:
    return tuple(what.fields[column].shown.split("."))


def _plain(value: Any) -> Any:
    """A number as Elasticsearch tells it; of a time its milliseconds."""
    return written(value) if isinstance(value, str) else value
