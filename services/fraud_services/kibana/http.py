"""Requests to Kibana, and what its answers mean before their bodies are looked at."""

import json
import ssl
from dataclasses import dataclass
from typing import Any

import urllib3

from fraud_services.errors import ServiceError
from fraud_services.kibana.credentials import Credentials

_CONNECT_SECONDS, _READ_SECONDS = 5.0, 60.0
_UNAUTHORIZED = (401, 403)
_NOT_NOW = (408, 429)
_MOST_SAID = 300


class KibanaError(Exception):
    """Kibana did not do what was asked; the message is one line for people."""


class Unavailable(KibanaError):
    """It does not answer, or not yet: time may help."""


class NotTrusted(KibanaError):
    """Its certificate is not from the authority that is trusted: time does not help."""


class Unauthorized(KibanaError):
    """The credentials are wrong or may not do this."""


class Refused(KibanaError):
    """It does not accept what was sent, or is no Kibana: time does not help."""

    def __init__(self, message: str, status: int = 200, body: Any = None) -> None:
        """Keep the answer for those who know more about it."""
        super().__init__(message)
        self.status = status
        self.body = body


@dataclass(frozen=True)
class Answer:
    """A body of a success, read as JSON where it is asked for."""

    data: bytes

    def json(self) -> Any:
        """The body. Raises Refused when it is not JSON: a proxy's login page, say."""
        try:
            return json.loads(self.data)
        except ValueError:
            raise Refused("the answer is not JSON: is there a Kibana at this address?") from None

    def lines(self) -> list[Any]:
        """The body's lines. Raises Refused when one is not JSON."""
        return [Answer(line).json() for line in self.data.splitlines() if line.strip()]


class Http:
    """Requests to the Kibana at an address, within one space."""

    def __init__(self, url: str, space: str, credentials: Credentials, seconds: float = _READ_SECONDS) -> None:
        """Connect to nothing yet; an answer may take ``seconds``.

        Raises ServiceError when the certificate authority is none.
        """
        self._url = url.rstrip("/")
        self._prefix = "" if space == "default" else f"/s/{space}"
        headers = {"kbn-xsrf": "true", "accept": "*/*"}
        if credentials.authorization is not None:
            headers["authorization"] = credentials.authorization
        self._pool = urllib3.PoolManager(
            headers=headers,
            ssl_context=_trust(credentials) if url.startswith("https:") else None,
            timeout=urllib3.Timeout(connect=_CONNECT_SECONDS, read=seconds),
            retries=False,
        )

    def ask(self, method: str, path: str, body: Any = None, in_space: bool = True) -> Answer:
        """Send JSON and read the answer.

        Raises:
            Unavailable: no answer, or one that says to try later.
            NotTrusted: its certificate is none that is trusted.
            Unauthorized: 401 or 403.
            Refused: any other answer that is no success.
        """
        data = None if body is None else json.dumps(body).encode()
        headers = {} if data is None else {"content-type": "application/json"}
        return self._send(method, path, in_space, body=data, headers=headers)

    def upload(self, path: str, name: str, content: bytes) -> Answer:
        """Send a file called ``name`` as a form. Raises as ``ask`` does."""
        data, kind = urllib3.encode_multipart_formdata({"file": (name, content, "application/ndjson")})
        return self._send("POST", path, True, body=data, headers={"content-type": kind})

    def _send(self, method: str, path: str, in_space: bool, *, body: bytes | None, headers: dict[str, str]) -> Answer:
        url = f"{self._url}{self._prefix if in_space else ''}{path}"
        try:
            found = self._pool.request(method, url, body=body, headers=dict(self._pool.headers) | headers)
        except urllib3.exceptions.SSLError as error:
            raise NotTrusted(f"{self._url} can't be trusted: {_cause(error)}") from None
        except urllib3.exceptions.HTTPError as error:
            raise Unavailable(f"no answer from {self._url}: {_cause(error)}") from None
        if 200 <= found.status < 300:
            return Answer(found.data)
        raise _failure(found.status, found.data, f"{method} {path}")


def _trust(credentials: Credentials) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cadata=credentials.authority)
    except (ssl.SSLError, ValueError):
        raise ServiceError("ca.crt in Kibana's secret is not a certificate in PEM form") from None


def _failure(status: int, data: bytes, asked: str) -> KibanaError:
    body = _parsed(data)
    said = body.get("message") if isinstance(body, dict) else data.decode(errors="replace")
    message = f"{asked} was answered {status}: {' '.join(str(said).split())[:_MOST_SAID]}"
    if status in _UNAUTHORIZED:
        return Unauthorized(message)
    if status >= 500 or status in _NOT_NOW:
        return Unavailable(message)
    return Refused(message, status, body)


def _parsed(data: bytes) -> Any:
    try:
        return json.loads(data)
    except ValueError:
        return None


def _cause(error: urllib3.exceptions.HTTPError) -> str:
    """The reason without the objects' addresses that urllib3 puts in front of it."""
    return " ".join(str(getattr(error, "reason", None) or error).rsplit(">: ", 1)[-1].rsplit("): ", 1)[-1].split())
