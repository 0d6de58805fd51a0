"""Faults that the product has had, to be put back: what random detectors must find."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

from differential.random_detectors import Profile
from differential.random_rules import Taste

from fraud_api import aggregates
from fraud_api.aggregates import Computation
from fraud_api.base import milliseconds
from fraud_api.rules import Calendar
from fraud_api.sql import Reference
from fraud_api.streams import OnInvalid, Stream
from fraud_job import calendar, ordered, scope, tables, text
from fraud_job.hits import TIME
from fraud_job.kinds import sequence


@dataclass(frozen=True)
class Fault:
    """A fault.

    Attributes:
        instead: what stands in the place of parts of the product, by their full names.
        profile: cases that meet it soon.
        seed: the first that is tried.
    """

    instead: Mapping[str, Any]
    profile: Profile
    seed: int = 1

    @contextmanager
    def put_back(self) -> Iterator[None]:
        """The product with the fault in it."""
        with ExitStack() as stack:
            for name, new in self.instead.items():
                stack.enter_context(patch(name, new))
            yield


_WHOLE = ("TINYINT", "SMALLINT", "INT", "BIGINT")
_WATERMARK = "CURRENT_WATERMARK(`_event_time`)"


def _own_type(function: str, real: Callable[[str | None], Computation]) -> Callable[[str | None], Computation]:
    return lambda of: Computation(function, of) if of in _WHOLE else real(of)


def _narrow_sum(real: Callable[[str | None], Computation]) -> Callable[[str | None], Computation]:
    """Flink's own total of decimals: of more than 38 digits it is null."""

    def total(of: str | None) -> Computation:
        sizes = aggregates.decimal(of)
        return Computation("SUM", f"DECIMAL({aggregates.DIGITS}, {sizes[1]})") if sizes else real(of)

    return total


def _strict(_: object, stream: Stream) -> Mapping[str, OnInvalid]:
    return {column.name: column.on_invalid or OnInvalid.REFUSE for column in stream.columns}


def _unguarded(written: str, _: str, replaced: Iterable[tuple[Reference, str]], *__: object) -> str:
    for reference, new in sorted(replaced, key=lambda one: one[0].start, reverse=True):
        written = f"{written[: reference.start]}{new}{written[reference.end :]}"
    return written


def _in_slots(_: object, function: str, rows: str, by: str, lengths: list[str], *__: object) -> str:
    """One alert in each hour, day or what it is of the clock."""
    assert function == "first_only"
    seconds = milliseconds(lengths[0]) // 1000
    slots = f"SELECT *, (EXTRACT(EPOCH FROM {TIME}) / {seconds}) AS `_slot` FROM ({rows})"
    ranked = f"SELECT *, ROW_NUMBER() OVER (PARTITION BY {by}, `_slot` ORDER BY {TIME} ASC) AS `_rank` FROM ({slots})"
    return f"SELECT * FROM ({ranked}) WHERE `_rank` = 1"


def _by_lag(real: Callable[..., str]) -> Callable[..., str]:
    """Each row compared with the one before it, also where both are of one instant."""

    def edge(owner: scope.Scope, function: str, rows: str, by: str, *more: Any, **options: Any) -> str:
        if function != "on_edge":
            return real(owner, function, rows, by, *more, **options)
        compared = f"SELECT *, LAG(`_meets`) OVER (PARTITION BY {by} ORDER BY {TIME}) AS `_met` FROM ({rows})"
        return f"SELECT * FROM ({compared}) WHERE `_meets` AND `_met` IS NOT TRUE"

    return edge


def _without_deduplicate(real: Callable[..., dict[str, str]]) -> Callable[..., dict[str, str]]:
    def options(*given: Any) -> dict[str, str]:
        return {key: value for key, value in real(*given).items() if not key.startswith("deduplicate")}

    return options


def _in_utc(real: Callable[..., Any]) -> Callable[..., Any]:
    def of(kind: Calendar, *more: Any) -> Any:
        return real(kind.model_copy(update={"time_zone": "UTC"}), *more)

    return of


def _nobodys(*_: object) -> list[str]:
    return []


def _some(*kinds: str, rules: int = 4, **more: Any) -> Profile:
    """A few rules of some kinds."""
    taste = {name: more.pop(name) for name in ("functions", "first_only", "edge") if name in more}
    return Profile(rules=rules, taste=Taste(kinds=kinds, **taste), outputs=0, **more)


_OFTEN = (0.1,)

FAULTS: Mapping[str, Fault] = {
    "a sum of whole numbers wraps": Fault(
        {"fraud_api.aggregates._sum": _own_type("SUM", aggregates._sum)},
        _some("velocity", "window", functions=("Sum",), edges=_OFTEN),
        2,
    ),
    "a mean of whole numbers is cut": Fault(
        {"fraud_api.aggregates._avg": _own_type("AVG", aggregates._avg)},
        _some("velocity", "window", functions=("Avg",)),
        5,
    ),
    "a sum that no DECIMAL holds is null": Fault(
        {"fraud_api.aggregates._sum": _narrow_sum(aggregates._sum)},
        _some("velocity", rules=12, functions=("Sum",), edges=(0.5,)),
        3,
    ),
    "arithmetic wraps": Fault(
        {"fraud_api.understanding.with_casts": lambda written, _: (written, [])},
        _some("sql", rules=20, edges=(0.5,)),
        3,
    ),
    "a column that nothing reads refuses the event": Fault(
        {"fraud_job.tables.policies_of": _strict}, _some("filter", rules=1)
    ),
    "a CAST or a division ends the job": Fault(
        {"fraud_job.scope.guarded": _unguarded, "fraud_job.net.check": lambda *_: None},
        _some("filter", "sql"),
        2,
    ),
    "a duration does not plan": Fault(
        {
            "fraud_job.text._UNITS": tuple((unit, size, 10**9) for unit, size, _ in text._UNITS),
            "fraud_job.text._digits": lambda _: 2,
        },
        _some("velocity", "window", "join"),
        4,
    ),
    "late is what the watermark has passed": Fault(
        {
            "fraud_job.scope.ON_TIME": f"({_WATERMARK} IS NULL OR `_event_time` > {_WATERMARK})",
            "fraud_job.compiler.LATE": f"`_event_time` <= {_WATERMARK}",
        },
        _some("velocity", rules=1),
    ),
    "days are those of UTC": Fault(
        {"fraud_job.calendar.table": _in_utc(calendar.table), "fraud_job.calendar.edges": _in_utc(calendar.edges)},
        _some("window", rules=6),
        7,
    ),
    "firstOnly goes by the clock's own periods": Fault(
        {"fraud_job.alerts.in_order": _in_slots, "fraud_job.compiler._ttl": lambda rule: ordered.kept(rule.first_only)},
        _some("filter", "velocity", rules=2, first_only=1),
    ),
    "within leaves its end out": Fault(
        {"fraud_job.kinds.sequence._within": lambda rule: text.interval(rule.within)}, _some("sequence", rules=6), 3
    ),
    "an instant's events take steps in the order of their ids": Fault(
        {"fraud_job.kinds.sequence._order": lambda *_: f"0 AS {sequence.PLACE}, 0 AS {sequence.LENGTH}"},
        _some("sequence"),
        3,
    ),
    "an edge compares rows of one instant": Fault(
        {
            "fraud_job.ordered.in_order": _by_lag(ordered.in_order),
            "fraud_job.compiler._ttl": lambda rule: ordered.kept(rule.edge.memory),
        },
        _some("filter", rules=2, edge=1),
        3,
    ),
    "an event that comes twice counts twice": Fault(
        {"fraud_job.tables._clock_options": _without_deduplicate(tables._clock_options)},
        _some("velocity", rules=1, duplicates=_OFTEN, deduplicate=1),
    ),
    "events without a key share one": Fault({"fraud_job.hits.whole": _nobodys}, _some("velocity", "window")),
}
