"""The live view on a terminal."""

from collections import deque
from collections.abc import Sequence

from rich import box
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from fraudctl.run.state import Facts, State, Summary
from fraudctl.run.tally import Alert
from fraudctl.views.text import clean, duration, summary_lines

_COLOURS = {"Low": "cyan", "Medium": "yellow", "High": "red", "Critical": "bold white on red"}
_NEWEST = 8
_NOTES = 3
_RUNNING = "running"


class LiveView:
    """Rates, counts by rule and the newest alerts, drawn anew some times a second."""

    def __init__(self, console: Console, detector: str) -> None:
        """Take over the lower part of the terminal."""
        self._console = console
        self._detector = detector
        self._facts: Facts | None = None
        self._notes: deque[str] = deque(maxlen=_NOTES)
        self._spinner = Spinner("dots")
        self._live = Live(console=console, auto_refresh=False, transient=True)
        self._live.start()

    def started(self, facts: Facts) -> None:
        """Remember what does not change."""
        self._facts = facts

    def refresh(self, state: State, alerts: Sequence[Alert]) -> None:
        """Draw the state; new alerts are in it."""
        self._live.update(self._draw(state), refresh=True)

    def note(self, text: str) -> None:
        """Keep the last few in sight."""
        self._notes.append(clean(text))

    def summary(self, summary: Summary) -> None:
        """Replace the view by the summary."""
        self.close()
        for line in summary_lines(summary):
            self._console.print(Text(line))

    def close(self) -> None:
        """Leave the terminal as it was."""
        self._live.stop()

    def _draw(self, state: State) -> RenderableType:
        parts: list[RenderableType] = [self._head(state), _numbers(state)]
        if self._facts is not None and self._facts.rules:
            parts += [Text(), _rules(self._facts, state)]
        if state.newest:
            parts += [Text(), *_newest(state)]
        parts += [Text(f"! {note}", style="yellow") for note in self._notes]
        title = Text.assemble("fraudctl ", (self._detector, "bold"))
        return Panel(Group(*parts), title=title, title_align="left", subtitle="Ctrl-C ends the run", box=box.ROUNDED)

    def _head(self, state: State) -> RenderableType:
        row = Table.grid(padding=(0, 1), expand=True)
        row.add_column(width=1)
        row.add_column(ratio=1)
        row.add_column(justify="right")
        mark = Text("●", style="green") if state.phase == _RUNNING else self._spinner
        where = f"Kafka {self._facts.kafka}  " if self._facts else ""
        if self._facts and self._facts.elasticsearch:
            where += f"Elasticsearch {self._facts.elasticsearch.partition('://')[2]}  "
        row.add_row(mark, Text(state.phase), Text(f"{where}{duration(state.seconds)}", style="dim"))
        return row


def _numbers(state: State) -> RenderableType:
    numbers = (
        ("rate", f"{state.rate:,.0f}/s", ""),
        ("in", f"{state.read:,}", ""),
        ("lag", f"{state.lag:,}", ""),
        ("alerts", f"{state.alerts:,}", "bold red" if state.alerts else ""),
        ("dead letters", f"{state.dead_letters:,}", "yellow" if state.dead_letters else ""),
        ("late", f"{state.late:,}", "yellow" if state.late else ""),
    )
    table = Table(box=None, expand=True, padding=(0, 1), header_style="dim")
    for name, _, _ in numbers:
        table.add_column(name, justify="right")
    table.add_row(*(Text(value, style=style) for _, value, style in numbers))
    return table


def _rules(facts: Facts, state: State) -> RenderableType:
    table = Table(box=None, expand=True, padding=(0, 1), header_style="dim")
    table.add_column("rule", ratio=1)
    for name in ("severity", "mode"):
        table.add_column(name)
    table.add_column("alerts", justify="right")
    for rule in facts.rules:
        severity = Text(rule.severity.value, style=_COLOURS.get(rule.severity.value, ""))
        table.add_row(rule.name, severity, rule.mode.value, f"{state.by_rule.get(rule.name, 0):,}")
    return table


def _newest(state: State) -> list[RenderableType]:
    lines: list[RenderableType] = [Text("newest alerts", style="dim")]
    for alert in list(state.newest)[-_NEWEST:][::-1]:
        severity = str(alert.get("severity"))
        entity = alert.get("entity") or {}
        text = Text.assemble(
            (f"{clean(alert.get('event_time')):<24} ", "dim"),
            (clean(alert.get("rule")), _COLOURS.get(severity, "")),
            f" {clean(entity.get('type'))} {clean(entity.get('id'))}: {clean(alert.get('reason'))}",
        )
        text.no_wrap, text.overflow = True, "ellipsis"
        lines.append(text)
    return lines
