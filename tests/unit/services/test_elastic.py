"""Connection, credentials and what errors say."""

from pathlib import Path

import pytest
from elastic_transport import ConnectionError as NoConnection
from elastic_transport import TlsError

from fraud_api.base import SecretRef
from fraud_services.elastic import connect
from fraud_services.errors import ServiceError
from fraud_services.indices.verdicts import Reason, verdict_of
from fraud_services.secret_files import read_secret


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        ("https://e", "e", 443),
        ("http://e", "e", 80),
        ("http://e:9200/x", "e", 9200),
        ("http://[::1]:9200", "::1", 9200),
    ],
)
def test_addresses(url: str, host: str, port: int):
    (node,) = connect(url, {}).transport.node_pool.all()
    assert (node.host.strip("[]"), node.port) == (host, port)


@pytest.mark.parametrize(
    ("secret", "header"),
    [
        ({"apiKey": "a2V5"}, "ApiKey a2V5"),
        ({"username": "u", "password": "p"}, "Basic dTpw"),
        ({"ca.crt": "x"}, None),
        ({}, None),
    ],
)
def test_logins(secret: dict[str, str], header: str | None):
    assert connect("http://e", secret)._headers.get("authorization") == header


@pytest.mark.parametrize("secret", [{"username": "u"}, {"token": "t"}])
def test_a_secret_that_is_no_login_is_told(secret: dict[str, str]):
    with pytest.raises(ServiceError, match="needs apiKey, or username and password"):
        connect("http://e", secret)


def test_a_certificate_that_is_none_is_told():
    with pytest.raises(ServiceError, match=r"ca\.crt"):
        connect("https://e", {"ca.crt": "secret"})


def test_secrets_are_files(tmp_path: Path):
    (tmp_path / "es").mkdir()
    (tmp_path / "es" / "apiKey").write_text("a2V5\n")
    (tmp_path / "es" / "..data").mkdir()
    assert read_secret(tmp_path, SecretRef(name="es")) == {"apiKey": "a2V5"}
    assert read_secret(None, None) == {}


def test_a_missing_secret_is_told(tmp_path: Path):
    with pytest.raises(ServiceError, match="secret 'es' can't be read"):
        read_secret(tmp_path, SecretRef(name="es"))
    with pytest.raises(ServiceError, match="--secrets-dir"):
        read_secret(None, SecretRef(name="es"))


@pytest.mark.parametrize(
    ("error", "reason"), [(NoConnection("refused"), Reason.NO_ANSWER), (TlsError("self-signed"), Reason.NOT_TRUSTED)]
)
def test_errors_of_the_line(error: Exception, reason: Reason):
    assert verdict_of(error, "http://e").reason is reason


def test_other_errors_are_not_hidden():
    with pytest.raises(KeyError):
        verdict_of(KeyError("x"), "http://e")
