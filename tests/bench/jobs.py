"""Jobs that the benchmarks run, as programs over one topic of transactions that end where the topic ends now."""

import dataclasses
import time
from pathlib import Path
from typing import Any

from fraud_api import FraudDetector, load_file
from fraud_job.compiler import Insert, Program, compile_detector

MANIFESTS = Path(__file__).parents[2] / "manifests"
TOPIC = "bench.transactions"
_COLUMNS = "`transaction_id` BIGINT, `account_id` BIGINT, `amount` DOUBLE, `merchant_id` INT, `timestamp` STRING"

# the generator has 10,000 accounts; ten cards each make 100,000
_CARDS = "SELECT account_id * 10 + MOD(merchant_id, 10) AS card, amount, event_time, event_id FROM transactions"
_VIEWS = [{"name": "cards", "query": _CARDS}]


def detector(broker: str, **changes: Any) -> FraudDetector:
    """transactions.yaml on the benchmark's topic, parts of its spec changed."""
    document = load_file(MANIFESTS / "transactions.yaml")[0].model_dump(mode="json", by_alias=True)
    document["spec"]["kafka"]["bootstrapServers"] = broker
    document["spec"]["streams"][0]["topic"] = TOPIC
    document["spec"]["flink"]["parallelism"] = 2
    document["spec"] |= changes
    return FraudDetector.model_validate(document)


def bounded(program: Program) -> Program:
    """The program reading up to where its topics end now."""
    start = "'scan.startup.mode' = 'earliest-offset'"
    tables = tuple(
        table.replace(start, f"{start},\n  'scan.bounded.mode' = 'latest-offset'") for table in program.tables
    )
    return dataclasses.replace(program, tables=tables)


def plain_parse(broker: str) -> Program:
    """What Flink's own strict JSON format reads into nothing: the limit."""
    return _to_nowhere(_json_source(broker), "SELECT * FROM `bench_source`")


def _json_source(broker: str) -> str:
    return (
        f"CREATE TEMPORARY TABLE `bench_source` ({_COLUMNS}) WITH ('connector' = 'kafka', 'topic' = '{TOPIC}',"
        f" 'properties.bootstrap.servers' = '{broker}', 'properties.group.id' = 'bench',"
        " 'scan.startup.mode' = 'earliest-offset', 'format' = 'json')"
    )


def raw_read(broker: str) -> Program:
    """Bytes read and thrown away: what broker and connector alone can do."""
    source = (
        "CREATE TEMPORARY TABLE `bench_source` (`value` BYTES) WITH ('connector' = 'kafka',"
        f" 'topic' = '{TOPIC}', 'properties.bootstrap.servers' = '{broker}', 'properties.group.id' = 'bench',"
        " 'scan.startup.mode' = 'earliest-offset', 'format' = 'raw')"
    )
    return _to_nowhere(source, "SELECT * FROM `bench_source`")


def _to_nowhere(source: str, query: str) -> Program:
    columns = "`value` BYTES" if "`value` BYTES" in source else _COLUMNS
    sink = f"CREATE TEMPORARY TABLE `sinks`.`nowhere` ({columns}) WITH ('connector' = 'blackhole')"
    insert = Insert("nowhere", "output nowhere", (), f"INSERT INTO `sinks`.`nowhere` {query}")
    return bounded(Program("bench", ("CREATE DATABASE `sinks`", source, sink), (insert,)))


def with_dead_letters(broker: str) -> Program:
    """Our format with dead letters and late events on, good events into nothing."""
    program = compile_detector(detector(broker, rules=[], outputs=[]))
    sink = f"CREATE TEMPORARY TABLE `sinks`.`nowhere` ({_COLUMNS}) WITH ('connector' = 'blackhole')"
    sql = (
        "INSERT INTO `sinks`.`nowhere` SELECT `transaction_id`, `account_id`, `amount`, `merchant_id`, `timestamp`"
        " FROM `sources`.`transactions` WHERE `_error` IS NULL"
    )
    insert = Insert("nowhere", "output nowhere", (), sql)
    return bounded(Program("bench", (*program.tables, sink), (*program.inserts, insert)))


def split(broker: str) -> Program:
    """transactions.yaml as it is: two outputs, alerts, dead letters, late events."""
    return bounded(compile_detector(detector(broker)))


def plain_split(broker: str) -> Program:
    """The two outputs alone, as one writes them in Flink SQL with its own formats."""
    parts = {"fraud": "`amount` > 900", "legit": "NOT `amount` > 900"}
    sinks = tuple(
        f"CREATE TEMPORARY TABLE `sinks`.`{part}` ({_COLUMNS}) WITH ('connector' = 'kafka',"
        f" 'topic' = 'bench.loop.{part}', 'properties.bootstrap.servers' = '{broker}', 'format' = 'json')"
        for part in parts
    )
    inserts = tuple(
        Insert(part, f"output {part}", (), f"INSERT INTO `sinks`.`{part}` SELECT * FROM `bench_source` WHERE {which}")
        for part, which in parts.items()
    )
    return bounded(Program("bench", ("CREATE DATABASE `sinks`", _json_source(broker), *sinks), inserts))


def _rule(broker: str, kind: dict[str, Any]) -> Program:
    rule = {"name": "bench", "entity": {"type": "account", "columns": ["account_id"]}, "reason": "bench", **kind}
    return bounded(compile_detector(detector(broker, rules=[rule], views=_VIEWS, outputs=[], parameters=[])))


def window(broker: str) -> Program:
    """A windowed sum over 100,000 cards."""
    kind: dict[str, Any] = {
        "from": "cards",
        "tumble": {"size": "1m"},
        "aggregates": [{"name": "total", "function": "Sum", "column": "amount"}],
        "having": "total > 100000000",
    }
    return _rule(broker, {"entity": {"type": "card", "columns": ["card"]}, "window": kind})


def sequence(broker: str) -> Program:
    """A small transaction, then a large one, of one account."""
    kind = {
        "from": "transactions",
        "steps": [{"name": "small", "where": "amount < 10"}, {"name": "large", "where": "amount > 900"}],
        "within": "1m",
    }
    return _rule(broker, {"sequence": kind})


def run(program: Program, settings: dict[str, str], rest: Any, timeout: float = 600) -> float:
    """Seconds from the moment all tasks run to the moment the job is finished."""
    from fraud_job.flink import plan, start

    job = start(plan(program, settings)).getJobID().toHexString()
    deadline = time.monotonic() + timeout
    while (found := rest.get(f"/jobs/{job}"))["state"] not in ("FINISHED", "FAILED", "CANCELED"):
        if time.monotonic() > deadline:
            raise TimeoutError(f"job {job} is not finished")
        time.sleep(0.1)
    if found["state"] != "FINISHED":
        raise RuntimeError(f"job {job} {found['state']}: {rest.failure(job)}")
    begun = max(vertex["start-time"] for vertex in found["vertices"])
    return float(found["timestamps"]["FINISHED"] - begun) / 1000
