"""Dashboard panels: sources and columns that exist."""

from fraud_api.backends import Panel, PanelFunction, PanelType
from fraud_api.problems import Place
from fraud_api.validation.names import PANEL_SOURCES
from fraud_api.validation.outputs import output_columns
from fraud_api.validation.report import SPEC, Report

ALERT_COLUMNS = (
    "alert_id",
    "namespace",
    "detector",
    "rule",
    "rule_version",
    "severity",
    "mode",
    "entity",
    "event_time",
    "window_start",
    "window_end",
    "reason",
    "evidence",
    "row",
)
BLOCKED_COLUMNS = ("who", "entity_type", "why", "when", "until", "amount", "rule", "alert_id")
HEAT_MAP_AXES = 2


def check(report: Report) -> None:
    """Check every panel."""
    for index, panel in enumerate(report.spec.kibana.panels if report.spec.kibana else []):
        place = SPEC.field("kibana").field("panels").item(index, panel.name)
        _columns(report, place, panel)
        _shape(report, place, panel)


def _columns(report: Report, place: Place, panel: Panel) -> None:
    known = _source(report, place.field("from"), panel.source)
    of = f"'{panel.source}'"
    if panel.column:
        report.column(place.field("column"), panel.column, known, of)
    for index, name in enumerate(panel.by):
        report.column(place.field("by").item(index), name, known, of)
    for index, name in enumerate(panel.columns):
        report.column(place.field("columns").item(index), name, known, of)


def _source(report: Report, place: Place, name: str) -> list[str] | None:
    if name == "alerts":
        return list(ALERT_COLUMNS)
    if name == "blocked":
        return list(BLOCKED_COLUMNS)
    outputs = {output.name: output for output in report.spec.outputs}
    if name in outputs:
        return output_columns(report, outputs[name])
    report.unknown(place, "output", name, [*outputs, *PANEL_SOURCES])
    return None


def _shape(report: Report, place: Place, panel: Panel) -> None:
    if panel.function is not PanelFunction.COUNT and panel.column is None:
        report.add(place, f"function {panel.function} needs column")
    if panel.type is PanelType.HEAT_MAP and len(panel.by) != HEAT_MAP_AXES:
        report.add(place.field("by"), "a heat map has two axes: by must name two columns")
