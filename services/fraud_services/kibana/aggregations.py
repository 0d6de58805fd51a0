"""The Elasticsearch search behind a panel, to see its numbers without Kibana."""

from collections.abc import Mapping, Sequence
from typing import Any

from fraud_api.backends import PanelFunction, PanelSort
from fraud_services.kibana.questions import Buckets, Chart, Group, Listing, Question, Terms

VALUE = "value"
_TIME = "strict_date_time"
"""How times of buckets are written, whatever the field's own format: ``2024-01-01T00:00:00.000Z``."""
_METRICS = {
    PanelFunction.COUNT: "value_count",
    PanelFunction.UNIQUE_COUNT: "cardinality",
    PanelFunction.SUM: "sum",
    PanelFunction.AVG: "avg",
    PanelFunction.MIN: "min",
    PanelFunction.MAX: "max",
}


def search(asked: Question, automatic: str = "1h") -> dict[str, Any]:
    """The body of a search that returns what the panel shows, all times included.

    Args:
        asked: what the panel asks.
        automatic: length of a time bucket where the panel leaves it to Kibana, which goes by the dashboard's time.
    """
    if isinstance(asked, Listing):
        return _documents(asked)
    found = _value(asked)
    for place, group in reversed(asked.nested()):
        # a group is ordered by a value of its own, whatever groups there are in it
        within = found | (_value(asked) if isinstance(group, Terms) and group.by_value else {})
        found = {f"group-{place}": _group(asked, group, automatic) | ({"aggs": within} if within else {})}
    return {"size": 0, "track_total_hits": True, **({"aggs": found} if found else {})}


def rows(asked: Question, response: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """What a search's answer says: one row for each group with its keys in the panel's order and its value last.

    Of single documents one row each, with the values of the panel's columns. A value is None where nothing has one;
    time buckets without a document are left out.
    """
    if isinstance(asked, Listing):
        paths = [field.shown for field in asked.fields]
        return [tuple(_at(hit["_source"], path) for path in paths) for hit in response["hits"]["hits"]]
    total = response["hits"]["total"]["value"]
    return list(_walk(asked, asked.nested(), {"doc_count": total, **response.get("aggregations", {})}, {}))


def _documents(asked: Listing) -> dict[str, Any]:
    body: dict[str, Any] = {"size": asked.panel.top, "_source": [field.shown for field in asked.fields]}
    if asked.newest is not None:
        order = "desc" if asked.panel.sort is PanelSort.DESCENDING else "asc"
        body["sort"] = [{asked.newest: {"order": order}}]
    return body


def _group(asked: Chart, group: Group, automatic: str) -> dict[str, Any]:
    if isinstance(group, Buckets):
        length = group.interval or automatic
        histogram = {"field": group.field.exact, "fixed_interval": length, "min_doc_count": 0, "format": _TIME}
        return {"date_histogram": histogram}
    return {"terms": {"field": group.field.exact, "size": group.size, "order": _order(asked, group)}}


def _order(asked: Chart, group: Terms) -> dict[str, str]:
    direction = "desc" if group.descending else "asc"
    if not group.by_value:
        return {"_key": direction}
    return {VALUE if _value(asked) else "_count": direction}


def _value(asked: Chart) -> dict[str, Any]:
    """The aggregation of the value; none where documents are counted."""
    if asked.column is None:
        return {}
    if asked.panel.function is PanelFunction.LAST:
        newest = [{asked.time.exact: {"order": "desc"}}] if asked.time else []
        return {VALUE: {"top_hits": {"size": 1, "_source": [asked.column.shown], "sort": newest}}}
    return {VALUE: {_METRICS[asked.panel.function]: {"field": asked.column.exact}}}


def _walk(
    asked: Chart, left: Sequence[tuple[int, Group]], bucket: Mapping[str, Any], keys: Mapping[int, Any]
) -> list[tuple[Any, ...]]:
    if not left:
        return [(*(keys[place] for place in range(len(asked.groups))), _read(asked, bucket))]
    (place, group), *inner = left
    found = bucket[f"group-{place}"]["buckets"]
    if isinstance(group, Buckets):
        found = [one for one in found if one["doc_count"]]
    return [row for one in found for row in _walk(asked, inner, one, {**keys, place: _key(one)})]


def _key(bucket: Mapping[str, Any]) -> Any:
    return bucket.get("key_as_string", bucket["key"])


def _read(asked: Chart, bucket: Mapping[str, Any]) -> Any:
    if asked.column is None:
        return bucket["doc_count"]
    found = bucket[VALUE]
    if asked.panel.function is PanelFunction.LAST:
        hits = found["hits"]["hits"]
        return _at(hits[0]["_source"], asked.column.shown) if hits else None
    return found["value"]


def _at(document: Mapping[str, Any], path: str) -> Any:
    value: Any = document
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value
