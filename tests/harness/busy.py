"""A stand-in for an API server that is busy for a while: over HTTP it says 429 and Retry-After, then answers."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class BusyServer(ThreadingHTTPServer):
    """Answers every request with the same object, but for those that it is too busy for.

    Attributes:
        busy: how many further requests it is too busy for.
        status: what it says to those.
        retry_after: after how many seconds it wants them again; None to say nothing of it.
        asked: methods and bodies of all requests, in order.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.busy = 0
        self.status = 429
        self.retry_after: str | None = "1"
        self.asked: list[tuple[str, bytes]] = []
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


@contextmanager
def busy_server() -> Iterator[BusyServer]:
    """One that listens meanwhile."""
    with BusyServer() as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.01], daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    server: BusyServer
    protocol_version = "HTTP/1.1"

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        with self.server.lock:
            self.server.asked.append((self.command, body))
            busy = self.server.busy > 0
            self.server.busy -= busy
        self.send_response(self.server.status if busy else 200)
        if busy and self.server.retry_after is not None:
            self.send_header("Retry-After", self.server.retry_after)
        data = b"Too many requests, please try again later.\n" if busy else json.dumps({"metadata": {}}).encode()
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_PATCH = do_DELETE = _answer  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""
