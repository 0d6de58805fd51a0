"""What Kafka clients are told of secured brokers, and what is wrong with a Secret."""

from pathlib import Path

import pytest

from fraud_api.base import SecretRef
from fraud_api.kafka_clients import Credentials, SecretError, java, kafka_python, librdkafka
from fraud_api.secret_files import kafka_credentials
from fraud_api.streams import KafkaSecurity, SecurityProtocol

LOGIN = {"username": "ann\n", "password": 'p"4\\ss\r\n'}
TRUST = {"ca.crt": "CA"}
OWN = {"user.crt": "CERT", "user.key": "KEY"}
REFERENCED = "config.providers.secret"


def security(protocol: str, secret: str | None = "login") -> KafkaSecurity:
    return KafkaSecurity(protocol=SecurityProtocol(protocol), secret_ref=SecretRef(name=secret) if secret else None)


def write(directory: Path, values: dict[str, str]) -> Path:
    (directory / "login").mkdir()
    for key, value in values.items():
        (directory / "login" / key).write_bytes(value.encode())
    return directory


def read(protocol: str, directory: Path, values: dict[str, str]) -> Credentials | None:
    return kafka_credentials(security(protocol), write(directory, values))


def test_an_open_broker_needs_nothing(tmp_path: Path) -> None:
    for wanted in (security("PLAINTEXT"), security("SSL", None)):
        assert kafka_credentials(wanted, None) is None
    assert librdkafka(security("PLAINTEXT"), None) == kafka_python(security("PLAINTEXT"), None) == {}
    assert java(security("PLAINTEXT"), None) == {}
    assert librdkafka(security("SSL", None), None) == {"security.protocol": "SSL"}
    assert java(security("SSL", None), None) == {"security.protocol": "SSL"}


def test_a_login(tmp_path: Path) -> None:
    found = read("SASL_PLAINTEXT", tmp_path, LOGIN | TRUST)
    wanted = security("SASL_PLAINTEXT")
    assert librdkafka(wanted, found) == {
        "security.protocol": "SASL_PLAINTEXT",
        "sasl.mechanism": "PLAIN",
        "sasl.username": "ann",
        "sasl.password": 'p"4\\ss',
    }
    assert kafka_python(wanted, found) == {
        "security_protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": "PLAIN",
        "sasl_plain_username": "ann",
        "sasl_plain_password": 'p"4\\ss',
    }


def test_a_login_over_tls(tmp_path: Path) -> None:
    found = read("SASL_SSL", tmp_path, LOGIN | TRUST | {"sasl.mechanism": "SCRAM-SHA-512\n"})
    told = librdkafka(security("SASL_SSL"), found)
    assert (told["sasl.mechanism"], told["ssl.ca.location"]) == ("SCRAM-SHA-512", str(tmp_path / "login/ca.crt"))
    assert "ssl.key.location" not in told
    assert "ScramLoginModule" in java(security("SASL_SSL"), found)["sasl.jaas.config"]


def test_a_certificate_of_ones_own(tmp_path: Path) -> None:
    found = read("SSL", tmp_path, TRUST | OWN)
    folder = tmp_path / "login"
    assert librdkafka(security("SSL"), found) == {
        "security.protocol": "SSL",
        "ssl.ca.location": f"{folder}/ca.crt",
        "ssl.certificate.location": f"{folder}/user.crt",
        "ssl.key.location": f"{folder}/user.key",
    }
    assert kafka_python(security("SSL"), found) == {
        "security_protocol": "SSL",
        "ssl_cafile": f"{folder}/ca.crt",
        "ssl_certfile": f"{folder}/user.crt",
        "ssl_keyfile": f"{folder}/user.key",
    }


def test_flink_gets_references_only(tmp_path: Path) -> None:
    found = read("SASL_SSL", tmp_path, LOGIN | TRUST | OWN)
    told = java(security("SASL_SSL"), found)
    assert told[f"{REFERENCED}.param.directory"] == str(tmp_path / "login")
    assert 'password="${secret:quoted:password}"' in told["sasl.jaas.config"]
    assert told["ssl.keystore.key"] == "${secret:plain:user.key}"
    assert not [value for value in told.values() if "ann" in value or "4\\ss" in value or value in ("CA", "KEY")]


def test_what_is_secret_is_not_shown(tmp_path: Path) -> None:
    assert "4\\ss" not in repr(read("SASL_SSL", tmp_path, LOGIN))


@pytest.mark.parametrize(
    ("protocol", "values", "said"),
    [
        ("SASL_SSL", {"username": "u"}, "there is no file {folder}/password; write the login's password into it"),
        ("SASL_SSL", {"password": "p"}, "there is no file {folder}/username"),
        ("SASL_SSL", LOGIN | {"password": "\n"}, "{folder}/password is empty"),
        ("SASL_SSL", LOGIN | {"sasl.mechanism": "GSSAPI"}, "{folder}/sasl.mechanism names a mechanism"),
        ("SASL_SSL", LOGIN | {"user.crt": "c"}, "there is no file {folder}/user.key"),
        ("SSL", {"user.key": "k"}, "there is no file {folder}/user.crt"),
        ("SSL", {}, "there is no file {folder}/ca.crt"),
        ("SSL", TRUST | OWN | {"user.key": "-----BEGIN RSA PRIVATE KEY-----"}, "openssl pkcs8 -topk8"),
    ],
)
def test_a_secret_that_lacks_something(tmp_path: Path, protocol: str, values: dict[str, str], said: str) -> None:
    with pytest.raises(SecretError) as error:
        read(protocol, tmp_path, values)
    assert str(error.value).startswith("spec.kafka.security.secretRef: ")
    assert said.format(folder=tmp_path / "login") in str(error.value)


def test_no_secrets(tmp_path: Path) -> None:
    with pytest.raises(SecretError, match="give --secrets-dir DIR with its keys as files in DIR/login"):
        kafka_credentials(security("SASL_SSL"), None)
    with pytest.raises(SecretError, match=f"there is no directory {tmp_path}/login"):
        kafka_credentials(security("SASL_SSL"), tmp_path)


def test_a_file_that_is_none(tmp_path: Path) -> None:
    write(tmp_path, {"username": "u"})
    (tmp_path / "login" / "password").mkdir()
    with pytest.raises(SecretError, match=r"cannot read .*/login/password \(Is a directory\)"):
        kafka_credentials(security("SASL_SSL"), tmp_path)


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    write(tmp_path, {"username": "u"})
    (tmp_path / "login" / "password").write_bytes(b"canary\xff")
    with pytest.raises(SecretError, match="/login/password is not UTF-8 text") as error:
        kafka_credentials(security("SASL_SSL"), tmp_path)
    assert "canary" not in str(error.value)
