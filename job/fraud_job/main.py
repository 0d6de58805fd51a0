"""Run or explain one detector on Flink: ``python -m fraud_job.main DETECTOR.json [--explain]``.

One JSON line on standard output says what happened; exit code 0 when the job ended well, 1 when it or the machine
failed, 2 when the detector is at fault.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from fraud_api import FraudDetector
from fraud_api.kafka_clients import PLACE, SecretError, java
from fraud_api.secret_files import MOUNTED, kafka_credentials
from fraud_job.compiler import Program, compile_detector
from fraud_job.flink import Planned, Refused, java_message, plan, start, translate
from fraud_job.identity import UnboundedState, sources
from fraud_job.runtime import settings
from fraud_job.topics import topics

_PROMPT = {
    # what REST tells of a job on a laptop is at most this old; by default it is seconds (milliseconds)
    "web.refresh-interval": "200",
    "rest.cache.checkpoint-statistics.timeout": "200 ms",
    "metrics.fetcher.update-interval": "500",
}


def main(arguments: list[str] | None = None) -> int:
    """Entry point; returns the exit code."""
    options = _parser().parse_args(arguments)
    try:
        detector = FraudDetector.model_validate_json(Path(options.detector).read_bytes())
    except (OSError, ValueError) as error:
        return _say({"error": f"no detector in {options.detector}: {error}", "where": "file"}, 2)
    try:
        clients = _clients(detector, options)
        program = compile_detector(detector, clients)
    except SecretError as error:
        return _say({"error": str(error), "where": PLACE}, 2)
    try:
        planned = plan(program, settings(detector, clients) | _local(options))
        if options.explain:
            translate(planned)
    except Refused as error:
        return _say({"error": str(error), "where": error.where}, 2)
    except UnboundedState as error:
        return _say({"error": str(error), "where": error.owner}, 2)
    if options.explain:
        return _say(_explanation(detector, program, planned), 0)
    return _submit(planned) if options.application else _run(planned, options.rest_port)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m fraud_job.main", description=__doc__)
    parser.add_argument("detector", help="the resource as JSON")
    parser.add_argument("--explain", action="store_true", help="plan and print, do not run")
    parser.add_argument("--application", action="store_true", help="inside a Flink cluster made for it: start, return")
    parser.add_argument("--rest-port", type=int, help="run here, with Flink's REST API on this port")
    parser.add_argument("--checkpoint-dir", help="where checkpoints go, as a URI")
    parser.add_argument("--checkpoint-interval", help="instead of the detector's own, such as '1 s'")
    parser.add_argument("--savepoint", help="state to start from, as a URI")
    parser.add_argument(
        "--secrets-dir", type=Path, help=f"where the detector's Secrets are, DIR/NAME/KEY; {MOUNTED} by default"
    )
    return parser


def _clients(detector: FraudDetector, options: argparse.Namespace) -> dict[str, str]:
    """Properties of the job's Kafka clients; the planner needs none, so a plan does without the Secret."""
    if options.explain and options.secrets_dir is None:
        return {}
    security = detector.spec.kafka.security
    return java(security, kafka_credentials(security, options.secrets_dir or MOUNTED))


def _local(options: argparse.Namespace) -> dict[str, str]:
    found = {
        "execution.checkpointing.dir": options.checkpoint_dir,
        "execution.checkpointing.interval": options.checkpoint_interval,
        "execution.state-recovery.path": options.savepoint,
    }
    if options.rest_port:
        found |= {"rest.port": str(options.rest_port), "rest.bind-address": "127.0.0.1"} | _PROMPT
    return {key: value for key, value in found.items() if value}


def _submit(planned: Planned) -> int:
    """Hand the job to the cluster, which watches it from then on."""
    try:
        return _say({"jobId": start(planned).getJobID().toHexString()}, 0)
    except Exception as error:
        return _say({"error": java_message(error)}, 1)


def _run(planned: Planned, rest_port: int | None) -> int:
    try:
        client = start(planned)
        _say({"jobId": client.getJobID().toHexString(), "restPort": rest_port}, 0)
        result = client.getJobExecutionResult().get()
    except Exception as error:
        message = java_message(error)
        return 0 if "Job was cancelled" in message else _say({"error": message}, 1)
    return _say({"counted": {str(name): int(found) for name, found in result.getAllAccumulatorResults().items()}}, 0)


def _explanation(detector: FraudDetector, program: Program, planned: Planned) -> dict[str, Any]:
    made = topics(detector)
    return {
        "topics": [
            {"name": topic.name, "partitions": topic.partitions, "kind": topic.kind, "compacted": topic.compacted}
            for topic in made
        ],
        "tables": list(program.tables),
        "inserts": [
            {"name": insert.sink, "owner": insert.owner, "setup": list(insert.setup), "sql": insert.sql}
            for insert in program.inserts
        ],
        "operators": [vars(operator) for operator in planned.operators],
        "sources": sources(planned.plan),
        "indices": [],
    }


def _say(message: dict[str, Any], code: int) -> int:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()
    return code


if __name__ == "__main__":
    sys.exit(main())
