"""Answers as Flink 2.3 gave them for manifests/bank.yaml, shortened."""

import math
from typing import Any
from urllib.parse import unquote

from fraud_operator.clients.flink_health import Health, health

NONE = -9.223372036854776e18
SOURCE = "Source__KafkaSource-default_catalog_sources_bank_transactions"
METRICS: dict[str, dict[str, tuple[float, float, float]]] = {
    "source": {
        f"{SOURCE}.numRecordsIn": (324, 324, 324),
        f"{SOURCE}.numRecordsOut": (226, 226, 226),
        f"{SOURCE}.deserializer.newestEventTime": (1_700_000_000_000, 1_700_000_060_000, 0),
        f"{SOURCE}.currentOutputWatermark": (NONE, NONE, NONE),
        "numRecordsIn": (0, 0, 0),
        "rule.large.unknownResults": (0, 2, 3),
        "rule.other.unknownResults": (1, 1, 2),
    },
    "window": {"currentInputWatermark": (1_700_000_000_000, 1_700_000_055_000, 0), "numRecordsIn": (100, 208, 308)},
    "young": {"currentInputWatermark": (NONE, NONE, NONE), "numRecordsIn": (1, 1, 1)},
    "unasked": {"currentInputWatermark": (5, 5, 5), "numRecordsIn": (0, 0, 0)},
    "ended": {"currentInputWatermark": (-NONE, -NONE, -NONE), "numRecordsIn": (7, 7, 7)},
}


def ask(path: str, metrics: dict[str, dict[str, tuple[float, float, float]]]) -> Any:
    head, _, query = path.partition("?")
    vertex = head.split("/")[4]
    if not query:
        return [{"id": name} for name in metrics[vertex]]
    asked = unquote(query.partition("get=")[2]).split(",")
    assert len(asked) <= 20
    values = ((name, metrics[vertex][name]) for name in asked)
    return [{"id": name, "min": low, "max": high, "sum": total} for name, (low, high, total) in values]


def test_what_a_job_has_done() -> None:
    found = health("job", [{"id": name} for name in METRICS], lambda path: ask(path, METRICS))
    tasks = {"window": (1_700_000_000_000, 308), "young": (-math.inf, 1)}
    assert found == Health(read=324, unknown=3, newest=1_700_000_060_000, tasks=tasks)
    assert found.lag == math.inf, "a task that has no time yet is behind all"


def test_many_rules_are_asked_for_in_turn() -> None:
    metrics = {"one": {f"rule.r{number}.unknownResults": (0.0, 1.0, float(number)) for number in range(45)}}
    assert health("job", [{"id": "one"}], lambda path: ask(path, metrics)).unknown == 44


def test_a_job_that_has_read_nothing_is_not_behind() -> None:
    assert Health().lag is None
    assert Health(newest=60_000, tasks={"a": (50_000, 1), "b": (59_000, 1)}).lag == 10_000


def test_a_vertex_that_is_gone_says_nothing() -> None:
    assert health("job", [{"id": "x"}], lambda _: None) == Health()
