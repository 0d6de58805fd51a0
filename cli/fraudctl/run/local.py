"""A detector as it runs on this machine: on the Kafka and the Elasticsearch that there are here."""

import os

from fraud_api import FraudDetector, FraudDetectorSpec
from fraud_api.backends import Elasticsearch
from fraud_api.streams import KafkaSecurity, StartFrom
from fraudctl.run.options import RunOptions
from fraudctl.run.traffic import settled

NICENESS = 10
"""How far what indexes steps back, 0 to 19: the detector comes first."""


def is_indexed(detector: FraudDetector, options: RunOptions) -> bool:
    """Whether there is something to index, and the file or the command line asks for it."""
    spec = detector.spec
    something = spec.rules or any(output.index.enabled for output in spec.outputs)
    asked = options.elasticsearch or spec.elasticsearch
    return bool(something and asked and not options.no_elasticsearch)


def localized(
    detector: FraudDetector, options: RunOptions, bootstrap: str, elasticsearch: str | None = None
) -> FraudDetector:
    """The detector as it runs here: on this Kafka and this Elasticsearch, with this parallelism and this traffic.

    Raises UserError when it asks for what can't be had here.
    """
    spec = detector.spec
    security = spec.kafka.security if options.kafka else KafkaSecurity()
    kafka = spec.kafka.model_copy(update={"bootstrap_servers": bootstrap, "security": security})
    update: dict[str, object] = {"kafka": kafka, "elasticsearch": _indexed_at(elasticsearch, spec, options)}
    if not options.kafka:
        # a topic of the embedded Kafka begins with the run: its first record must not be missed
        update["streams"] = [stream.model_copy(update={"start_from": StartFrom.EARLIEST}) for stream in spec.streams]
    if spec.generator is not None:
        update["generator"] = settled(spec.generator, options.wishes, os.environ)
    if options.parallelism:
        update["flink"] = spec.flink.model_copy(update={"parallelism": options.parallelism})
    return detector.model_copy(update={"spec": spec.model_copy(update=update)})


def _indexed_at(url: str | None, spec: FraudDetectorSpec, options: RunOptions) -> Elasticsearch | None:
    if url is None:
        return None
    declared = spec.elasticsearch or Elasticsearch(url=url)
    if options.elasticsearch:
        return declared.model_copy(update={"url": url})
    # one node, for one run, without a login
    return declared.model_copy(update={"url": url, "secret_ref": None, "replicas": 0, "data_streams": False})
