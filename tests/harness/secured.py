"""A broker that wants logins and certificates, and the Secrets of somebody who has them."""

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from confluent_kafka.admin import AdminClient, ScramCredentialInfo, ScramMechanism, UserScramCredentialUpsertion

from fraudctl.errors import MachineError
from fraudctl.runtime.kafka import EmbeddedKafka
from fraudctl.runtime.ports import LOOPBACK, free_ports

USER = "analyst"
CANARY = "kanarie4711"
PASSWORD = f"a\"quote and\\a backslash; {CANARY} ${{x}} 'é'"
_KAFKA = "org.apache.kafka.common.security"
_TRIES = 3
_SCRAM = ScramMechanism.SCRAM_SHA_512


def _openssl(*arguments: str | Path) -> None:
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


@dataclass(frozen=True)
class Authority:
    """A certificate authority and what it has signed, as PEM files in a directory."""

    directory: Path
    address: str = LOOPBACK

    @classmethod
    def make(cls, directory: Path, address: str = LOOPBACK) -> "Authority":
        """``address`` is this machine's, as those see it who are to trust what was signed."""
        made = cls(directory, address)
        subject = ["-subj", "/CN=test authority", "-days", "2", "-nodes"]
        _openssl("req", "-x509", "-newkey", "rsa:2048", *subject, "-keyout", made.key("ca"), "-out", made.ca)
        made._sign("broker")
        made._sign(USER)
        both = made.key("broker").read_text() + made.certificate("broker").read_text()
        made.keystore.write_text(both)
        return made

    @property
    def ca(self) -> Path:
        return self.directory / "ca.crt"

    @property
    def keystore(self) -> Path:
        """Key and certificate of the broker in one, as Kafka wants them."""
        return self.directory / "broker.pem"

    def key(self, name: str) -> Path:
        return self.directory / f"{name}.key"

    def certificate(self, name: str) -> Path:
        return self.directory / f"{name}.crt"

    def _sign(self, name: str) -> None:
        request, names = self.directory / f"{name}.csr", self.directory / "names.txt"
        names.write_text(f"subjectAltName=IP:{LOOPBACK},IP:{self.address},DNS:localhost\n")
        wanted = ["-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}"]
        _openssl("req", "-new", *wanted, "-keyout", self.key(name), "-out", request)
        signed = ["-CA", self.ca, "-CAkey", self.key("ca"), "-CAcreateserial", "-days", "2", "-extfile", names]
        _openssl("x509", "-req", "-in", request, *signed, "-out", self.certificate(name))


class SecuredKafka:
    """A broker with a listener for each way to log in, and an open one for the test itself.

    Attributes:
        ports: of the listeners, by their names: PLAIN, SCRAM, MUTUAL.
        kafka: the broker; its ``bootstrap`` is the open listener.
    """

    def __init__(self, authority: Authority) -> None:
        self.authority = authority
        open_port, controller, *secured = free_ports(5)
        self.ports = dict(zip(("PLAIN", "SCRAM", "MUTUAL"), secured, strict=True))
        self.kafka = EmbeddedKafka(port=open_port, settings=self._settings(open_port, controller))

    def _settings(self, open_port: int, controller: int) -> dict[str, str]:
        ports = {"PLAINTEXT": open_port, **self.ports, "CONTROLLER": controller}
        listeners = ",".join(f"{name}://{LOOPBACK}:{port}" for name, port in ports.items())
        protocols = "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,PLAIN:SASL_PLAINTEXT,SCRAM:SASL_SSL,MUTUAL:SSL"
        store = {
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": str(self.authority.keystore),
            "ssl.truststore.type": "PEM",
            "ssl.truststore.location": str(self.authority.ca),
        }
        login = f'{_KAFKA}.plain.PlainLoginModule required user_{USER}="{_twice_escaped(PASSWORD)}";'
        return {
            "listeners": listeners,
            "advertised.listeners": listeners,
            "listener.security.protocol.map": protocols,
            "controller.quorum.bootstrap.servers": f"{LOOPBACK}:{controller}",
            "listener.name.plain.sasl.enabled.mechanisms": "PLAIN",
            "listener.name.plain.plain.sasl.jaas.config": login,
            "listener.name.scram.sasl.enabled.mechanisms": "SCRAM-SHA-512",
            "listener.name.scram.scram-sha-512.sasl.jaas.config": f"{_KAFKA}.scram.ScramLoginModule required;",
            **{f"listener.name.scram.{name}": value for name, value in store.items()},
            **{f"listener.name.mutual.{name}": value for name, value in store.items()},
            "listener.name.mutual.ssl.client.auth": "required",
        }

    @classmethod
    def start(cls, directory: Path) -> "SecuredKafka":
        """One that runs; whoever starts it closes ``kafka``."""
        authority = Authority.make(directory)
        for left in reversed(range(_TRIES)):
            made = cls(authority)
            try:
                made.kafka.start()
                made._add_user()
            except MachineError:  # on a busy machine a port that was free is soon somebody's
                made.kafka.close()
                if not left:
                    raise
            else:
                return made
        raise AssertionError

    def _add_user(self) -> None:
        info = ScramCredentialInfo(_SCRAM, 4096)
        wanted = UserScramCredentialUpsertion(USER, info, PASSWORD.encode())
        admin = AdminClient({"bootstrap.servers": self.kafka.bootstrap})
        for future in admin.alter_user_scram_credentials([wanted]).values():
            future.result(30)

    def address(self, listener: str) -> str:
        return f"{LOOPBACK}:{self.ports[listener]}"


def _twice_escaped(text: str) -> str:
    """In the quotes of a JAAS configuration, and that in a properties file, which is Latin-1."""
    quoted = text.replace("\\", "\\\\").replace('"', '\\"').replace("\\", "\\\\")
    return "".join(letter if letter.isascii() else f"\\u{ord(letter):04x}" for letter in quoted)


def write_secret(directory: Path, name: str, values: Mapping[str, str]) -> Path:
    """A Secret as Kubernetes mounts it; returns the directory of all Secrets."""
    (directory / name).mkdir(parents=True)
    for key, value in values.items():
        (directory / name / key).write_text(value)
    return directory
