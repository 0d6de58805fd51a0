"""Elasticsearch and Kibana, where a detector's results can be seen, through the services' own clients."""

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from fraud_api import FraudDetector, naming
from fraud_operator.names import beside

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

    from fraud_services.indices.verdicts import Verdict
    from fraud_services.kibana.client import KibanaClient
    from fraud_services.kibana.verdict import Verdict as KibanaVerdict

_KEEP_SECONDS, _REMOVE_SECONDS = 30.0, 10.0
"""So long an answer may take: somebody waits for a removal."""

Secret = Mapping[str, str]
"""Values of a Secret by key; empty where the detector names none."""


@dataclass(frozen=True)
class View:
    """How it is with what a backend holds of a detector.

    Attributes:
        ready: whether it is as it should be.
        reason: in one word.
        message: in one sentence, without any secret.
    """

    ready: bool
    reason: StrEnum
    message: str


class Backend(Protocol):
    """Something that a detector's results can be seen in. No method raises for what the outside world does."""

    def keep(self, detector: FraudDetector, secret: Secret) -> View:
        """Make what it holds of the detector as it should be; does nothing where it is."""

    def remove(self, detector: FraudDetector, secret: Secret) -> View:
        """Remove everything that it holds of the detector."""


class Indices:
    """Elasticsearch: indices, templates and aliases."""

    def keep(self, detector: FraudDetector, secret: Secret) -> View:
        """Make what is missing, and drop what is older than its retention."""
        return _ask(detector, secret, _KEEP_SECONDS, _kept)

    def remove(self, detector: FraudDetector, secret: Secret) -> View:
        """Delete all indices and templates of the detector."""
        from fraud_services.indices import remove  # megabytes that are not needed before

        return _ask(detector, secret, _REMOVE_SECONDS, remove)


class Dashboards:
    """Kibana: data views, saved searches and the dashboard."""

    def keep(self, detector: FraudDetector, secret: Secret) -> View:
        """Import what differs, remove what the detector no longer declares."""
        from fraud_services.kibana.objects import owner, saved_objects

        objects = saved_objects(detector)
        return _import(detector, secret, _KEEP_SECONDS, lambda kibana: kibana.apply(owner(detector), objects))

    def remove(self, detector: FraudDetector, secret: Secret) -> View:
        """Remove all of the detector's objects."""
        from fraud_services.kibana.objects import owner

        return _import(detector, secret, _REMOVE_SECONDS, lambda kibana: kibana.remove(owner(detector)))


def address(url: str, namespace: str) -> str:
    """An address as this process finds it."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    return parts._replace(netloc=parts.netloc.lower().replace(host, beside(host, namespace), 1)).geturl()


def _kept(client: "Elasticsearch", detector: FraudDetector) -> "Verdict":
    from fraud_services.indices import Reason, apply, drop_expired, look

    assert detector.spec.elasticsearch is not None
    found = look(client, detector.spec.elasticsearch.url, f"{naming.prefix(detector)}.*")
    if found.ready:
        found = apply(client, detector)
    if found.ready or found.reason is Reason.DISK_WATERMARK:  # which old buckets may be the cause of
        dropped = drop_expired(client, detector)
        found = found if dropped.ready else dropped
    return found


def _ask(
    detector: FraudDetector,
    secret: Secret,
    seconds: float,
    work: "Callable[[Elasticsearch, FraudDetector], Verdict]",
) -> View:
    from fraud_services.elastic import connect
    from fraud_services.errors import ServiceError
    from fraud_services.indices import Reason

    where = detector.spec.elasticsearch
    assert where is not None
    found = where.model_copy(update={"url": address(where.url, detector.metadata.namespace)})
    spec = detector.spec.model_copy(update={"elasticsearch": found})
    try:
        with closing(connect(found.url, secret, connections=1)) as client:
            verdict = work(client.options(request_timeout=seconds), detector.model_copy(update={"spec": spec}))
    except ServiceError as error:
        return View(False, Reason.UNAUTHORIZED, str(error))
    return View(verdict.ready, verdict.reason, verdict.message)


def _import(
    detector: FraudDetector, secret: Secret, seconds: float, work: "Callable[[KibanaClient], KibanaVerdict]"
) -> View:
    from fraud_services.errors import ServiceError
    from fraud_services.kibana.client import KibanaClient
    from fraud_services.kibana.credentials import credentials
    from fraud_services.kibana.http import Http
    from fraud_services.kibana.verdict import Reason

    where = detector.spec.kibana
    assert where is not None
    try:
        url = address(where.url, detector.metadata.namespace)
        verdict = work(KibanaClient(Http(url, where.space, credentials(secret), seconds)))
    except ServiceError as error:
        return View(False, Reason.UNAUTHORIZED, str(error))
    return View(verdict.ready, verdict.reason, verdict.message)
