"""Against a small server that plays a JobManager's recorded answers."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from fraud_operator.clients.flink import Flink, FlinkError, root_cause

JOB = "a" * 32
TRACE = (
    "org.apache.flink.util.FlinkException: Global failure\n\tat org.apache.X\n"
    "Caused by: org.apache.kafka.common.errors.UnknownTopicOrPartitionException: This server does not host this topic\n"
    "\tat org.apache.Y\n"
)
RUNNING: dict[str, Any] = {
    f"GET /jobs/{JOB}": {"state": "RUNNING", "start-time": 1714564800000, "status-counts": {"RUNNING": 3, "FAILED": 0}},
    f"GET /jobs/{JOB}/exceptions": {"exceptionHistory": {"entries": []}},
    f"GET /jobs/{JOB}/checkpoints": {
        "counts": {"completed": 4, "failed": 1},
        "latest": {
            "completed": {"external_path": "file:/state/checkpoints/x/chk-4", "latest_ack_timestamp": 1714564900000},
            "savepoint": None,
            "restored": None,
        },
    },
    f"GET /jobs/{JOB}/metrics": [{"id": "numRestarts", "value": "2"}],
}


class Server:
    def __init__(self) -> None:
        self.answers: dict[str, Any] = {}
        self.asked: list[tuple[str, Any]] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def _answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                server.asked.append((f"{self.command} {self.path}", json.loads(body) if body else None))
                found = server.answers.get(f"{self.command} {self.path.partition('?')[0]}")
                status, answer = found if isinstance(found, tuple) else (404 if found is None else 200, found or {})
                data = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = do_PATCH = _answer  # noqa: N815

            def log_message(self, *_: object) -> None:
                pass

        self.http = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.http.shutdown()
    made.http.server_close()


def test_a_running_job_is_seen(server: Server) -> None:
    server.answers = RUNNING
    job = Flink(server.url).job(JOB)
    assert job is not None
    assert job.running
    assert (job.state, job.restarts, job.checkpoints, job.failed_checkpoints) == ("RUNNING", 2, 4, 1)
    assert job.tasks == {"RUNNING": 3}
    assert job.checkpoint == "file:/state/checkpoints/x/chk-4"


def test_a_job_that_fails_again_and_again_does_not_run(server: Server) -> None:
    failed = {"exceptionHistory": {"entries": [{"timestamp": 1714564950000, "stacktrace": TRACE}]}}
    server.answers = RUNNING | {f"GET /jobs/{JOB}/exceptions": failed}
    job = Flink(server.url).job(JOB)
    assert job is not None
    assert job.up
    assert not job.running
    assert job.failure == "UnknownTopicOrPartitionException: This server does not host this topic"


def test_a_job_that_has_saved_its_state_since_runs(server: Server) -> None:
    failed = {"exceptionHistory": {"entries": [{"timestamp": 1714564850000, "stacktrace": TRACE}]}}
    server.answers = RUNNING | {f"GET /jobs/{JOB}/exceptions": failed}
    job = Flink(server.url).job(JOB)
    assert job is not None
    assert job.running


def test_a_job_that_waits_for_slots_does_not_run(server: Server) -> None:
    waiting = {"state": "RUNNING", "status-counts": {"SCHEDULED": 2, "RUNNING": 1}}
    server.answers = RUNNING | {f"GET /jobs/{JOB}": waiting}
    job = Flink(server.url).job(JOB)
    assert job is not None
    assert not job.running
    assert job.missing_tasks == "1 of 3 tasks run"


def test_a_job_manager_that_came_up_again_knows_where_the_state_is(server: Server) -> None:
    restored = {"restored": {"external_path": "file:/state/checkpoints/x/chk-9"}, "completed": None, "savepoint": None}
    server.answers = RUNNING | {f"GET /jobs/{JOB}/checkpoints": {"counts": {"completed": 0}, "latest": restored}}
    job = Flink(server.url).job(JOB)
    assert job is not None
    assert job.checkpoint == "file:/state/checkpoints/x/chk-9"


def test_an_unknown_job_is_none(server: Server) -> None:
    assert Flink(server.url).job(JOB) is None


def test_a_stop_is_asked_for_and_followed(server: Server) -> None:
    server.answers = {f"POST /jobs/{JOB}/stop": (202, {"request-id": "r"})}
    Flink(server.url).stop(JOB, "file:///state/savepoints/x", "r")
    body = {"drain": False, "targetDirectory": "file:///state/savepoints/x", "triggerId": "r"}
    assert server.asked[-1] == (f"POST /jobs/{JOB}/stop", body)
    status = f"GET /jobs/{JOB}/savepoints/r"
    server.answers = {status: {"status": {"id": "IN_PROGRESS"}}}
    assert Flink(server.url).stopped(JOB, "r") is None
    server.answers = {status: {"status": {"id": "COMPLETED"}, "operation": {"location": "file:/s/1"}}}
    assert Flink(server.url).stopped(JOB, "r") == "file:/s/1"
    server.answers = {status: {"operation": {"failure-cause": {"class": "x", "stack-trace": TRACE}}}}
    with pytest.raises(FlinkError, match="does not host this topic"):
        Flink(server.url).stopped(JOB, "r")


def test_errors_are_one_line(server: Server) -> None:
    server.answers = {f"GET /jobs/{JOB}": (500, {"errors": ["Internal server error.", TRACE]})}
    with pytest.raises(FlinkError, match="HTTP 500: UnknownTopicOrPartitionException: This server does not host"):
        Flink(server.url).job(JOB)
    server.answers = {f"GET /jobs/{JOB}": (200, b"<html>")}
    with pytest.raises(FlinkError, match="no JSON"):
        Flink(server.url).job(JOB)


def test_nobody_there_is_told() -> None:
    with pytest.raises(FlinkError, match="refused"):
        Flink("http://127.0.0.1:1").job(JOB)


def test_the_innermost_cause_is_told() -> None:
    assert root_cause(TRACE).startswith("UnknownTopicOrPartitionException: ")
    assert root_cause("java.lang.OutOfMemoryError: Java heap space") == "OutOfMemoryError: Java heap space"
    assert root_cause("") == "unknown"
