"""What a detector has in Elasticsearch and Kibana: kept as it should be, and removed with it."""

from collections.abc import Callable
from dataclasses import dataclass

from fraud_api import FraudDetector
from fraud_api.backends import Elasticsearch, Kibana
from fraud_operator import credentials
from fraud_operator.clients.backends import Backend, View
from fraud_operator.credentials import SecretUnavailable
from fraud_operator.names import Key
from fraud_operator.ports import Ports
from fraud_operator.reasons import Reason


@dataclass(frozen=True)
class Kind:
    """One kind of them.

    Attributes:
        condition: what says how it is.
        event: what tells that it has changed.
        declared: what the detector says of it; None where it wants none.
        port: who holds it.
        deployed: whether it follows what is deployed, and not what is wanted.
    """

    condition: str
    event: str
    declared: Callable[[FraudDetector], Elasticsearch | Kibana | None]
    port: Callable[[Ports], Backend]
    deployed: bool = False


INDICES = "IndicesReady"

KINDS = (
    # a change that waits or is refused moves no alias from what is still written to
    Kind(
        INDICES,
        "Indices",
        lambda detector: detector.spec.elasticsearch,
        lambda ports: ports.elasticsearch,
        deployed=True,
    ),
    # without indices there is nothing to draw
    Kind(
        "DashboardsReady",
        "Dashboards",
        lambda detector: detector.spec.elasticsearch and detector.spec.kibana,
        lambda ports: ports.kibana,
    ),
)


def undeclared(detector: FraudDetector) -> frozenset[str]:
    """Conditions that a detector has no use for."""
    return frozenset(kind.condition for kind in KINDS if kind.declared(detector) is None)


def keep(ports: Ports, key: Key, detector: FraudDetector, kind: Kind) -> View:
    """Make it as it should be. Raises KubernetesError when its Secret can't be asked for."""
    return _with_secret(ports, key, detector, kind, kind.port(ports).keep)


def remove(ports: Ports, key: Key, detector: FraudDetector, kind: Kind) -> View:
    """Remove all of it. Raises KubernetesError when its Secret can't be asked for."""
    return _with_secret(ports, key, detector, kind, kind.port(ports).remove)


def _with_secret(
    ports: Ports,
    key: Key,
    detector: FraudDetector,
    kind: Kind,
    work: Callable[[FraudDetector, dict[str, str]], View],
) -> View:
    declared = kind.declared(detector)
    assert declared is not None
    secret: dict[str, str] = {}
    if declared.secret_ref is not None:
        name = declared.secret_ref.name
        try:
            found = credentials.read(ports.cluster, key.namespace, name)
            # a file's last line end is no part of a password: so the indexer reads its Secret, too
            secret = {field: value.decode().strip("\r\n") for field, value in found.items()}
        except SecretUnavailable as error:
            return View(False, Reason.SECRET_MISSING, str(error))
        except UnicodeDecodeError:
            return View(False, Reason.SECRET_MISSING, f"a key of Secret {name} is not UTF-8 text")
    return work(detector, secret)
