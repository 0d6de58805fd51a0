"""How well alerts find planted episodes: recall and precision, rule by rule."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from oracle.events import written

Span = tuple[str, str, str, int, int]
"""Rule, entity type, entity, first and last millisecond."""


@dataclass(frozen=True)
class Score:
    """How one rule did in one run."""

    detector: str
    rule: str
    seed: int
    episodes: int
    found: int
    alerts: int
    right: int

    @property
    def recall(self) -> float:
        """Share of the planted episodes that were found."""
        return self.found / self.episodes if self.episodes else 0.0

    @property
    def precision(self) -> float:
        """Share of the alerts that belong to a planted episode."""
        return self.right / self.alerts if self.alerts else 0.0


def scores(
    detector: str, rules: Iterable[str], seed: int, labels: Iterable[Mapping[str, Any]], alerts: Sequence[Any]
) -> list[Score]:
    """The score of each rule, by the generator's labels."""
    planted = [_planted(label) for label in labels if "pattern" in label]
    told = [_told(alert) for alert in alerts]
    return [_score(detector, rule, seed, planted, told) for rule in rules]


def _score(detector: str, rule: str, seed: int, planted: Sequence[Span], told: Sequence[Span]) -> Score:
    wanted = [span for span in planted if span[0] == rule]
    made = [span for span in told if span[0] == rule]
    return Score(
        detector, rule, seed,
        episodes=len(wanted),
        found=sum(any(_meet(one, other) for other in made) for one in wanted),
        alerts=len(made),
        right=sum(any(_meet(one, other) for other in wanted) for one in made),
    )  # fmt: skip


def _planted(label: Mapping[str, Any]) -> Span:
    return (
        label["pattern"], label["entity_type"], label["entity"], written(label["start"]), written(label["end"])
    )  # fmt: skip


def _told(alert: Mapping[str, Any]) -> Span:
    start = alert["window_start"] or alert["event_time"]
    entity = alert["entity"]
    return alert["rule"], entity["type"], entity["id"], written(start), written(alert["event_time"])


def _meet(one: Span, other: Span) -> bool:
    return one[:3] == other[:3] and one[3] <= other[4] and other[3] <= one[4]


def table(found: Sequence[Score]) -> list[str]:
    """Lines of a table."""
    head = f"{'detector':<13} {'rule':<22} {'seed':>4} {'episodes':>8} {'alerts':>6} {'recall':>7} {'precision':>9}"
    return [head] + [
        f"{one.detector:<13} {one.rule:<22} {one.seed:>4} {one.episodes:>8} {one.alerts:>6}"
        f" {one.recall:>7.3f} {one.precision:>9.3f}"
        for one in found
    ]
