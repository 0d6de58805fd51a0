"""Counters and gauges in Prometheus' text format, on a port of their own."""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_DEAD_SECONDS = 180.0
"""Longer than one round of a loop can take with all that it waits for."""

Labels = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Metric:
    """Something that is measured.

    Attributes:
        name: as Prometheus has it.
        kind: ``counter`` or ``gauge``.
        help: what it is, with its unit.
    """

    name: str
    kind: str
    help: str


@dataclass
class Metrics:
    """Values by metric and labels; several threads may write."""

    _values: dict[Metric, dict[Labels, float]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _beat: float = field(default_factory=time.monotonic)

    def beat(self) -> None:
        """The program's loop has gone round."""
        self._beat = time.monotonic()

    def alive(self) -> bool:
        """Whether it has done so lately."""
        return time.monotonic() - self._beat < _DEAD_SECONDS

    def add(self, metric: Metric, amount: float = 1, **labels: str) -> None:
        """Count."""
        with self._lock:
            series = self._values.setdefault(metric, {})
            key = tuple(sorted(labels.items()))
            series[key] = series.get(key, 0) + amount

    def set(self, metric: Metric, value: float, **labels: str) -> None:
        """Say what a gauge shows now."""
        with self._lock:
            self._values.setdefault(metric, {})[tuple(sorted(labels.items()))] = value

    def value(self, metric: Metric, **labels: str) -> float:
        """What was said or counted last; 0 by default."""
        with self._lock:
            return self._values.get(metric, {}).get(tuple(sorted(labels.items())), 0)

    def text(self) -> str:
        """Everything, as Prometheus reads it."""
        with self._lock:
            values = {metric: dict(series) for metric, series in self._values.items()}
        return "".join(_told(metric, series) for metric, series in sorted(values.items(), key=lambda one: one[0].name))


def serve(metrics: Metrics, port: int) -> ThreadingHTTPServer:
    """Answer ``GET /metrics`` and ``/healthz`` on a port, in a thread of its own. Raises OSError when it is taken."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = _answer(metrics, self.path.partition("?")[0])
            self.send_response(status)
            self.send_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments: object) -> None:
            """A line for each question would be all that the log holds."""

    server = ThreadingHTTPServer(("", port), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, name="metrics", daemon=True).start()
    return server


def _answer(metrics: Metrics, path: str) -> tuple[int, bytes]:
    if path == "/metrics":
        return 200, metrics.text().encode()
    if path == "/healthz":
        return (200, b"works\n") if metrics.alive() else (503, b"its loop stands still\n")
    return 404, b"see /metrics and /healthz\n"


def _told(metric: Metric, series: Mapping[Labels, float]) -> str:
    head = f"# HELP {metric.name} {metric.help}\n# TYPE {metric.name} {metric.kind}\n"
    return head + "".join(f"{metric.name}{_labels(labels)} {value:.17g}\n" for labels, value in series.items())


def _labels(labels: Labels) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in labels) + "}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
