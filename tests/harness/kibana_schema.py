"""What Kibana 8.19 accepts of the saved objects that we write, as JSON schemas in our own words.

Read in Kibana's published sources: the attributes from the schemas that it registers for its saved object types
(index-pattern 8.0.0, search model version 5, dashboard model version 2); the JSON in their strings from the types of
its dashboard, Lens and Discover packages. Narrower than Kibana where we never write more, so that a slip is seen.
"""

import json
from collections.abc import Iterator
from typing import Any

from jsonschema import Draft202012Validator

Schema = dict[str, Any]

STRING: Schema = {"type": "string"}
FILLED: Schema = {"type": "string", "minLength": 1}
BOOLEAN: Schema = {"type": "boolean"}
NUMBER: Schema = {"type": "number"}
ANYTHING: Schema = {"type": "object"}


def record(required: dict[str, Schema], optional: dict[str, Schema] | None = None) -> Schema:
    """An object with these members and no others."""
    members = required | (optional or {})
    return {"type": "object", "properties": members, "required": list(required), "additionalProperties": False}


def every(item: Schema, **bounds: Any) -> Schema:
    """A list of such items."""
    return {"type": "array", "items": item, **bounds}


def one_of(*values: Any) -> Schema:
    """One of some values."""
    return {"enum": list(values)}


REFERENCE = record({"type": FILLED, "id": FILLED, "name": FILLED})
QUERY = record({"query": STRING, "language": one_of("kuery", "lucene")})
REFRESH = {"pause": BOOLEAN, "value": NUMBER}
META = {"searchSourceJSON": STRING}

ATTRIBUTES: dict[str, Schema] = {
    "index-pattern": record(
        {"title": FILLED},
        {
            **dict.fromkeys(("name", "fields", "fieldAttrs", "fieldFormatMap", "runtimeFieldMap"), STRING),
            **dict.fromkeys(("sourceFilters", "type", "typeMeta"), STRING),
            **dict.fromkeys(("allowNoIndex", "allowHidden"), BOOLEAN),
            "timeFieldName": FILLED,
        },
    ),
    "search": record(
        {"title": STRING, "kibanaSavedObjectMeta": record(META)},
        {
            **dict.fromkeys(("description", "breakdownField"), STRING),
            **dict.fromkeys(("rowHeight", "headerRowHeight", "rowsPerPage", "hits", "version"), NUMBER),
            **dict.fromkeys(("hideChart", "isTextBasedQuery", "usesAdHocDataView", "timeRestore"), BOOLEAN),
            "columns": every(STRING),
            "sort": every(every(STRING, maxItems=2)),
            "grid": record({}, {"columns": {"type": "object"}}),
            "sampleSize": {"type": "number", "minimum": 10, "maximum": 1000},
            "hideAggregatedPreview": BOOLEAN,
            "viewMode": one_of("documents", "patterns", "aggregated"),
            "density": one_of("compact", "normal", "expanded"),
            "timeRange": record({"from": STRING, "to": STRING}),
            "refreshInterval": record(REFRESH),
            "visContext": ANYTHING,
        },
    ),
    "dashboard": record(
        {"title": STRING},
        {
            **dict.fromkeys(("description", "timeFrom", "timeTo", "panelsJSON", "optionsJSON"), STRING),
            **dict.fromkeys(("hits", "version"), NUMBER),
            "timeRestore": BOOLEAN,
            "refreshInterval": record(REFRESH, {"display": STRING, "section": NUMBER}),
            "kibanaSavedObjectMeta": record({}, META),
            "controlGroupInput": ANYTHING,
        },
    ),
}
OBJECTS: dict[str, Schema] = {
    kind: record(
        {
            "type": one_of(kind),
            "id": FILLED,
            "attributes": attributes,
            "references": every(REFERENCE),
            "managed": BOOLEAN,
            "coreMigrationVersion": one_of("8.8.0"),
            "typeMigrationVersion": {"type": "string", "pattern": r"^[0-9]+\.[0-9]+\.[0-9]+$"},
        }
    )
    for kind, attributes in ATTRIBUTES.items()
}

FORMAT = record({"id": STRING}, {"params": ANYTHING})
ORDER = {
    "oneOf": [
        record({"type": one_of("alphabetical")}, {"fallback": BOOLEAN}),
        record({"type": one_of("column"), "columnId": FILLED}),
    ]
}


def column(operations: Schema, bucketed: bool, params: Schema, params_needed: bool = True, **more: Schema) -> Schema:
    """A column of a Lens layer."""
    required = {
        "label": STRING,
        "dataType": one_of("date", "string", "number", "boolean", "ip"),
        "operationType": operations,
        "isBucketed": one_of(bucketed),
        "sourceField": FILLED,
        **more,
    }
    optional = {"customLabel": BOOLEAN, "scale": one_of("ordinal", "interval", "ratio"), "filter": QUERY}
    return record(required | {"params": params}, optional) if params_needed else record(
        required, optional | {"params": params}
    )  # fmt: skip


COLUMN = {
    "oneOf": [
        column(
            one_of("terms"),
            True,
            record(
                {
                    "size": {"type": "integer", "minimum": 1, "maximum": 1000},
                    "orderBy": ORDER,
                    "orderDirection": one_of("asc", "desc"),
                },
                {"otherBucket": BOOLEAN, "missingBucket": BOOLEAN, "parentFormat": record({"id": STRING})},
            ),
        ),
        column(
            one_of("date_histogram"),
            True,
            record(
                {"interval": {"type": "string", "pattern": "^(auto|[1-9][0-9]*(ms|s|m|h|d))$"}},
                {"includeEmptyRows": BOOLEAN, "dropPartials": BOOLEAN, "ignoreTimeRange": BOOLEAN},
            ),
            dataType=one_of("date"),
        ),
        column(
            one_of("last_value"),
            False,
            record({"sortField": FILLED, "showArrayValues": BOOLEAN}, {"format": FORMAT}),
        ),
        column(
            one_of("count", "unique_count", "sum", "average", "min", "max"),
            False,
            record({}, {"emptyAsNull": BOOLEAN, "format": FORMAT}),
            params_needed=False,
        ),
    ]
}
LAYER = record(
    {"columnOrder": every(FILLED, uniqueItems=True, minItems=1), "columns": {"additionalProperties": COLUMN}},
    {"incompleteColumns": ANYTHING, "sampling": NUMBER, "ignoreGlobalFilters": BOOLEAN},
)
DATA = {"layerId": FILLED, "layerType": one_of("data")}
POSITION = one_of("top", "bottom", "left", "right")
SERIES = one_of("bar", "bar_stacked", "bar_horizontal", "bar_horizontal_stacked", "line", "area", "area_stacked")
AXES = record(dict.fromkeys(("x", "yLeft", "yRight"), BOOLEAN))
GRID_FLAGS = ("isCellLabelVisible", "isXAxisLabelVisible", "isXAxisTitleVisible")
VISUALIZATIONS: dict[str, Schema] = {
    "lnsPie": record(
        {
            "shape": one_of("pie", "donut"),
            "layers": every(
                record(
                    DATA
                    | {
                        "primaryGroups": every(FILLED, maxItems=3),
                        "metrics": every(FILLED, minItems=1),
                        "numberDisplay": one_of("hidden", "percent", "value"),
                        "categoryDisplay": one_of("default", "inside", "hide"),
                        "legendDisplay": one_of("default", "show", "hide"),
                    },
                    {"nestedLegend": BOOLEAN, "legendPosition": POSITION},
                ),
                minItems=1,
                maxItems=1,
            ),
        }
    ),
    "lnsXY": record(
        {
            "preferredSeriesType": SERIES,
            "legend": record({"isVisible": BOOLEAN, "position": POSITION}),
            "layers": every(
                record(
                    DATA | {"seriesType": SERIES, "accessors": every(FILLED, minItems=1)},
                    {"xAccessor": FILLED, "splitAccessor": FILLED},
                ),
                minItems=1,
            ),
        },
        {
            "valueLabels": one_of("hide", "show"),
            "fittingFunction": one_of("None", "Zero", "Linear", "Carry", "Lookahead", "Average", "Nearest"),
            "axisTitlesVisibilitySettings": AXES,
        },
    ),
    "lnsHeatmap": record(
        DATA
        | {
            "shape": one_of("heatmap"),
            "legend": record({"type": one_of("heatmap_legend"), "isVisible": BOOLEAN, "position": POSITION}),
            "gridConfig": record(
                {
                    "type": one_of("heatmap_grid"),
                    **dict.fromkeys(GRID_FLAGS, BOOLEAN),
                    **dict.fromkeys(("isYAxisLabelVisible", "isYAxisTitleVisible"), BOOLEAN),
                }
            ),
        },
        dict.fromkeys(("xAccessor", "yAccessor", "valueAccessor"), FILLED),
    ),
    "lnsMetric": record(DATA, {"metricAccessor": FILLED, "breakdownByAccessor": FILLED, "subtitle": STRING}),
    "lnsDatatable": record(
        DATA | {"columns": every(record({"columnId": FILLED}, {"isTransposed": BOOLEAN}), minItems=1)},
        {
            "sorting": record({"columnId": FILLED, "direction": one_of("asc", "desc", "none")}),
            "paging": record({"enabled": BOOLEAN, "size": one_of(10, 20, 30, 50, 100)}),
        },
    ),
}


def lens(kind: str, visualization: Schema) -> Schema:
    """A Lens visualization by value."""
    state = record(
        {
            "visualization": visualization,
            "query": QUERY,
            "filters": every(ANYTHING),
            "datasourceStates": record({"formBased": record({"layers": {"additionalProperties": LAYER}})}),
        },
        {"internalReferences": every(REFERENCE), "adHocDataViews": ANYTHING},
    )
    return record(
        {"title": STRING, "visualizationType": one_of(kind), "references": every(REFERENCE), "state": state},
        {"description": STRING, "type": one_of("lens")},
    )


GRID_DATA = record(
    {
        "i": FILLED,
        "x": {"type": "integer", "minimum": 0, "maximum": 47},
        "y": {"type": "integer", "minimum": 0},
        "w": {"type": "integer", "minimum": 1, "maximum": 48},
        "h": {"type": "integer", "minimum": 1},
    }
)
PANEL = {"panelIndex": FILLED, "gridData": GRID_DATA}
INSIDE: dict[str, Schema] = {
    "searchSourceJSON": record({"query": QUERY, "filter": every(ANYTHING)}, {"indexRefName": STRING}),
    "optionsJSON": record(
        {},
        dict.fromkeys(("hidePanelTitles", "useMargins", "syncColors", "syncCursor", "syncTooltips"), BOOLEAN),
    ),
    "panel search": record(
        PANEL
        | {
            "type": one_of("search"),
            "panelRefName": FILLED,
            "embeddableConfig": record({}, {"enhancements": ANYTHING}),
        },
        {"title": STRING},
    ),
    **{
        f"panel {kind}": record(
            PANEL
            | {
                "type": one_of("lens"),
                "embeddableConfig": record({"attributes": lens(kind, drawn)}, {"enhancements": ANYTHING}),
            },
            {"title": STRING},
        )
        for kind, drawn in VISUALIZATIONS.items()
    },
}


def problems(one: dict[str, Any]) -> list[str]:
    """Everything wrong with a saved object."""
    kind = one.get("type", "")
    if kind not in OBJECTS:
        return [f"unknown type {kind!r}"]
    return [*_wrong(one, OBJECTS[kind]), *_strings(one["attributes"])]


def attribute_problems(kind: str, attributes: Any) -> list[str]:
    """What Kibana refuses at an import: it looks at the attributes, not into the JSON of their strings."""
    return _wrong(attributes, ATTRIBUTES[kind])


def _strings(attributes: dict[str, Any]) -> Iterator[str]:
    source = attributes.get("kibanaSavedObjectMeta", {}).get("searchSourceJSON")
    if source is not None:
        yield from _wrong(json.loads(source), INSIDE["searchSourceJSON"], "searchSourceJSON")
    if "optionsJSON" in attributes:
        yield from _wrong(json.loads(attributes["optionsJSON"]), INSIDE["optionsJSON"], "optionsJSON")
    for panel in json.loads(attributes.get("panelsJSON", "[]")):
        drawn = panel["embeddableConfig"].get("attributes", {}).get("visualizationType", panel["type"])
        schema = INSIDE.get(f"panel {drawn}")
        yield from _wrong(panel, schema, f"panel {panel.get('panelIndex')}") if schema else [f"no panel {drawn}"]


def _wrong(value: Any, schema: Schema, where: str = "") -> list[str]:
    return [
        f"{where}{error.json_path.removeprefix('$')}: {error.message}"[:300]
        for error in Draft202012Validator(schema).iter_errors(value)
    ]
