"""A stand-in for a container registry: as much of the distribution API as Helm uses, in plain HTTP on this machine.

It refuses what a real one refuses: content that is not what its digest says, and a manifest whose parts are not there.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit


class Registry(ThreadingHTTPServer):
    """What it holds: blobs and manifests by digest, and digests by repository and tag.

    Attributes:
        before_each_push: called before a manifest is taken.
    """

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.before_each_push: Callable[[], None] = lambda: None
        self.content: dict[str, tuple[str, bytes]] = {}
        self.tags: dict[tuple[str, str], str] = {}

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server_port}"

    def take(self, content: bytes, kind: str = "application/octet-stream") -> str:
        digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
        self.content[digest] = (kind, content)
        return digest


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Registry

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        found = re.fullmatch(r"/v2/(.+)/(?:manifests|blobs)/(.+)", self.path)
        if found is None:
            return self.answer(200 if self.path == "/v2/" else 404)
        kind, content = self.server.content.get(self.server.tags.get((found[1], found[2]), found[2]), ("", b""))
        if not content:
            return self.answer(404)
        digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
        return self.answer(200, content, {"Content-Type": kind, "Docker-Content-Digest": digest})

    def do_POST(self) -> None:
        self.body()
        self.answer(202, b"", {"Location": f"{self.path}one"})

    def do_PUT(self) -> None:
        content, (path, query) = self.body(), urlsplit(self.path)[2:4]
        manifest = re.fullmatch(r"/v2/(.+)/manifests/(.+)", path)
        if manifest:
            parts = [json.loads(content)["config"], *json.loads(content)["layers"]]
            if any(part["digest"] not in self.server.content for part in parts):
                return self.answer(400)
            self.server.before_each_push()
            digest = self.server.take(content, self.headers["Content-Type"])
            self.server.tags[manifest[1], manifest[2]] = digest
        else:
            digest = self.server.take(content)
            if parse_qs(query)["digest"] != [digest]:
                return self.answer(400)
        return self.answer(201, b"", {"Location": path, "Docker-Content-Digest": digest})

    def body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def answer(self, status: int, content: bytes = b"", headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {**(headers or {}), "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Nothing: the test's output is the program's."""


@contextmanager
def registry() -> Iterator[Registry]:
    """A registry that runs."""
    with Registry() as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()
