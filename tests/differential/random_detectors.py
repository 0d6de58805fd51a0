"""Detectors at random, with records for them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from typing import Any

from differential import random_events, random_outputs
from differential.case import Case
from differential.random_events import Clock, Field, Traffic
from differential.random_rules import Rules, Source, Taste, written
from differential.values import Type, type_of

_TEXTS = ("12", "-3", "950.00", "n/a", "", "abc", "7", None, "99999999999999999999")
_STARTS = (1_709_287_200_000, 1_711_753_200_000, 1_729_983_600_000)
"""2024-03-01T10:00:00Z, and the evenings before the clocks of Europe change in spring and autumn, in milliseconds."""
UNREAD = "fee"
"""A column that no rule and no view looks at: whatever is in it, the event counts."""


@dataclass(frozen=True)
class Profile:
    """What random cases are like.

    Attributes:
        rules: how many a detector has.
        taste: what they are made of.
        edges: shares of values at the edges of their types, of which each stream has one.
        duplicates: the same for records that come twice.
        deduplicate: how likely a stream with ids is freed from duplicates.
        outputs: how likely each kind of output is.
    """

    rules: int = 6
    taste: Taste = field(default_factory=Taste)
    edges: Sequence[float] = (0, 0.02)
    duplicates: Sequence[float] = (0, 0.1)
    deduplicate: float = 0.3
    outputs: float = 0.4


EVERYTHING = Profile()


def random_case(seed: int, profile: Profile = EVERYTHING) -> Case:
    """A detector with records; the same for the same seed and profile."""
    random = Random(seed)
    parameters = _parameters(random)
    clock = Clock(random.choice([None, None, 1, 1000, 1_000_000]))
    fields = {name: _fields(random) for name in ("a", "b")}
    tick = _lattice(random)
    streams = [_stream(random, name, fields[name], clock, tick, profile.deduplicate) for name in fields]
    sources = [Source.of_stream(name, [one for one in fields[name] if one.name != UNREAD]) for name in fields]
    types = {one["name"]: type_of(one["type"]) for one in parameters}
    views = _views(random, sources, types)
    every = sources + [source for source, _ in views]
    maker = Rules(random, every, types, tick, profile.taste)
    rules = [maker.rule(f"r{number}") for number in range(profile.rules)]
    document = {
        "apiVersion": "frauddetector.io/v1alpha1",
        "kind": "FraudDetector",
        "metadata": {"name": "random"},
        "spec": {
            "flink": {"parallelism": random.choice([1, 2])},
            "streams": streams,
            "views": [view for _, view in views],
            "parameters": parameters,
            "rules": rules,
            "outputs": list(random_outputs.outputs(random, every, types, rules, profile.outputs)),
        },
    }
    start = random.choice(_STARTS)
    records = []
    for name in fields:
        traffic = _traffic(random, maker.tick, start, profile)
        records += random_events.records(random, name, fields[name], clock, traffic)
    return Case(seed, document, records)


def _lattice(random: Random) -> int:
    """Distance of the clock's ticks, in milliseconds; times of rules are multiples of it, so that edges are met."""
    return random.choice([1_000, 10_000, 30_000, 60_000, 3_600_000])


def _traffic(random: Random, tick: int, start: int, profile: Profile) -> Traffic:
    return Traffic(
        start=start,
        count=random.randint(60, 160),
        step=tick,
        span=random.choice([20, 60, 120]),
        disorder=random.choice([0, 3, 12]),
        scattered=random.random() < 0.3,
        partitions=random.choice([1, 2, 2]),
        edges=random.choice(profile.edges),
        wrong=random.choice([0, 0.1]),
        duplicates=random.choice(profile.duplicates),
    )


def _stream(
    random: Random, name: str, fields: Sequence[Field], clock: Clock, tick: int, deduplicate: float
) -> dict[str, Any]:
    columns = [{"name": "id", "type": "STRING"}]
    columns += [field.column() for field in fields]
    columns.append(clock.column())
    stream = {
        "name": name,
        "columns": columns,
        "eventTime": {
            **clock.declared(),
            "outOfOrderness": random.choice(["30d", written(tick * random.randint(0, 10))]),
            "idleTimeout": "1h",
        },
    }
    if random.random() < 0.2:
        return stream
    again = {"deduplicate": written(tick * random.randint(1, 60))} if random.random() < deduplicate else {}
    return stream | {"eventId": "id"} | again


def _fields(random: Random) -> list[Field]:
    digits, places = random.choice([(10, 2), (18, 6), (38, 10)])
    money = [Decimal(1), Decimal("2.5"), Decimal("10.25"), Decimal("99.99"), Decimal(100), Decimal(-5), Decimal(0)]
    most = Decimal(10 ** (digits - places) - 1)
    whole = random.choice(["INT", "INT", "BIGINT"])
    bound = 2**31 if whole == "INT" else 2**63
    short = random.choice(["TINYINT", "SMALLINT"])
    edge = 127 if short == "TINYINT" else 32767
    wrong_text = (5, True, {"a": 1})
    invalid = {"onInvalid": random.choice(["Round", "SetNull", "Refuse"])}
    written = random.choice([{}, {}, {"writtenAs": "Text"}, {"path": "after.sum.amount"}])
    return [
        Field(UNREAD, "DECIMAL(10, 2)", [Decimal(1), Decimal("0.30000000000000004"), None, "free"]),
        Field("card", "STRING", ["c1", "c2", "c3"], wrong=(*wrong_text, None)),
        Field("shop", "STRING", ["s1", "s2", "t|1", None], required=False, wrong=wrong_text),
        Field("zone", short, [1, 2, 3, None], [edge, -edge - 1], (edge + 1, "1", True), required=False),
        Field("amount", f"DECIMAL({digits}, {places})", money, [most, -most], (
            Decimal(5) / 10 ** (places + 1), most + 1, "9.5x"), random.random() < 0.7,
            written | random.choice([{}, invalid])),
        Field("cents", whole, [0, 1, 2, 5, 100, 250, -7], [bound - 1, -bound], (bound, Decimal("1.5"), "3"),
              options=random.choice([{}, {}, invalid])),
        Field("rate", "DOUBLE", [Decimal("0.5"), Decimal("1.25"), Decimal(2), Decimal(-4), Decimal(0), None],
              [Decimal("1048576.5")], ("x",), required=False, options=random.choice([{}, {"path": "details.rate"}])),
        Field("ratio", "FLOAT", [Decimal("0.5"), Decimal(3), Decimal("-1.75")], (), (False,)),
        Field("sure", "BOOLEAN", [True, False, None], (), ("true", 1), required=False),
        Field("note", "STRING", _TEXTS, required=False),
        Field("day", "DATE", ["2024-01-31", "2024-02-29", None], (), ("2024-02-30", 5), required=False),
        Field("seen", "TIMESTAMP_LTZ(3)", ["2024-01-31T23:59:59.123Z", None], (), ("yesterday",), required=False),
    ]  # fmt: skip


def _parameters(random: Random) -> list[dict[str, Any]]:
    return [
        {"name": "count", "type": "INT", "value": str(random.randint(1, 4))},
        {"name": "large", "type": "BIGINT", "value": str(random.choice([-5, 100, 3_000_000_000]))},
        {"name": "much", "type": "DECIMAL", "value": random.choice(["12.50", "99.99", "-1"])},
        {"name": "real", "type": "DOUBLE", "value": random.choice(["1.5", "-0.25", "100"])},
        {"name": "where_to", "type": "STRING", "value": random.choice(["s1", "t|1", "c'2"])},
        {"name": "known", "type": "BOOLEAN", "value": random.choice(["true", "false"])},
    ]


def _views(
    random: Random, sources: Sequence[Source], parameters: Mapping[str, Type]
) -> list[tuple[Source, dict[str, Any]]]:
    made = []
    for number, source in enumerate(sources):
        view, query = source.view(random, f"v{number}", parameters)
        made.append((view, {"name": view.name, "query": query}))
    return made
