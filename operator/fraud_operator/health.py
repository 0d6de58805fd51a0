"""Whether the operator lives and is ready, over HTTP: what its loops have lately done, not that a thread answers.

``/healthz`` says that every loop has gone round lately and that no reconciliation hangs; who fails it is to be started
anew. ``/readyz`` says besides that the API server has lately answered.
"""

import threading
import time
from collections.abc import Callable, Iterable
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

Clock = Callable[[], float]
"""Seconds that only grow."""


class Pulse:
    """When each of several activities last showed a sign of life; safe for several threads."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._beats: dict[str, tuple[float, float]] = {}

    def beat(self, name: str, within: float) -> None:
        """A sign of life; the next one comes within so many seconds, or the activity counts as dead."""
        with self._lock:
            self._beats[name] = (self._clock(), within)

    def end(self, name: str) -> None:
        """An activity that is over, of which no sign is expected any more."""
        with self._lock:
            self._beats.pop(name, None)

    def missed(self) -> list[str]:
        """What should have shown a sign of life by now and has not, each with for how long, in words."""
        now = self._clock()
        with self._lock:
            beats = sorted(self._beats.items())
        return [f"{name}: nothing for {now - last:.0f} s" for name, (last, within) in beats if now - last > within]


def serve(port: int, alive: Callable[[], list[str]], ready: Callable[[], list[str]]) -> None:
    """Answer ``/healthz`` and ``/readyz`` on a thread of its own: 200, or 503 with what is wrong, a line each.

    Raises OSError where the port is taken.
    """
    answers = {"/healthz": alive, "/readyz": ready}

    def application(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        ask = answers.get(environ["PATH_INFO"])
        wrong = ask() if ask else []
        status = "404 Not Found" if ask is None else "503 Service Unavailable" if wrong else "200 OK"
        start(status, [("Content-Type", "text/plain; charset=utf-8")])
        return ["".join(f"{line}\n" for line in wrong or [status.partition(" ")[2]]).encode()]

    server = make_server("", port, application, _Server, _Silent)
    threading.Thread(target=server.serve_forever, name="health", daemon=True).start()


class _Server(ThreadingMixIn, WSGIServer):
    # a client that sends nothing must not keep the kubelet waiting
    daemon_threads = True


class _Silent(WSGIRequestHandler):
    timeout = 10

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: a probe a second is no news."""
