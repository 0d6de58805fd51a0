"""A panel's question in Lens' words: the columns that it computes and the chart that it draws of them.

What is written here is what Kibana 8.19 saves; see docs/decisions/010-dashboards.md.
"""

from collections.abc import Callable
from typing import Any

from fraud_api.backends import Panel, PanelFunction, PanelSort, PanelType
from fraud_api.fields import FieldKind
from fraud_services.kibana.questions import ADDITIVE, Buckets, Chart, Group, Terms

LAYER = "layer"
VALUE = "value"
RECORDS = "___records___"
"""What Lens calls the documents themselves."""

_OPERATIONS = {
    PanelFunction.COUNT: "count",
    PanelFunction.UNIQUE_COUNT: "unique_count",
    PanelFunction.SUM: "sum",
    PanelFunction.AVG: "average",
    PanelFunction.MIN: "min",
    PanelFunction.MAX: "max",
    PanelFunction.LAST: "last_value",
}
_WORDS = {
    PanelFunction.UNIQUE_COUNT: "Different {}",
    PanelFunction.SUM: "Sum of {}",
    PanelFunction.AVG: "Average {}",
    PanelFunction.MIN: "Smallest {}",
    PanelFunction.MAX: "Largest {}",
    PanelFunction.LAST: "Last {}",
}
_PAGES = (10, 20, 30, 50, 100)


def attributes(asked: Chart, data_view: str) -> dict[str, Any]:
    """A Lens visualization as it lies in a dashboard, over the data view of that id."""
    kind, draw = _DRAWN[asked.panel.type]
    return {
        "title": asked.panel.title,
        "description": "",
        "visualizationType": kind,
        "type": "lens",
        "references": [reference(data_view)],
        "state": {
            "visualization": draw(asked),
            "query": {"query": "", "language": "kuery"},
            "filters": [],
            "datasourceStates": {"formBased": {"layers": {LAYER: _layer(asked)}}},
            "internalReferences": [],
            "adHocDataViews": {},
        },
    }


def reference(data_view: str) -> dict[str, str]:
    """How Lens refers to the data view of its only layer."""
    return {"type": "index-pattern", "id": data_view, "name": f"indexpattern-datasource-layer-{LAYER}"}


def _layer(asked: Chart) -> dict[str, Any]:
    groups = {_id(place): _group(asked, group) for place, group in asked.nested()}
    columns = groups | {VALUE: _value(asked)}
    return {"columnOrder": list(columns), "columns": columns, "incompleteColumns": {}, "sampling": 1}


def _id(place: int) -> str:
    return f"group-{place}"


def _group(asked: Chart, group: Group) -> dict[str, Any]:
    shared = {"label": group.field.name, "customLabel": True, "isBucketed": True, "sourceField": group.field.exact}
    if isinstance(group, Buckets):
        params = {"interval": group.interval or "auto", "includeEmptyRows": group.keep_empty, "dropPartials": False}
        return shared | {
            "dataType": "date", "operationType": "date_histogram", "scale": "interval", "params": params,
        }  # fmt: skip
    return shared | {
        "dataType": group.field.kind.value,
        "operationType": "terms",
        "scale": "ordinal",
        "params": _terms(asked, group),
    }


def _terms(asked: Chart, group: Terms) -> dict[str, Any]:
    alphabetical = {"type": "alphabetical", "fallback": False}
    return {
        "size": group.size,
        "orderBy": {"type": "column", "columnId": VALUE} if group.by_value else alphabetical,
        "orderDirection": "desc" if group.descending else "asc",
        # a pie without its remainder would lie about the shares
        "otherBucket": asked.panel.type is PanelType.PIE and asked.panel.function in ADDITIVE,
        "missingBucket": False,
        "parentFormat": {"id": "terms"},
    }


def _value(asked: Chart) -> dict[str, Any]:
    function, column = asked.panel.function, asked.column
    found = {
        "label": label(asked),
        "customLabel": True,
        "dataType": column.kind.value if column and function is PanelFunction.LAST else _computed(asked),
        "isBucketed": False,
        "operationType": _OPERATIONS[function],
        "scale": "ratio",
        "sourceField": column.exact if column else RECORDS,
    }
    params = _value_params(asked)
    return found | ({"params": params} if params else {})


def _computed(asked: Chart) -> str:
    dated = asked.column is not None and asked.column.kind is FieldKind.DATE
    return "date" if dated and asked.panel.function in (PanelFunction.MIN, PanelFunction.MAX) else "number"


def _value_params(asked: Chart) -> dict[str, Any]:
    function = asked.panel.function
    if function is PanelFunction.LAST:
        time = asked.time
        return {"sortField": time.exact if time else "", "showArrayValues": False}
    if function is PanelFunction.AVG:
        return {"format": {"id": "number", "params": {"decimals": 2}}}
    # nothing counted is zero, and not "no data"
    return {"emptyAsNull": False} if function in ADDITIVE or function is PanelFunction.UNIQUE_COUNT else {}


def label(asked: Chart) -> str:
    """What the panel calls its value."""
    if asked.column is None:
        return "Count"
    return _WORDS.get(asked.panel.function, "Count of {}").format(asked.column.name)


def _pie(asked: Chart) -> dict[str, Any]:
    layer = {
        "layerId": LAYER,
        "layerType": "data",
        "primaryGroups": [_id(place) for place, _ in asked.nested()],
        "metrics": [VALUE],
        "numberDisplay": "percent" if asked.panel.function in ADDITIVE else "value",
        "categoryDisplay": "default",
        "legendDisplay": "default",
        "nestedLegend": False,
    }
    return {"shape": "pie", "layers": [layer]}


def _xy(asked: Chart) -> dict[str, Any]:
    series = _series_type(asked)
    layer = {"layerId": LAYER, "layerType": "data", "seriesType": series, "accessors": [VALUE]}
    if asked.groups:
        layer["xAccessor"] = _id(0)
    split = len(asked.groups) > 1
    if split:
        layer["splitAccessor"] = _id(1)
    return {
        "preferredSeriesType": series,
        "legend": {"isVisible": split, "position": "right"},
        "valueLabels": "hide",
        "fittingFunction": "None",
        "axisTitlesVisibilitySettings": {"x": False, "yLeft": True, "yRight": False},
        "layers": [layer],
    }


def _series_type(asked: Chart) -> str:
    """Bars where parts add up to a whole; lying ones for names, which need the room."""
    panel = asked.panel
    if panel.type is PanelType.LINE:
        return "line"
    if panel.type is PanelType.TIME_SERIES:
        return "bar_stacked" if panel.function in ADDITIVE else "line"
    lying = bool(asked.groups) and isinstance(asked.groups[0], Terms)
    stacked = len(asked.groups) > 1 and panel.function in ADDITIVE
    return f"bar{'_horizontal' if lying else ''}{'_stacked' if stacked else ''}"


def _heat_map(asked: Chart) -> dict[str, Any]:
    grid = {
        "type": "heatmap_grid",
        "isCellLabelVisible": False,
        "isXAxisLabelVisible": True,
        "isXAxisTitleVisible": True,
        "isYAxisLabelVisible": True,
        "isYAxisTitleVisible": True,
    }
    return {
        "shape": "heatmap",
        "layerId": LAYER,
        "layerType": "data",
        "legend": {"type": "heatmap_legend", "isVisible": True, "position": "right"},
        "gridConfig": grid,
        "xAccessor": _id(0),
        "yAccessor": _id(1),
        "valueAccessor": VALUE,
    }


def _metric(asked: Chart) -> dict[str, Any]:
    found = {"layerId": LAYER, "layerType": "data", "metricAccessor": VALUE}
    return found | ({"breakdownByAccessor": _id(0)} if asked.groups else {})


def _table(asked: Chart) -> dict[str, Any]:
    panel = asked.panel
    columns = [{"columnId": _id(place), "isTransposed": False} for place in range(len(asked.groups))]
    columns.append({"columnId": VALUE, "isTransposed": False})
    return {
        "layerId": LAYER,
        "layerType": "data",
        "columns": columns,
        "sorting": {"columnId": VALUE, "direction": "desc" if panel.sort is PanelSort.DESCENDING else "asc"},
        "paging": {"enabled": True, "size": _page(panel)},
    }


def _page(panel: Panel) -> int:
    return next((size for size in _PAGES if size >= panel.top), _PAGES[-1])


_DRAWN: dict[PanelType, tuple[str, Callable[[Chart], dict[str, Any]]]] = {
    PanelType.PIE: ("lnsPie", _pie),
    PanelType.BAR: ("lnsXY", _xy),
    PanelType.LINE: ("lnsXY", _xy),
    PanelType.TIME_SERIES: ("lnsXY", _xy),
    PanelType.HEAT_MAP: ("lnsHeatmap", _heat_map),
    PanelType.METRIC: ("lnsMetric", _metric),
    PanelType.TABLE: ("lnsDatatable", _table),
}
