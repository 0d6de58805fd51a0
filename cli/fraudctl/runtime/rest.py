"""Flink's REST interface, as much of it as is needed."""

import json
import urllib.error
import urllib.request
from typing import Any

from fraudctl.runtime.ports import LOOPBACK

_TIMEOUT_SECONDS = 10.0
# Without proxies: the address is our own loopback interface whatever the environment says.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class RestError(Exception):
    """Flink did not answer, or answered with an error; the text is its first line."""


class FlinkRest:
    """A JobManager's REST interface on this machine."""

    def __init__(self, port: int) -> None:
        """Talk to the JobManager on ``port``."""
        self.port = port

    def get(self, path: str) -> Any:
        """Answer to a GET."""
        return self._ask("GET", path, None)

    def post(self, path: str, body: Any) -> Any:
        """Answer to a POST."""
        return self._ask("POST", path, body)

    def _ask(self, method: str, path: str, body: Any) -> Any:
        request = urllib.request.Request(
            f"http://{LOOPBACK}:{self.port}{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        try:
            with _OPENER.open(request, timeout=_TIMEOUT_SECONDS) as answer:
                return json.loads(answer.read() or b"{}")
        except urllib.error.HTTPError as error:
            raise RestError(f"HTTP {error.code}: {first_line(error.read().decode(errors='replace'))}") from error
        except (OSError, ValueError) as error:
            raise RestError(str(error)) from error

    def state(self, job_id: str) -> str:
        """The job's state in Flink's words: CREATED, RUNNING, RESTARTING, FINISHED, ..."""
        return str(self.get(f"/jobs/{job_id}").get("state", "UNKNOWN"))

    def failure(self, job_id: str) -> tuple[float, str] | None:
        """When (seconds since 1970) and why, in one line, the job failed last; None when it never did."""
        entries = self.get(f"/jobs/{job_id}/exceptions?maxExceptions=1")["exceptionHistory"]["entries"]
        return (entries[0]["timestamp"] / 1_000, root_cause(entries[0]["stacktrace"])) if entries else None

    def checkpoints(self, job_id: str) -> int:
        """How many checkpoints the job has completed."""
        return int(self.get(f"/jobs/{job_id}/checkpoints").get("counts", {}).get("completed", 0))

    def cancel(self, job_id: str) -> None:
        """Cancel the job; what its sinks still hold is lost."""
        self._ask("PATCH", f"/jobs/{job_id}?mode=cancel", None)

    def stop(self, job_id: str, directory: str, drain: bool) -> str:
        """Ask the job to stop with a savepoint; the answer is the request's id.

        With ``drain``, all windows fire first, as nothing will follow.
        """
        body = {"drain": drain, "targetDirectory": f"file://{directory}"}
        return str(self.post(f"/jobs/{job_id}/stop", body)["request-id"])

    def stop_failure(self, job_id: str, request: str) -> str | None:
        """Why a stop failed; None when it has not."""
        answer = self.get(f"/jobs/{job_id}/savepoints/{request}")
        cause = (answer.get("operation") or {}).get("failure-cause")
        return root_cause(cause.get("stack-trace") or str(cause)) if cause else None


def first_line(text: str) -> str:
    """What an error answer says, without its stack trace."""
    try:
        errors = json.loads(text).get("errors") or [text]
    except (ValueError, AttributeError):
        errors = [text]
    return str(errors[-1]).strip().split("\n", 1)[0]


def root_cause(stacktrace: str) -> str:
    """The innermost cause of a Java stack trace, in one line."""
    lines = [line for line in stacktrace.splitlines() if line and not line.startswith(("\t", " "))]
    causes = [line.removeprefix("Caused by: ") for line in lines if line.startswith("Caused by: ")]
    line = (causes or lines or ["unknown"])[-1 if causes else 0]
    name, colon, message = line.partition(": ")
    short = name.rsplit(".", 1)[-1]
    return f"{short}{colon}{message}".strip()
