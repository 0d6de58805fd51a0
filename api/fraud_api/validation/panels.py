"""Dashboard panels: sources and columns that exist, and shapes that can be drawn of them."""

from fraud_api.backends import Panel, PanelFunction, PanelType
from fraud_api.fields import Documents, FieldKind, documents
from fraud_api.problems import Place
from fraud_api.validation.names import PANEL_SOURCES
from fraud_api.validation.report import SPEC, Report

HEAT_MAP_AXES = 2
MOST_GROUPS = {
    PanelType.PIE: 3,
    PanelType.BAR: 2,
    PanelType.LINE: 2,
    PanelType.HEAT_MAP: HEAT_MAP_AXES,
    PanelType.METRIC: 1,
    PanelType.TIME_SERIES: 1,
}
"""How many columns a panel can be grouped by; a table by as many as one likes."""
_ARITHMETIC = (PanelFunction.SUM, PanelFunction.AVG)


def check(report: Report) -> None:
    """Check every panel."""
    for index, panel in enumerate(report.spec.kibana.panels if report.spec.kibana else []):
        place = SPEC.field("kibana").field("panels").item(index, panel.name)
        found = _source(report, place.field("from"), panel.source)
        if found is not None:
            _columns(report, place, panel, found)
            _computed(report, place, panel, found)
            _timed(report, place, panel, found)
        _shape(report, place, panel)


def _columns(report: Report, place: Place, panel: Panel, found: Documents) -> None:
    known, of = list(found.fields), f"'{panel.source}'"
    if panel.column:
        report.column(place.field("column"), panel.column, known, of)
    for index, name in enumerate(panel.by):
        report.column(place.field("by").item(index), name, known, of)
        field = found.fields.get(name)
        if field is not None and field.kind is FieldKind.OTHER:
            report.add(place.field("by").item(index), f"'{name}' can't be grouped by: it is not a single value")
    for index, name in enumerate(panel.columns):
        report.column(place.field("columns").item(index), name, known, of)


def _computed(report: Report, place: Place, panel: Panel, found: Documents) -> None:
    if panel.function is not PanelFunction.COUNT and panel.column is None:
        report.add(place, f"function {panel.function} needs column")
    field = found.fields.get(panel.column or "")
    if field is None:
        return
    computable = {FieldKind.NUMBER} if panel.function in _ARITHMETIC else {FieldKind.NUMBER, FieldKind.DATE}
    needed = panel.function in (*_ARITHMETIC, PanelFunction.MIN, PanelFunction.MAX)
    if needed and field.kind not in computable:
        report.add(place.field("column"), f"function {panel.function} can't work on '{field.name}': it is no number")


def _timed(report: Report, place: Place, panel: Panel, found: Documents) -> None:
    """What needs a time can't be drawn of documents without one."""
    needs = {
        "type": panel.type is PanelType.TIME_SERIES or (panel.type is PanelType.LINE and not panel.by),
        "function": panel.function is PanelFunction.LAST,
        "interval": panel.interval is not None,
    }
    for name, needed in needs.items():
        if needed and found.time is None:
            message = f"'{panel.source}' has no column with a time: {name} {getattr(panel, name)} needs one"
            report.add(place.field(name), message)


def _source(report: Report, place: Place, name: str) -> Documents | None:
    outputs = {output.name: output for output in report.spec.outputs}
    if name not in outputs and name not in PANEL_SOURCES:
        report.unknown(place, "output", name, [*outputs, *PANEL_SOURCES])
        return None
    if name in outputs and not outputs[name].index.enabled:
        report.add(place, f"output '{name}' is not indexed: index.enabled is false")
    return documents(report.spec, name)


def _shape(report: Report, place: Place, panel: Panel) -> None:
    if panel.type is PanelType.HEAT_MAP and len(panel.by) != HEAT_MAP_AXES:
        report.add(place.field("by"), "a heat map has two axes: by must name two columns, across and down")
    elif len(panel.by) > MOST_GROUPS.get(panel.type, len(panel.by)):
        report.add(place.field("by"), f"type {panel.type} can be grouped by {MOST_GROUPS[panel.type]} at most")
    if panel.columns and panel.type is not PanelType.TABLE:
        report.add(place.field("columns"), "only a table has columns")
    elif panel.columns and panel.by:
        report.add(place.field("columns"), "a table shows either groups (by) or single documents (columns)")
