"""Each kind of panel: what it asks, in Lens' words and in Elasticsearch's."""

from typing import Any

import pytest
from harness.detectors import manifest

from fraud_api.backends import Panel
from fraud_services.kibana import lens
from fraud_services.kibana.aggregations import rows, search
from fraud_services.kibana.questions import Chart, Listing, Question, interval, question


def asked(kind: str, source: str = "customer-risk", **more: Any) -> Question:
    panel = Panel.model_validate({"name": "p", "title": "P", "type": kind, "from": source, **more})
    return question(manifest("bank").spec, panel)


def chart(kind: str, source: str = "customer-risk", **more: Any) -> Chart:
    found = asked(kind, source, **more)
    assert isinstance(found, Chart)
    return found


def drawn(one: Chart) -> tuple[str, dict[str, Any], dict[str, Any]]:
    found = lens.attributes(one, "view")
    (layer,) = found["state"]["datasourceStates"]["formBased"]["layers"].values()
    return found["visualizationType"], found["state"]["visualization"], layer["columns"]


def test_a_pie() -> None:
    one = chart("Pie", by=["Risk_Level"])
    kind, visualization, columns = drawn(one)
    assert (kind, visualization["layers"][0]["primaryGroups"]) == ("lnsPie", ["group-0"])
    assert columns["group-0"]["params"]["otherBucket"] is True
    assert columns["value"]["operationType"] == "count"
    assert search(one)["aggs"] == {
        "group-0": {"terms": {"field": "Risk_Level", "size": 10, "order": {"_count": "desc"}}}
    }


def test_an_average_by_group() -> None:
    one = chart("Bar", function="Avg", column="Avg_Amount", by=["Risk_Level"], sort="Ascending", top=3)
    _, visualization, columns = drawn(one)
    assert visualization["preferredSeriesType"] == "bar_horizontal"
    assert columns["group-0"]["params"]["orderBy"] == {"type": "column", "columnId": "value"}
    assert columns["value"]["operationType"] == "average"
    assert columns["value"]["label"] == "Average Avg_Amount"
    assert search(one)["aggs"]["group-0"] == {
        "terms": {"field": "Risk_Level", "size": 3, "order": {"value": "asc"}},
        "aggs": {"value": {"avg": {"field": "Avg_Amount"}}},
    }


def test_names_are_grouped_by_their_exact_form() -> None:
    _, _, columns = drawn(chart("Table", by=["customer_id", "Name"], function="Max", column="Fraud_Txns"))
    assert columns["group-1"]["sourceField"] == "Name.raw"


def test_every_level_has_the_value_that_it_is_ordered_by() -> None:
    found = search(chart("Table", by=["customer_id", "Name"], function="Max", column="Fraud_Txns"))
    outer = found["aggs"]["group-0"]
    assert outer["terms"]["order"] == {"value": "desc"}
    assert outer["aggs"]["value"] == outer["aggs"]["group-1"]["aggs"]["value"] == {"max": {"field": "Fraud_Txns"}}


def test_a_heat_map_orders_its_numbers_as_numbers() -> None:
    one = chart("HeatMap", by=["Total_Txns", "Risk_Level"])
    _, visualization, columns = drawn(one)
    assert (visualization["xAccessor"], visualization["yAccessor"]) == ("group-0", "group-1")
    assert columns["group-0"]["params"]["orderBy"]["type"] == "alphabetical"
    assert columns["group-0"]["params"]["orderDirection"] == "asc"
    assert search(one)["aggs"]["group-0"]["terms"]["order"] == {"_key": "asc"}


def test_a_time_series_takes_its_series_from_the_whole_time() -> None:
    one = chart("TimeSeries", "alerts", by=["rule"], interval="1h30m")
    _, visualization, columns = drawn(one)
    assert list(columns) == ["group-1", "group-0", "value"]
    assert columns["group-0"]["params"]["interval"] == "90m"
    layer = visualization["layers"][0]
    assert (layer["seriesType"], layer["xAccessor"], layer["splitAccessor"]) == ("bar_stacked", "group-0", "group-1")
    outer = search(one)["aggs"]["group-1"]
    assert outer["aggs"]["group-0"]["date_histogram"]["fixed_interval"] == "90m"


def test_what_does_not_add_up_is_a_line() -> None:
    _, visualization, columns = drawn(chart("TimeSeries", "fraud-dashboard", function="Max", column="amount"))
    assert visualization["preferredSeriesType"] == "line"
    assert columns["group-0"]["sourceField"] == "minute"
    assert columns["group-0"]["params"] == {"interval": "auto", "includeEmptyRows": False, "dropPartials": False}


def test_a_line_over_numbers_and_over_time() -> None:
    _, _, over_numbers = drawn(chart("Line", by=["Total_Txns"], function="Sum", column="Fraud_Txns"))
    assert over_numbers["group-0"]["params"]["orderBy"]["type"] == "alphabetical"
    _, visualization, over_time = drawn(chart("Line", "alerts"))
    assert over_time["group-0"]["operationType"] == "date_histogram"
    assert visualization["preferredSeriesType"] == "line"


def test_a_metric() -> None:
    one = chart("Metric", "blocked")
    kind, visualization, columns = drawn(one)
    assert (kind, visualization["metricAccessor"]) == ("lnsMetric", "value")
    assert columns["value"]["params"] == {"emptyAsNull": False}
    assert search(one) == {"size": 0, "track_total_hits": True}
    assert rows(one, {"hits": {"total": {"value": 7}}}) == [(7,)]


def test_the_last_value() -> None:
    one = chart("Bar", "blocked", function="Last", column="amount", by=["rule"])
    _, _, columns = drawn(one)
    assert columns["value"]["params"] == {"sortField": "when", "showArrayValues": False}
    assert columns["group-0"]["params"]["orderBy"]["type"] == "alphabetical"
    value = search(one)["aggs"]["group-0"]["aggs"]["value"]
    assert value == {"top_hits": {"size": 1, "_source": ["amount"], "sort": [{"when": {"order": "desc"}}]}}


@pytest.mark.parametrize(
    ("function", "operation", "aggregation"),
    [
        ("Count", "count", "value_count"),
        ("UniqueCount", "unique_count", "cardinality"),
        ("Sum", "sum", "sum"),
        ("Min", "min", "min"),
        ("Max", "max", "max"),
    ],
)
def test_functions_of_a_column(function: str, operation: str, aggregation: str) -> None:
    one = chart("Metric", function=function, column="Total_Txns")
    _, _, columns = drawn(one)
    assert columns["value"]["operationType"] == operation
    assert search(one)["aggs"]["value"] == {aggregation: {"field": "Total_Txns"}}
    assert rows(one, {"hits": {"total": {"value": 3}}, "aggregations": {"value": {"value": 5.0}}}) == [(5.0,)]


def test_single_documents() -> None:
    one = asked("Table", "alerts", columns=["event_time", "entity", "reason"], top=25)
    assert isinstance(one, Listing)
    assert search(one) == {
        "size": 25,
        "_source": ["event_time", "entity.id", "reason"],
        "sort": [{"event_time": {"order": "desc"}}],
    }
    hit = {"_source": {"event_time": "t", "entity": {"id": "c1"}, "reason": None}}
    assert rows(one, {"hits": {"hits": [hit]}}) == [("t", "c1", None)]


def test_documents_without_a_time_come_as_they_are() -> None:
    one = asked("Table", columns=["customer_id"])
    assert search(one) == {"size": 10, "_source": ["customer_id"]}


def test_rows_have_their_keys_in_the_panels_order() -> None:
    one = chart("TimeSeries", "alerts", by=["rule"], interval="1m")
    minutes = [{"key": 0, "key_as_string": "a", "doc_count": 2}, {"key": 1, "key_as_string": "b", "doc_count": 0}]
    answer = {"group-1": {"buckets": [{"key": "r", "doc_count": 2, "group-0": {"buckets": minutes}}]}}
    assert rows(one, {"hits": {"total": {"value": 2}}, "aggregations": answer}) == [("a", "r", 2)]


@pytest.mark.parametrize(
    ("written", "meant"), [("60s", "1m"), ("90s", "90s"), ("24h", "1d"), ("1d12h", "36h"), ("1500ms", "1500ms")]
)
def test_intervals_in_one_unit(written: str, meant: str) -> None:
    assert interval(written) == meant
