"""What Kafka clients of every make are told of a detector's security. Pure; what is secret stays out of sight."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from fraud_api.streams import KafkaSecurity

USERNAME = "username"
PASSWORD = "password"  # noqa: S105  # the key's name, not what it holds
MECHANISM = "sasl.mechanism"
CA = "ca.crt"
CERTIFICATE = "user.crt"
KEY = "user.key"
KEYS = (USERNAME, PASSWORD, MECHANISM, CA, CERTIFICATE, KEY)
"""The keys of ``spec.kafka.security.secretRef`` that clients look for."""

PROVIDER = "io.frauddetector.flink.SecretFiles"
_CLIENTS = "org.apache.flink.kafka.shaded.org.apache.kafka"
_MODULES = {
    "PLAIN": f"{_CLIENTS}.common.security.plain.PlainLoginModule",
    "SCRAM-SHA-256": f"{_CLIENTS}.common.security.scram.ScramLoginModule",
    "SCRAM-SHA-512": f"{_CLIENTS}.common.security.scram.ScramLoginModule",
}
_PKCS1 = "-----BEGIN RSA PRIVATE KEY-----"
PLACE = "spec.kafka.security.secretRef"
_MEANINGS = {
    USERNAME: "the login's name",
    PASSWORD: "the login's password",
    CA: "the certificate authority's certificate (PEM)",
    CERTIFICATE: "the client's certificate (PEM)",
    KEY: "the client's private key (PEM, PKCS #8)",
}


class SecretError(ValueError):
    """A Secret that can't be used as a detector wants it; the text says what, where and what to do."""


@dataclass(frozen=True)
class Credentials:
    """A Secret's files, as far as Kafka clients need them.

    Attributes:
        directory: the Secret's own, with a file for each key.
        files: the text of each key there is; shown by nothing.
    """

    directory: str
    files: Mapping[str, str] = field(repr=False)

    def path(self, key: str) -> str:
        """The file of a key."""
        return f"{self.directory}/{key}"

    def line(self, key: str) -> str:
        """The text of a key that is one line; what an editor or ``echo`` put at its end is not of it."""
        return self.files[key].rstrip("\r\n")

    @property
    def mechanism(self) -> str:
        """SASL mechanism; PLAIN where the Secret says nothing."""
        return self.line(MECHANISM).strip() if MECHANISM in self.files else "PLAIN"


def needs_secret(security: KafkaSecurity) -> bool:
    """Whether clients need the Secret at all."""
    return security.secret_ref is not None and security.protocol.value != "PLAINTEXT"


def check(security: KafkaSecurity, credentials: Credentials | None) -> None:
    """Raise SecretError for a Secret that lacks what the protocol needs."""
    if credentials is None:
        return
    sasl = security.protocol.value.startswith("SASL")
    wanted = [USERNAME, PASSWORD] if sasl else []
    if (CERTIFICATE in credentials.files) != (KEY in credentials.files):
        wanted += [CERTIFICATE, KEY]
    for key in wanted:
        if key not in credentials.files:
            raise _missing(credentials, key)
        if not credentials.files[key].strip():
            raise SecretError(f"{PLACE}: {credentials.path(key)} is empty; write {_MEANINGS[key]} into it")
    if sasl and credentials.mechanism not in _MODULES:
        raise SecretError(
            f"{PLACE}: {credentials.path(MECHANISM)} names a mechanism that is not known; "
            f"write {', '.join(_MODULES)} into it"
        )
    if not sasl and not {CA, CERTIFICATE} & credentials.files.keys():
        raise _missing(credentials, CA)
    if _PKCS1 in credentials.files.get(KEY, ""):
        raise SecretError(
            f"{PLACE}: {credentials.path(KEY)} is not a PKCS #8 key, which Kafka's clients want; "
            "make it one with: openssl pkcs8 -topk8 -nocrypt"
        )


def _missing(credentials: Credentials, key: str) -> SecretError:
    return SecretError(f"{PLACE}: there is no file {credentials.path(key)}; write {_MEANINGS[key]} into it")


def librdkafka(security: KafkaSecurity, credentials: Credentials | None) -> dict[str, str]:
    """Properties of confluent-kafka's clients. They hold the password: never to be printed."""
    if security.protocol.value == "PLAINTEXT":
        return {}
    found = {"security.protocol": security.protocol.value}
    if credentials is None:
        return found
    if security.protocol.value.startswith("SASL"):
        found |= {
            "sasl.mechanism": credentials.mechanism,
            "sasl.username": credentials.line(USERNAME),
            "sasl.password": credentials.line(PASSWORD),
        }
    return found | _paths(security, credentials, "ssl.ca.location", "ssl.certificate.location", "ssl.key.location")


def kafka_python(security: KafkaSecurity, credentials: Credentials | None) -> dict[str, str]:
    """Keyword arguments of kafka-python's clients. They hold the password: never to be printed."""
    if security.protocol.value == "PLAINTEXT":
        return {}
    found = {"security_protocol": security.protocol.value}
    if credentials is None:
        return found
    if security.protocol.value.startswith("SASL"):
        found |= {
            "sasl_mechanism": credentials.mechanism,
            "sasl_plain_username": credentials.line(USERNAME),
            "sasl_plain_password": credentials.line(PASSWORD),
        }
    return found | _paths(security, credentials, "ssl_cafile", "ssl_certfile", "ssl_keyfile")


def _paths(security: KafkaSecurity, credentials: Credentials, ca: str, certificate: str, key: str) -> dict[str, str]:
    if not security.protocol.value.endswith("SSL"):
        return {}
    names = {CA: ca, CERTIFICATE: certificate, KEY: key}
    return {name: credentials.path(file) for file, name in names.items() if file in credentials.files}


def java(security: KafkaSecurity, credentials: Credentials | None) -> dict[str, str]:
    """Properties of the clients inside Flink's connector: references that the clients resolve, no values."""
    if security.protocol.value == "PLAINTEXT":
        return {}
    found = {"security.protocol": security.protocol.value}
    if credentials is None:
        return found
    found |= {
        "config.providers": "secret",
        "config.providers.secret.class": PROVIDER,
        "config.providers.secret.param.directory": credentials.directory,
    }
    if security.protocol.value.startswith("SASL"):
        login = f'username="{_quoted(USERNAME)}" password="{_quoted(PASSWORD)}"'
        found["sasl.mechanism"] = credentials.mechanism
        found["sasl.jaas.config"] = f"{_MODULES[credentials.mechanism]} required {login};"
    return found | _stores(security, credentials)


def _stores(security: KafkaSecurity, credentials: Credentials) -> dict[str, str]:
    if not security.protocol.value.endswith("SSL"):
        return {}
    found: dict[str, str] = {}
    if CA in credentials.files:
        found |= {"ssl.truststore.type": "PEM", "ssl.truststore.certificates": _plain(CA)}
    if CERTIFICATE in credentials.files:
        found |= {
            "ssl.keystore.type": "PEM",
            "ssl.keystore.certificate.chain": _plain(CERTIFICATE),
            "ssl.keystore.key": _plain(KEY),
        }
    return found


def _quoted(key: str) -> str:
    return f"${{secret:quoted:{key}}}"


def _plain(key: str) -> str:
    return f"${{secret:plain:{key}}}"
