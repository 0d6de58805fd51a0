"""Rules that remember beside a trailing window and beside SQL, events a second over 100,000 cards, side by side.

``python tests/bench/remembering.py`` prints every round; BENCH_EVENTS and BENCH_ROUNDS are those of bench.py.
"""

from typing import Any

import bench
import jobs

from fraudctl.runtime.cluster import FlinkCluster
from fraudctl.runtime.kafka import EmbeddedKafka

_SUM = {"aggregates": [{"name": "total", "function": "Sum", "column": "amount"}], "having": "total > 100000000"}
_LAG = (
    "SELECT card, amount, event_time, event_id FROM (SELECT *, LAG(amount) OVER (PARTITION BY card"
    " ORDER BY event_time) AS before FROM cards) WHERE amount > before + 100000000"
)
_EDGE = {"memory": "10d"}
RULES: dict[str, dict[str, Any]] = {
    "velocity": {"velocity": {"from": "cards", "within": "10m", **_SUM}},
    "totals": {"velocity": {"from": "cards", "memory": "10d", **_SUM}},
    "velocity, edge": {"edge": _EDGE, "velocity": {"from": "cards", "within": "10m", **_SUM}},
    "filter, edge": {"edge": _EDGE, "filter": {"from": "cards", "where": "amount > 100000000"}},
    "first seen": {"firstSeen": {"from": "cards", "value": ["amount"], "memory": "10d", "warmUp": "9d"}},
    "change": {"change": {"from": "cards", "within": "10d", "having": "amount > previous.amount + 100000000"}},
    "LAG in SQL": {"sql": {"stateTtl": "10d", "query": _LAG}},
}


def main() -> None:
    """Run every rule once a round."""
    with EmbeddedKafka() as kafka, FlinkCluster() as flink:
        bench._topics(kafka.bootstrap)
        bench._fill(kafka.bootstrap)
        bench._use(flink)
        for number in range(bench.ROUNDS + 1):
            for name, rule in RULES.items():
                program = jobs._rule(kafka.bootstrap, {"entity": {"type": "card", "columns": ["card"]}, **rule})
                seconds = jobs.run(program, bench._settings(kafka.bootstrap, flink), flink.rest)
                print(f"round {number}  {name:15}{bench.EVENTS / seconds:12,.0f} events/s", flush=True)


if __name__ == "__main__":
    main()
