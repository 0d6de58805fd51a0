"""Secrets become a header, and never a message."""

import base64

import pytest

from fraud_services.errors import ServiceError
from fraud_services.kibana.credentials import Credentials, credentials
from fraud_services.kibana.http import Http


def test_without_a_secret() -> None:
    assert credentials({}) == Credentials()


def test_an_authority_alone() -> None:
    assert credentials({"ca.crt": "PEM"}) == Credentials(None, "PEM")


def test_an_api_key() -> None:
    assert credentials({"apiKey": "abc==", "ca.crt": "PEM"}) == Credentials("ApiKey abc==", "PEM")


def test_a_password_of_any_letters() -> None:
    found = credentials({"username": "elastic", "password": " pä:ß "})
    assert found.authorization
    assert base64.b64decode(found.authorization.removeprefix("Basic ")).decode() == "elastic: pä:ß "


def test_it_is_not_shown() -> None:
    assert "s3cret" not in repr(credentials({"apiKey": "s3cret"}))


@pytest.mark.parametrize(
    ("secret", "said"),
    [
        ({"username": "u"}, "needs apiKey, or username and password"),
        ({"password": "s3cret"}, "needs apiKey, or username and password"),
        ({"token": "s3cret"}, "holds token"),
        ({"apiKey": "s3cret\nx-evil: 1"}, "is no API key"),
        ({"apiKey": "s3crét"}, "is no API key"),
        ({"apiKey": ""}, "is no API key"),
    ],
)
def test_a_secret_that_does_not_do(secret: dict[str, str], said: str) -> None:
    with pytest.raises(ServiceError, match=said) as caught:
        credentials(secret)
    assert "s3cr" not in str(caught.value)


def test_an_authority_that_is_none() -> None:
    with pytest.raises(ServiceError, match=r"ca\.crt"):
        Http("https://kibana:5601", "default", Credentials(None, "not a certificate"))
