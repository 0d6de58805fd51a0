"""Secrets become a header, and never a message."""

import base64
from pathlib import Path

import pytest

from fraud_api.backends import Kibana
from fraud_services.kibana.credentials import Credentials, CredentialsError, read_credentials
from fraud_services.kibana.http import Http, Refused

SECURED = Kibana.model_validate({"url": "https://kibana:5601", "secretRef": {"name": "kibana-login"}})


def secret(directory: Path, **keys: str) -> Path:
    place = directory / "kibana-login"
    place.mkdir()
    for name, value in keys.items():
        (place / name.replace("_", ".")).write_text(value)
    return directory


def test_without_a_secret() -> None:
    assert read_credentials(Kibana.model_validate({"url": "http://kibana:5601"}), None) == Credentials()


def test_an_api_key(tmp_path: Path) -> None:
    found = read_credentials(SECURED, secret(tmp_path, apiKey="abc==\n", ca_crt="PEM"))
    assert found == Credentials("ApiKey abc==", "PEM")


def test_a_password_of_any_letters(tmp_path: Path) -> None:
    found = read_credentials(SECURED, secret(tmp_path, username="elastic", password=" pä:ß \n"))
    assert found.authorization
    assert base64.b64decode(found.authorization.removeprefix("Basic ")).decode() == "elastic: pä:ß "


def test_it_is_not_shown(tmp_path: Path) -> None:
    assert "s3cret" not in repr(read_credentials(SECURED, secret(tmp_path, apiKey="s3cret")))


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({}, "needs apiKey, or username and password"),
        ({"username": "u"}, "needs apiKey, or username and password"),
        ({"password": "s3cret"}, "needs apiKey, or username and password"),
        ({"apiKey": "s3cret\nx-evil: 1"}, "is no API key"),
        ({"apiKey": "s3crét"}, "is no API key"),
    ],
)
def test_a_secret_that_does_not_do(tmp_path: Path, keys: dict[str, str], said: str) -> None:
    with pytest.raises(CredentialsError, match=said) as caught:
        read_credentials(SECURED, secret(tmp_path, **keys))
    assert "s3cr" not in str(caught.value)


def test_no_secret(tmp_path: Path) -> None:
    with pytest.raises(CredentialsError, match="'kibana-login' is not there"):
        read_credentials(SECURED, tmp_path)
    with pytest.raises(CredentialsError, match="no secrets directory"):
        read_credentials(SECURED, None)


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    (secret(tmp_path) / "kibana-login" / "apiKey").write_bytes(b"\xff\xfe")
    with pytest.raises(CredentialsError, match="can't read"):
        read_credentials(SECURED, tmp_path)


def test_an_authority_that_is_none() -> None:
    with pytest.raises(Refused, match=r"ca\.crt"):
        Http("https://kibana:5601", "default", Credentials(None, "not a certificate"))
