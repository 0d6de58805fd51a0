"""What ``fraudctl run`` was asked for, checked as far as that goes without starting anything."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from fraud_api import FraudDetector
from fraud_api.base import DURATION_PATTERN, milliseconds
from fraud_api.streams import KafkaSecurity, StartFrom
from fraudctl.broker import kafka_properties
from fraudctl.errors import UserError
from fraudctl.run.inputs import Input, parse_inputs
from fraudctl.run.traffic import Traffic, Wishes, settled


@dataclass(frozen=True)
class RunOptions:
    """The command line of ``run``."""

    file: Path
    kafka: str | None = None
    kafka_config: Path | None = None
    secrets_dir: Path | None = None
    inputs: Sequence[str] = ()
    output: Path | None = None
    seconds: float | None = None
    wishes: Wishes = field(default_factory=Wishes)
    parallelism: int | None = None

    def check(self) -> None:
        """Raise UserError for options that contradict each other."""
        asked = {"--events": self.wishes.events, "--rate": self.wishes.rate, "--seed": self.wishes.seed}
        for name, value in asked.items() if self.inputs else ():
            if value is not None:
                raise UserError(f"{name} and --input contradict each other", f"{name} is for generated traffic")
        if self.kafka_config and not self.kafka:
            raise UserError("--kafka-config needs --kafka", "the embedded Kafka takes no credentials")
        if self.secrets_dir and not self.kafka:
            raise UserError("--secrets-dir needs --kafka", "the embedded Kafka takes no credentials")
        _check_plain(kafka_properties(self.kafka_config))


def _check_plain(properties: Mapping[str, str]) -> None:
    """Raise UserError for a login among the properties: Flink's own clients don't get these, and must get no values."""
    secured = [name for name in properties if name.startswith(("sasl.", "ssl."))]
    if properties.get("security.protocol", "PLAINTEXT").upper() != "PLAINTEXT":
        secured.append("security.protocol")
    if secured:
        raise UserError(
            f"--kafka-config sets {secured[0]}, which run takes from the detector and its Secret",
            "say it in spec.kafka.security and give --secrets-dir; tail and generate take the file as it is",
        )


def parse_duration(text: str) -> float:
    """Seconds of a duration such as 90s or 1h30m. Raises UserError when it is none."""
    import re

    if not re.fullmatch(DURATION_PATTERN, text) or not milliseconds(text):
        raise UserError(f"--for {text} is not a duration", "write it like 30s, 5m or 1h30m")
    return milliseconds(text) / 1000


@dataclass(frozen=True)
class Sources:
    """Where a run's events come from: the generator, files, or somebody else."""

    traffic: Traffic | None
    inputs: Sequence[Input]

    @property
    def topics(self) -> list[str]:
        """Topics that get events from us."""
        return [*(self.traffic.topics if self.traffic else ()), *(each.topic for each in self.inputs)]


def sources(options: RunOptions, detector: FraudDetector) -> Sources:
    """Settle where events come from. Raises UserError for what can't work."""
    inputs = parse_inputs(options.inputs, detector)
    generator = detector.spec.generator
    if inputs or generator is None or not generator.enabled:
        unused = [name for name in ("rate", "seed") if getattr(options.wishes, name) is not None]
        if unused and not inputs:
            raise UserError(f"--{unused[0]} is for generated traffic, and the detector has no spec.generator")
        return Sources(None, inputs)
    return Sources(Traffic(detector), [])


def localized(detector: FraudDetector, options: RunOptions, bootstrap: str) -> FraudDetector:
    """The detector as it runs here: on this Kafka, with this parallelism and this traffic.

    Raises UserError when it asks for what can't be had here.
    """
    spec = detector.spec
    security = spec.kafka.security if options.kafka else KafkaSecurity()
    kafka = spec.kafka.model_copy(update={"bootstrap_servers": bootstrap, "security": security})
    update: dict[str, object] = {"kafka": kafka}
    if not options.kafka:
        # a topic of the embedded Kafka begins with the run: its first record must not be missed
        update["streams"] = [stream.model_copy(update={"start_from": StartFrom.EARLIEST}) for stream in spec.streams]
    if spec.generator is not None:
        update["generator"] = settled(spec.generator, options.wishes, os.environ)
    if options.parallelism:
        update["flink"] = spec.flink.model_copy(update={"parallelism": options.parallelism})
    return detector.model_copy(update={"spec": spec.model_copy(update=update)})
