"""Every duration that validation lets through, in every place that takes one, is planned by Flink as it would run."""

import json
from pathlib import Path
from typing import Any

import pytest

from fraud_api.load import load_text
from fraudctl.runtime.job import explain

pytestmark = pytest.mark.integration

DURATIONS = [
    *("1ms", "2ms", "250ms", "999ms", "1s", "59s", "60s", "61s", "99s", "100s", "101s", "125s", "999s", "1001s"),
    *("90m", "99m", "100m", "103m", "125m", "999m", "1441m", "25h", "99h", "100h", "101h", "103h", "125h", "999h"),
    *("99d", "100d", "365d", "999d", "1h30m", "1h30m15s", "1d1ms", "365d1ms", "998d23h59m59s999ms", "20m34s567ms"),
]
COLUMNS = [
    {"name": "id", "type": "STRING"},
    {"name": "k", "type": "STRING"},
    {"name": "v", "type": "DOUBLE"},
    {"name": "at", "type": "BIGINT"},
]
LAGGED = (
    "SELECT k, event_time, event_id FROM (SELECT k, event_time, event_id,"
    " LAG(v) OVER (PARTITION BY k ORDER BY event_time) AS before FROM ev) WHERE before > 1"
)
KINDS: dict[str, dict[str, Any]] = {
    "velocity": {
        "velocity": {
            "from": "ev", "within": "T", "aggregates": [{"name": "c", "function": "Count"}], "having": "c > 1"
        }
    },
    "sequence": {
        "sequence": {
            "from": "ev", "within": "T", "steps": [{"name": "a", "where": "v > 1"}, {"name": "b", "where": "v < 1"}]
        }
    },
    "join": {
        "join": {"left": "ev", "right": "ew", "keys": [{"left": "k", "right": "k"}], "before": "T", "after": "T"}
    },
    "totals": {
        "edge": {"memory": "T"},
        "velocity": {
            "from": "ev", "memory": "T", "aggregates": [{"name": "c", "function": "Count"}], "having": "c > 1"
        },
    },
    "seen": {"firstSeen": {"from": "ev", "value": ["v"], "memory": "T", "warmUp": "T"}},
    "change": {"change": {"from": "ev", "within": "T", "having": "gap > 1"}},
    "first": {"firstOnly": "T", "filter": {"from": "ev", "where": "v > 1"}},
    "block": {"actions": {"block": {"ttl": "T"}}, "filter": {"from": "ev", "where": "v > 1"}},
    "state": {"sql": {"stateTtl": "T", "query": LAGGED}},
}  # fmt: skip
SHAPES: dict[str, dict[str, str]] = {
    "tumble": {"size": "T"},
    "hop": {"size": "T", "slide": "T"},
    "session": {"gap": "T"},
    "cumulate": {"size": "T", "step": "T"},
}
WINDOW = {"from": "ev", "aggregates": [{"name": "c", "function": "Count"}], "having": "c > 1"}


def rules(duration: str) -> list[dict[str, Any]]:
    """A rule of every kind that takes a duration."""
    kinds = KINDS | {shape: {"window": {**WINDOW, shape: fields}} for shape, fields in SHAPES.items()}
    written = json.dumps(kinds).replace('"T"', f'"{duration}"')
    entity = {"type": "k", "columns": ["k"]}
    return [
        {"name": f"{name}-{duration}", "entity": entity, "reason": "r", **kind}
        for name, kind in json.loads(written).items()
    ]


def text(duration: str, made: list[dict[str, Any]]) -> str:
    time = {"column": "at", "format": "EpochMillis", "outOfOrderness": duration, "idleTimeout": duration}
    streams = [{"name": name, "columns": COLUMNS, "eventId": "id", "eventTime": time} for name in ("ev", "ew")]
    return json.dumps(
        {
            "apiVersion": "frauddetector.io/v1alpha1",
            "kind": "FraudDetector",
            "metadata": {"name": "durations"},
            "spec": {"streams": streams, "rules": made},
        }
    )


@pytest.mark.parametrize("part", range(5))
def test_durations_are_planned(tmp_path: Path, part: int) -> None:
    chosen = DURATIONS[part::5]
    made = [rule for duration in chosen for rule in rules(duration)]
    (found,) = load_text(text(chosen[-1], made), "durations")
    file = tmp_path / "detector.json"
    file.write_text(found.model_dump_json(by_alias=True))
    planned = explain(file, tmp_path, timeout=500)
    assert {insert["owner"] for insert in planned["inserts"]} >= {f"rule {rule['name']}" for rule in made}
