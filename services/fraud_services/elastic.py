"""Elasticsearch as a client: the connection and its credentials."""

import ssl
from collections.abc import Mapping

from elasticsearch import Elasticsearch

from fraud_services.errors import ServiceError

_REQUEST_SECONDS = 60.0


def connect(url: str, secret: Mapping[str, str], connections: int = 4) -> Elasticsearch:
    """A client that tells of every failure at once; nothing is asked yet.

    Args:
        url: the address.
        secret: ``apiKey``, or ``username`` and ``password``, and optionally ``ca.crt``.
        connections: how many requests may run at the same time.

    Raises:
        ServiceError: the secret holds something else, or the certificate is none.
    """
    arguments: dict[str, object] = {}
    if url.startswith("https:") and "ca.crt" in secret:
        arguments["ssl_context"] = _trusting(secret["ca.crt"])
    return Elasticsearch(
        [_with_port(url)],
        max_retries=0,
        retry_on_timeout=False,
        request_timeout=_REQUEST_SECONDS,
        connections_per_node=connections,
        **_login(secret),  # type: ignore[arg-type]
        **arguments,  # type: ignore[arg-type]
    )


def _login(secret: Mapping[str, str]) -> dict[str, object]:
    if "apiKey" in secret:
        return {"api_key": secret["apiKey"]}
    if "username" in secret and "password" in secret:
        return {"basic_auth": (secret["username"], secret["password"])}
    if secret.keys() - {"ca.crt"}:
        found = ", ".join(sorted(secret))
        raise ServiceError(f"Elasticsearch's secret holds {found}", "it needs apiKey, or username and password")
    return {}


def _trusting(certificate: str) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cadata=certificate)
    except (ssl.SSLError, ValueError):
        raise ServiceError("ca.crt in Elasticsearch's secret is not a certificate in PEM form") from None


def _with_port(url: str) -> str:
    """The client wants a port where browsers do without."""
    scheme, _, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    if ":" not in host.rpartition("]")[2]:
        host += ":443" if scheme == "https" else ":80"
    return f"{scheme}://{host}{slash}{path}"
