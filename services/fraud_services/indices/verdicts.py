"""What stands between a detector and its indices, told apart by who can mend it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from elastic_transport import ConnectionTimeout, TlsError, TransportError
from elasticsearch import ApiError, UnsupportedProductError

from fraud_api import FraudDetector


class Reason(StrEnum):
    """One word for a state of affairs, fit for a condition in a resource's status."""

    READY = "Ready"
    NO_ANSWER = "NoAnswer"
    NOT_TRUSTED = "NotTrusted"
    UNAUTHORIZED = "Unauthorized"
    WRONG_VERSION = "WrongVersion"
    RED = "Red"
    DISK_WATERMARK = "DiskWatermark"
    READ_ONLY = "ReadOnly"
    NOT_OURS = "NotOurs"
    OVERRULED = "Overruled"
    REFUSED = "Refused"


@dataclass(frozen=True)
class Verdict:
    """How things stand.

    Attributes:
        reason: one word, for programs.
        message: one sentence, for people.
    """

    reason: Reason
    message: str

    @property
    def ready(self) -> bool:
        """Whether documents can be written."""
        return self.reason is Reason.READY


class Obstacle(Exception):
    """A verdict that ends what was being done."""

    def __init__(self, reason: Reason, message: str) -> None:
        """Keep both as a verdict."""
        super().__init__(message)
        self.verdict = Verdict(reason, message)


def judged(detector: FraudDetector, work: Callable[[], str]) -> Verdict:
    """Ready, with what ``work`` tells; or what kept it from being done."""
    try:
        return Verdict(Reason.READY, work())
    except (ApiError, TransportError, Obstacle) as error:
        where = detector.spec.elasticsearch
        return verdict_of(error, where.url if where else "")


def verdict_of(error: Exception, url: str) -> Verdict:
    """What a client's error says."""
    if isinstance(error, Obstacle):
        return error.verdict
    if isinstance(error, UnsupportedProductError):
        return Verdict(Reason.WRONG_VERSION, f"what answers at {url} is not Elasticsearch 8 or later")
    if isinstance(error, ApiError):
        return _of_answer(error, url)
    if isinstance(error, TlsError):
        return Verdict(Reason.NOT_TRUSTED, f"the certificate of {url} is not trusted: is ca.crt in the secret?")
    if isinstance(error, ConnectionTimeout):
        return Verdict(Reason.NO_ANSWER, f"Elasticsearch at {url} does not answer in time")
    if isinstance(error, TransportError):
        return Verdict(Reason.NO_ANSWER, f"nothing answers at {url}: {_short(error.message)}")
    raise error


def _of_answer(error: ApiError, url: str) -> Verdict:
    told = cause_of(error)
    match error.status_code:
        case 401:
            return Verdict(Reason.UNAUTHORIZED, f"Elasticsearch at {url} does not know these credentials")
        case 403 if told.startswith("cluster_block_exception"):
            full = "read-only-allow-delete" in told or "read-only / allow delete" in told
            return Verdict(Reason.DISK_WATERMARK, DISK_FULL) if full else Verdict(Reason.READ_ONLY, _short(told))
        case 403:
            return Verdict(Reason.UNAUTHORIZED, f"these credentials do not suffice: {_short(told)}")
        case 429 | 502 | 503 | 504:
            return Verdict(Reason.NO_ANSWER, f"Elasticsearch at {url} is too busy: {_short(told)}")
    return Verdict(Reason.REFUSED, _short(told))


DISK_FULL = (
    "Elasticsearch's disk is nearly full (flood stage): its indices only let documents be deleted; "
    "free some space, it lifts the block by itself"
)


def cause_of(error: ApiError) -> str:
    """Type and reason of an error answer."""
    body = error.body
    cause = body.get("error") if isinstance(body, dict) else None
    if isinstance(cause, dict):
        return f"{cause.get('type')}: {cause.get('reason')}"
    return str(cause or error.message)


def _short(text: str) -> str:
    text = " ".join(str(text).split())
    return text if len(text) <= 300 else text[:297] + "..."
