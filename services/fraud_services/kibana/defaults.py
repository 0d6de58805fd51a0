"""The dashboard of a detector that declares no panels: its alerts, its block list and each of its outputs."""

from fraud_api import FraudDetectorSpec
from fraud_api.backends import Panel, PanelFunction, PanelType
from fraud_api.fields import ALERTS, BLOCKED, Documents, FieldKind, documents
from fraud_api.outputs import Output, OutputMode

_MOST_COLUMNS = 16
"""What a panel's list of columns can hold."""
_LONGEST_NAME = 56
"""Of an output, so that its panel's name is none too long."""


def sources(spec: FraudDetectorSpec) -> list[str]:
    """Everything that is indexed and hence can be looked at."""
    found = [ALERTS] if spec.active_rules() else []
    if any(rule.actions.block for rule in spec.active_rules()):
        found.append(BLOCKED)
    return found + [output.name for output in spec.outputs if output.index.enabled]


def panels(spec: FraudDetectorSpec) -> list[Panel]:
    """The panels that a detector declares, or the default ones."""
    if spec.kibana and spec.kibana.panels:
        return spec.kibana.panels
    known = sources(spec)
    found = _alerts() if ALERTS in known else []
    if BLOCKED in known:
        found.append(_blocked())
    outputs = [_output(spec, output, place) for place, output in enumerate(spec.outputs) if output.index.enabled]
    return found + [panel for panel in outputs if panel is not None]


def _alerts() -> list[Panel]:
    return [
        _panel("alerts-over-time", "Alerts over time", PanelType.TIME_SERIES, ALERTS, by=["rule"]),
        _panel("alerts-by-severity", "Alerts by severity", PanelType.PIE, ALERTS, by=["severity"]),
        _panel("top-entities", "Who is alerted about most", PanelType.BAR, ALERTS, by=["entity"]),
        _panel(
            "newest-alerts", "Newest alerts", PanelType.TABLE, ALERTS,
            columns=["event_time", "severity", "rule", "entity", "reason"], top=100,
        ),
    ]  # fmt: skip


def _blocked() -> Panel:
    columns = ["when", "who", "why", "amount", "until"]
    return _panel("recently-blocked", "Recently blocked", PanelType.TABLE, BLOCKED, columns=columns, top=100)


def _output(spec: FraudDetectorSpec, output: Output, place: int) -> Panel | None:
    """Over time where rows have one: their number, or what a query has computed; else the rows themselves."""
    found = documents(spec, output.name)
    if found is None:
        return None
    name = f"output-{output.name}" if len(output.name) <= _LONGEST_NAME else f"output-{place}"
    if found.time is None:
        columns = list(found.fields)[:_MOST_COLUMNS]
        return _panel(name, output.name, PanelType.TABLE, output.name, columns=columns, top=100)
    number = _figure(output, found)
    if number is None:
        return _panel(name, f"{output.name} over time", PanelType.TIME_SERIES, output.name)
    title = f"{output.name}: {number} over time"
    return _panel(
        name, title, PanelType.TIME_SERIES, output.name, function=PanelFunction.SUM, column=number
    )  # fmt: skip


def _figure(output: Output, found: Documents) -> str | None:
    """The first number that an upsert output or one of windows keeps for a time."""
    computed = output.mode is OutputMode.UPSERT or "window_start" in found.fields
    keys = output.key or []
    numbers = (name for name, field in found.fields.items() if field.kind is FieldKind.NUMBER and name not in keys)
    return next(numbers, None) if computed else None


def _panel(
    name: str,
    title: str,
    kind: PanelType,
    source: str,
    *,
    by: list[str] | None = None,
    columns: list[str] | None = None,
    function: PanelFunction = PanelFunction.COUNT,
    column: str | None = None,
    top: int = 10,
) -> Panel:
    return Panel(
        name=name, title=title, type=kind, source=source, function=function, column=column,
        by=by or [], columns=columns or [], interval=None, top=top,
    )  # fmt: skip
