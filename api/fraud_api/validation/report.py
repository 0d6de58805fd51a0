"""What all checks share: the detector, what its names mean, and the findings so far."""

from collections.abc import Collection, Iterable

from fraud_api.columns import tables_of
from fraud_api.expressions import Told
from fraud_api.problems import Finding, Place, Severity, did_you_mean
from fraud_api.resource import FraudDetector
from fraud_api.rules import Rule
from fraud_api.scopes import Columns
from fraud_api.understanding import parameter_types

SPEC = Place().field("spec")
SECTIONS = {
    "stream": ("spec.streams",),
    "stream or view": ("spec.streams", "spec.views"),
    "parameter": ("spec.parameters",),
    "rule": ("spec.rules",),
    "output": ("spec.outputs",),
}
"""Where each kind of thing is declared."""


class Report:
    """Collects findings; answers what a name means, and reports it where it means nothing."""

    def __init__(self, detector: FraudDetector, broken: frozenset[str] = frozenset()) -> None:
        """Look up all streams and views once."""
        self.detector = detector
        self.spec = detector.spec
        self.broken = broken
        self.findings: list[Finding] = []
        self.tables: dict[str, Columns | None] = dict.fromkeys(broken)
        self.tables |= tables_of(detector.spec)
        self.parameters = parameter_types(self.spec.parameters)

    def add(self, place: Place, message: str, hint: str | None = None) -> None:
        """Add a finding."""
        self.findings.append(Finding(place, message, hint))

    def tell(self, place: Place, told: Iterable[Told]) -> None:
        """Add what there is to tell about an expression."""
        for one in told:
            severity = Severity.WARNING if one.warning else Severity.ERROR
            self.findings.append(Finding(place, one.message, one.hint, severity))

    def unknown(self, place: Place, kind: str, name: str, known: Collection[str]) -> None:
        """Report a name that means nothing, unless what it names was left out."""
        lost = any(section in self.broken for section in SECTIONS[kind])
        if name not in self.broken and not lost:
            shown = f":{name}" if kind == "parameter" else name
            self.add(place, f"unknown {kind} '{shown}'", did_you_mean(name, known) or _listed(known))

    def table(self, place: Place, name: str) -> Columns | None:
        """Columns of a stream or view; None where they can't be told, which is reported if there is no such thing."""
        if name not in self.tables:
            self.unknown(place, "stream or view", name, self.tables)
        return self.tables.get(name)

    def is_lost(self, name: str) -> bool:
        """Whether nothing is known of a stream or view because something is wrong with it, which is told there."""
        if self.tables.get(name) is not None:
            return False
        views = [view.name for view in self.spec.views]
        place = ("spec", "views", views.index(name)) if name in views else None
        return name not in views or any(finding.place.keys[:3] == place for finding in self.findings)

    def column(
        self, place: Place, name: str, columns: Collection[str] | None, of: str, *, compared: bool = False
    ) -> None:
        """Report a column that is not there; in a condition it may be a text that lacks its quotes."""
        if columns is not None and name not in columns:
            parameter = f"the parameter is :{name}" if name in self.parameters else None
            text = f"a text stands in quotes: '{name}'" if compared else None
            known = "; ".join(part for part in (_listed(columns), text) if part)
            hint = parameter or did_you_mean(name, columns) or known or None
            self.add(place, f"unknown column '{name}' of {of}", hint)

    def parameter(self, place: Place, name: str) -> None:
        """Report a parameter that is not there."""
        if name not in self.parameters:
            self.unknown(place, "parameter", name, self.parameters)

    def rule_place(self, index: int, rule: Rule) -> Place:
        """Where a rule stands."""
        return SPEC.field("rules").item(index, rule.name)


def _listed(names: Collection[str]) -> str | None:
    shown = sorted(names)
    return f"there are: {', '.join(shown)}" if 0 < len(shown) <= 12 else None
