"""Default names; they carry the namespace, so that detectors never meet by accident."""

from fraud_api.resource import FraudDetector
from fraud_api.streams import Stream


def prefix(detector: FraudDetector) -> str:
    """``<namespace>.<detector>``, what every default name begins with."""
    return f"{detector.metadata.namespace}.{detector.metadata.name}"


def alerts_topic(detector: FraudDetector) -> str:
    """Where all alerts go."""
    return f"{prefix(detector)}.alerts"


def late_topic(detector: FraudDetector) -> str:
    """Where late events go, whatever their stream."""
    return f"{prefix(detector)}.late"


def dead_letter_topic(detector: FraudDetector, stream: Stream) -> str:
    """Where a stream's refused records go."""
    return f"{prefix(detector)}.{stream.name}.dead-letters"


def rules_dead_letter_topic(detector: FraudDetector) -> str:
    """Where it is told for which values an expression of a rule or output gave nothing."""
    return f"{prefix(detector)}.rules.dead-letters"


def blocked_topic(detector: FraudDetector) -> str:
    """Where the action ``block`` writes."""
    return detector.spec.blocking.topic or f"{prefix(detector)}.blocked"


def consumer_group(detector: FraudDetector) -> str:
    """The consumer group of the job's sources."""
    return prefix(detector)


def indexer_group(detector: FraudDetector) -> str:
    """The consumer group of the indexer."""
    return f"{prefix(detector)}.indexer"


def indexer_dead_letter_topic(detector: FraudDetector) -> str:
    """Where records go that Elasticsearch refuses."""
    return f"{prefix(detector)}.indexer.dead-letters"
