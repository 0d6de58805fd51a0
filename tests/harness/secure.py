"""A node with security on: TLS and a user of its file realm.

The distribution at hand has TLS, users and roles, but not what API keys are kept with. A stand-in for them,
:class:`ApiKeyGate`, stands in front of the node: it takes the one header that Elasticsearch documents for API keys,
refuses all others as Elasticsearch does, and passes requests on as the node's user.
"""

import base64
import http.client
import json
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType

from harness.secured import Authority

from fraudctl.runtime.elasticsearch import EmbeddedElasticsearch
from fraudctl.runtime.ports import LOOPBACK

NODE = "broker"
"""Whose key and certificate the node has: they are for this machine's loopback address."""
USER, PASSWORD = "analyst", "secret-of-tests"
_HASH = "$2a$10$gheDlEWNcWd4zJrip72ZXOBmwAY.ZbBlU2E3SEw5gIIMqfZDcVV3O"
API_KEY = base64.b64encode(b"id:key-of-tests").decode()
"""As Elasticsearch encodes a key: its id, a colon and the key."""
SETTINGS = {
    "xpack.security.enabled": "true",
    "xpack.security.http.ssl.enabled": "true",
    "xpack.security.http.ssl.key": "node.key",
    "xpack.security.http.ssl.certificate": "node.crt",
}


def secure_node(authority: Authority, role: str = "superuser") -> EmbeddedElasticsearch:
    """A node that wants TLS and a login."""
    files = {
        "node.key": authority.key(NODE).read_bytes(),
        "node.crt": authority.certificate(NODE).read_bytes(),
        "users": f"{USER}:{_HASH}\nreader:{_HASH}\n".encode(),
        "users_roles": f"{role}:{USER}\nviewer:reader\n".encode(),
        "roles.yml": b"viewer:\n  cluster: [monitor]\n",
    }
    hosts = {"http.host": f"{LOOPBACK},{authority.address}"}
    return EmbeddedElasticsearch(settings=SETTINGS | hosts, files=files)


class ApiKeyGate:
    """The stand-in for API keys, with TLS, in front of a node.

    Attributes:
        url: its address.
    """

    def __init__(self, port: int, authority: Authority) -> None:
        """``port`` is the node's."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(authority.certificate(NODE), authority.key(NODE))
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(port))
        self._server.daemon_threads = True
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.url = f"https://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> "ApiKeyGate":
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


def _handler(port: int) -> type[BaseHTTPRequestHandler]:
    trusting = ssl._create_unverified_context()
    login = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if self.headers.get("Authorization") != f"ApiKey {API_KEY}":
                error = {"type": "security_exception", "reason": "unable to authenticate with provided credentials"}
                self._answer(401, [("Content-Type", "application/json")], json.dumps({"error": error}).encode())
                return
            kept = {name: self.headers[name] for name in ("Content-Type", "Accept") if name in self.headers}
            node = http.client.HTTPSConnection("127.0.0.1", port, context=trusting)
            node.request(self.command, self.path, body, {**kept, "Authorization": login})
            answer = node.getresponse()
            told = [
                (name, answer.headers[name]) for name in ("Content-Type", "X-elastic-product") if name in answer.headers
            ]
            self._answer(answer.status, told, answer.read())
            node.close()

        do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _pass_on  # noqa: N815

        def _answer(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
            self.send_response(status)
            for name, value in headers:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def log_message(self, *arguments: object) -> None:
            pass

    return Handler
