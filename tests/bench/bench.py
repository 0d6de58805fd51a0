"""Speed, side by side in one run: writes docs/benchmarks.json and docs/benchmarks.md.

All jobs run one after the other on one cluster, again and again. The first round is not counted: Java compiles what
is hot while it runs, and a detector runs for months. Ratios are taken within a round, so that a machine that drifts
drifts for both.
"""

import os
import statistics
import subprocess
import sys
import uuid
from pathlib import Path

import jobs
import latency
import loops
import report
from confluent_kafka.admin import AdminClient, NewTopic

from fraud_job.runtime import settings
from fraud_job.topics import MAX_MESSAGE_BYTES, topics
from fraudctl.runtime.cluster import FlinkCluster
from fraudctl.runtime.kafka import EmbeddedKafka

EVENTS = int(os.environ.get("BENCH_EVENTS", "2000000"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
JOBS = {
    "raw": jobs.raw_read,
    "parse": jobs.plain_parse,
    "dead_letters": jobs.with_dead_letters,
    "split": jobs.split,
    "plain_split": jobs.plain_split,
    "window": jobs.window,
    "sequence": jobs.sequence,
}
LOOPS = {"kafka_python": (loops.kafka_python, EVENTS // 20), "confluent": (loops.confluent, EVENTS // 2)}
LATENCY_RATE = 10_000


def main() -> None:
    """Measure everything and write both files."""
    with EmbeddedKafka() as kafka:
        _topics(kafka.bootstrap)
        generator = [_generate(kafka.bootstrap) for _ in range(ROUNDS)]
        _fill(kafka.bootstrap)
        with FlinkCluster() as flink:
            _use(flink)
            rounds = [_round(kafka.bootstrap, flink) for _ in range(ROUNDS + 1)][1:]
            latencies = _latency(kafka.bootstrap, flink)
    rates = {name: [one[name] for one in rounds] for name in rounds[0]}
    report.write(Path(__file__).parents[2] / "docs", EVENTS, generator, rates, latencies)


def _topics(broker: str) -> None:
    admin = AdminClient({"bootstrap.servers": broker})
    made = [NewTopic(t.name, 2, 1, config=t.config) for t in topics(jobs.detector(broker))]
    made += [NewTopic(name, 2, 1) for name in ("bench.loop.fraud", "bench.loop.legit")]
    for future in admin.create_topics(made).values():
        future.result()


def _generate(broker: str) -> float:
    """Events a second of the generator, flat out, held to one core."""
    topic = f"bench.generated.{uuid.uuid4().hex}"
    config = {"max.message.bytes": str(MAX_MESSAGE_BYTES)}
    admin = AdminClient({"bootstrap.servers": broker})
    admin.create_topics([NewTopic(topic, 2, 1, config=config)])[topic].result()
    rate = _run_generator(broker, topic, one_core=True)
    admin.delete_topics([topic])[topic].result()
    return rate


def _fill(broker: str) -> None:
    _run_generator(broker, jobs.TOPIC, one_core=False)


def _run_generator(broker: str, topic: str, one_core: bool) -> float:
    code = (
        "import os,sys;from fraud_generator import *;"
        + ("os.sched_setaffinity(0,{min(os.sched_getaffinity(0))});" if one_core else "")
        + "target=KafkaTarget(sys.argv[1],{'transactions':sys.argv[2]},config={'compression.type':'none'});"
        + "done=run('transactions',Settings(count=int(sys.argv[3])),target);"
        + "print(done.rate)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, broker, topic, str(EVENTS)], check=True, capture_output=True, text=True
    )
    return float(done.stdout.split()[-1])


def _round(broker: str, flink: FlinkCluster) -> dict[str, float]:
    """Events a second of every job and loop."""
    found = {}
    for name, make in JOBS.items():
        found[name] = EVENTS / jobs.run(make(broker), _settings(broker, flink), flink.rest)
    for name, (loop, count) in LOOPS.items():
        found[name] = count / loop(broker, jobs.TOPIC, count)
    report.progress(found)
    return found


def _settings(broker: str, flink: FlinkCluster) -> dict[str, str]:
    remote = {"execution.target": "remote", "rest.address": "127.0.0.1", "rest.port": str(flink.rest.port)}
    return settings(jobs.detector(broker)) | remote


def _use(flink: FlinkCluster) -> None:
    os.environ["FLINK_HOME"] = str(flink.home)
    os.environ["PYFLINK_CLIENT_EXECUTABLE"] = sys.executable


def _latency(broker: str, flink: FlinkCluster) -> list[tuple[float, float]]:
    """p50 and p99 in milliseconds, one pair for each round."""
    from fraud_api import naming
    from fraud_job.compiler import compile_detector
    from fraud_job.flink import plan, start

    changed = jobs.detector(broker)
    changed = changed.model_copy(update={"metadata": changed.metadata.model_copy(update={"name": "latency"})})
    document = changed.model_dump(mode="json", by_alias=True)
    document["spec"]["streams"][0] |= {"topic": "bench.latency"}
    document["spec"]["outputs"] = []
    detector = type(changed).model_validate(document)
    admin = AdminClient({"bootstrap.servers": broker})
    for future in admin.create_topics([NewTopic(t.name, 2, 1, config=t.config) for t in topics(detector)]).values():
        future.result()
    found = []
    client = start(plan(compile_detector(detector), _settings(broker, flink)))
    for number in range(ROUNDS):
        warm_up = 15 if number == 0 else 2
        alerts = naming.alerts_topic(detector)
        taken = sorted(latency.measure(broker, "bench.latency", alerts, LATENCY_RATE, warm_up, 10))
        found.append((statistics.median(taken), taken[int(len(taken) * 0.99)]))
    client.cancel().get()
    return found


if __name__ == "__main__":
    main()
