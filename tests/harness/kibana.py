"""A stand-in for Kibana, where none can run: a server that keeps to the contract of Kibana's saved objects API.

It refuses what Kibana refuses (a missing kbn-xsrf header, another file name, lines that are no JSON, objects written
by a newer version, attributes that their type does not have, references to nothing) and answers in Kibana's words. It
draws nothing: whether a dashboard looks right only a real one can tell (.github/workflows/kibana.yml).
"""

import json
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

from harness.kibana_schema import attribute_problems

Key = tuple[str, str]

KNOWN = {"index-pattern": "8.0.0", "search": "10.5.0", "dashboard": "10.3.0"}
"""The newest version of each type that Kibana 8.19 knows."""
CORE = "8.8.0"
VALIDATED_REFERENCES = ("index-pattern", "search")
"""The types whose absence fails an import."""


class Answered(Exception):
    """An answer that is no success."""

    def __init__(self, status: int, message: str, attributes: Any = None) -> None:
        super().__init__(message)
        self.status = status
        self.attributes = attributes


@dataclass
class StandIn:
    """What the stand-in holds, and how it is to behave.

    Attributes:
        spaces: saved objects by space.
        authorization: the header that it wants, None for no security.
        starting: so many requests more are answered as by a Kibana that starts.
        version: of the Kibana that it stands in for.
        scripted: answers by path that are given instead of its own: status, content type, body.
        requests: method and path of what was asked.
    """

    url: str = ""
    spaces: dict[str, dict[Key, dict[str, Any]]] = field(default_factory=lambda: {"default": {}})
    authorization: str | None = None
    starting: int = 0
    version: str = "8.19.21"
    scripted: dict[str, tuple[int, str, bytes]] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)

    def ids(self, space: str = "default") -> set[str]:
        """The ids of everything in a space."""
        return {identity for _, identity in self.spaces[space]}

    def count(self, request: str) -> int:
        """How often something was asked, as ``POST /api/saved_objects/_import``."""
        return sum(one == request for one in self.requests)


@contextmanager
def running(tls: ssl.SSLContext | None = None, host: str = "127.0.0.1") -> Iterator[StandIn]:
    """A stand-in on a port of its own."""
    held = StandIn()
    server = ThreadingHTTPServer((host, 0), type("Handler", (_Handler,), {"held": held}))
    held.url = f"{'https' if tls else 'http'}://{host}:{server.server_port}"
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield held
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    held: StandIn
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one packet, or every answer waits for an acknowledgement

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def do_DELETE(self) -> None:
        self._answer()

    def log_message(self, *_: Any) -> None:
        """Be quiet."""

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        space, path = _space(urlsplit(self.path).path)
        self.held.requests.append(f"{self.command} {path}")
        if path in self.held.scripted:
            self._write(*self.held.scripted[path])
            return
        try:
            self._refuse_strangers(space, path)
            status, kind, content = 200, "application/json", self._handle(space, path, body)
        except Answered as answer:
            status, kind, content = answer.status, "application/json", _boom(answer)
        self._write(status, kind, content)

    def _refuse_strangers(self, space: str, path: str) -> None:
        held = self.held
        if held.starting > 0:
            held.starting -= 1
            raise Answered(503, "Kibana server is not ready yet")
        if held.authorization and self.headers.get("authorization") != held.authorization:
            raise Answered(401, "[security_exception]: unable to authenticate user for REST request")
        if self.command != "GET" and not self.headers.get("kbn-xsrf"):
            raise Answered(400, "Request must contain a kbn-xsrf header.")
        if space not in held.spaces and path != "/api/status":
            raise Answered(404, f"Saved object [space/{space}] not found")

    def _handle(self, space: str, path: str, body: bytes) -> bytes:
        objects = self.held.spaces.get(space, {})
        asked = f"{self.command} {path}"
        if asked == "GET /api/status":
            told = {"status": {"overall": {"level": "available"}}, "version": {"number": self.held.version}}
            return json.dumps(told).encode()
        if asked == "GET /api/data_views":
            views = [
                {"id": i, "title": one["attributes"]["title"]} for (kind, i), one in objects.items() if kind == VIEW
            ]
            return json.dumps({"data_view": views}).encode()
        if asked == "POST /api/saved_objects/_import":
            query = parse_qs(urlsplit(self.path).query)
            return json.dumps(self._import(space, body, query.get("overwrite") == ["true"])).encode()
        if asked == "POST /api/saved_objects/_export":
            return "\n".join(json.dumps(one) for one in _export(objects, json.loads(body))).encode()
        if self.command == "DELETE":
            return self._delete(objects, path)
        raise Answered(404, "Not Found")

    def _import(self, space: str, body: bytes, overwrite: bool) -> dict[str, Any]:
        objects = _parse(_file(self.headers.get("content-type", ""), body))
        keys = [(one.get("type"), one.get("id")) for one in objects]
        if len(set(keys)) < len(keys):
            raise Answered(400, "Non-unique import objects detected")
        errors = [_failure(one, "unsupported_type") for one in objects if one["type"] not in KNOWN]
        objects = [one for one in objects if one["type"] in KNOWN]
        for one in objects:
            _refuse_newer(one)
        known = {*self.held.spaces[space], *((one["type"], one["id"]) for one in objects)}
        errors += [error for one in objects for error in _errors(one, known)]
        if not overwrite:
            there = self.held.spaces[space]
            errors += [_failure(one, "conflict") for one in objects if (one["type"], one["id"]) in there]
        if errors:  # nothing at all is created as long as an object can't be
            return {"success": False, "successCount": 0, "errors": errors, "warnings": []}
        made = [self._create(space, one) for one in objects]
        return {"success": True, "successCount": len(made), "successResults": made, "warnings": []}

    def _create(self, space: str, one: dict[str, Any]) -> dict[str, Any]:
        """Keep it as a Kibana does: with times and versions of its own, and under another id where this is taken."""
        key = (one["type"], one["id"])
        taken = any(key in objects for name, objects in self.held.spaces.items() if name != space)
        identity = f"another-{one['id']}" if taken else one["id"]
        kept = json.loads(json.dumps(one))
        attributes = kept["attributes"]
        if "panelsJSON" in attributes:  # written again, with other spaces in it
            attributes["panelsJSON"] = json.dumps(json.loads(attributes["panelsJSON"]))
            attributes.setdefault("controlGroupInput", {"chainingSystem": "HIERARCHICAL"})
        kept |= {"id": identity, "updated_at": "2024-01-01T00:00:00.000Z", "version": "WzEsMV0="}
        kept["typeMigrationVersion"] = KNOWN[one["type"]]
        self.held.spaces[space][one["type"], identity] = kept
        result = {"type": one["type"], "id": one["id"], "meta": {"title": attributes.get("title")}, "managed": True}
        return result | ({"destinationId": identity} if taken else {})

    def _delete(self, objects: dict[Key, Any], path: str) -> bytes:
        found = re.fullmatch(r"/api/(?:saved_objects/(\w+)|data_views/(data_view)|(dashboards))/([^/]+)", path)
        newer = tuple(map(int, self.held.version.split(".")[:2])) >= (9, 4)
        if found is None or (found[3] and not newer):
            raise Answered(404, "Not Found")
        key = (found[1] or (VIEW if found[2] else "dashboard"), found[4])
        if objects.pop(key, None) is None:
            raise Answered(404, f"Saved object [{key[0]}/{key[1]}] not found")
        return b"{}"

    def _write(self, status: int, kind: str, content: bytes) -> None:
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


VIEW = "index-pattern"


def _space(path: str) -> tuple[str, str]:
    found = re.fullmatch(r"/s/([^/]+)(/.*)", path)
    return (found[1], found[2]) if found else ("default", path)


def _boom(answer: Answered) -> bytes:
    names = {400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 422: "Unprocessable Entity"}
    body = {"statusCode": answer.status, "error": names.get(answer.status, "Error"), "message": str(answer)}
    if answer.attributes is not None:
        body["attributes"] = answer.attributes
    return json.dumps(body).encode()


def _file(content_type: str, body: bytes) -> bytes:
    if not content_type.startswith("multipart/form-data"):
        raise Answered(415, "Unsupported Media Type")
    form = BytesParser().parsebytes(b"content-type: " + content_type.encode() + b"\r\n\r\n" + body)
    parts = form.get_payload()
    part = next((one for one in parts if _named(one, "file")), None) if isinstance(parts, list) else None
    if part is None:
        raise Answered(400, "[request body.file]: expected value of type [Stream] but got [undefined]")
    extension = re.search(r"\.[^.]*$", part.get_filename() or "")
    if extension is None or extension[0].lower() != ".ndjson":
        raise Answered(400, f"Invalid file extension {extension[0] if extension else ''}")
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    return content


def _named(part: Any, name: str) -> bool:
    return isinstance(part, Message) and part.get_param("name", header="content-disposition") == name


def _parse(content: bytes) -> list[dict[str, Any]]:
    try:
        return [json.loads(line) for line in content.decode().split("\n") if line.strip()]
    except ValueError as error:
        raise Answered(400, f"Unexpected token in JSON: {error}") from None


def _refuse_newer(one: dict[str, Any]) -> None:
    told = {"typeMigrationVersion": KNOWN[one["type"]], "coreMigrationVersion": CORE}
    for name, known in told.items():
        if _number(one.get(name, "0")) > _number(known):
            message = f'Document "{one["id"]}" belongs to a more recent version of Kibana [{one[name]}]'
            raise Answered(422, f"{message} when the last known version is [{known}].")


def _number(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def _errors(one: dict[str, Any], known: set[Key]) -> Iterator[dict[str, Any]]:
    wrong = attribute_problems(one["type"], one["attributes"])
    if wrong:
        yield _failure(one, "unknown", message=f"[attributes]: {wrong[0]}: Bad Request", statusCode=400)
    missing = [
        {"type": ref["type"], "id": ref["id"]}
        for ref in one.get("references", [])
        if ref["type"] in VALIDATED_REFERENCES and (ref["type"], ref["id"]) not in known
    ]
    if missing:
        yield _failure(one, "missing_references", references=missing)


def _failure(one: dict[str, Any], kind: str, **more: Any) -> dict[str, Any]:
    title = one.get("attributes", {}).get("title")
    return {"type": one["type"], "id": one["id"], "meta": {"title": title}, "error": {"type": kind, **more}}


def _export(objects: dict[Key, dict[str, Any]], asked: dict[str, Any]) -> list[dict[str, Any]]:
    if "objects" in asked:
        keys = [(one["type"], one["id"]) for one in asked["objects"]]
        missing = [{"type": kind, "id": identity} for kind, identity in keys if (kind, identity) not in objects]
        if missing:
            raise Answered(400, "Error fetching objects to export", {"objects": missing})
        return [objects[key] for key in keys]
    wanted = {(one["type"], one["id"]) for one in asked["hasReference"]}
    return [
        one
        for (kind, _), one in objects.items()
        if kind in asked["type"] and any((ref["type"], ref["id"]) in wanted for ref in one["references"])
    ]
