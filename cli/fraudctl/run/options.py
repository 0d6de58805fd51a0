"""What ``fraudctl run`` was asked for, checked as far as that goes without starting anything."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from fraud_api import FraudDetector
from fraud_api.base import DURATION_PATTERN, milliseconds
from fraudctl.broker import kafka_properties
from fraudctl.errors import UserError
from fraudctl.run.inputs import Input, parse_inputs
from fraudctl.run.traffic import Traffic, Wishes

_URL = re.compile(r"https?://[^\s@]+")


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
    elasticsearch: str | None = None
    no_elasticsearch: bool = False
    replace_indices: bool = False

    def check(self) -> None:
        """Raise UserError for options that contradict each other."""
        asked = {"--events": self.wishes.events, "--rate": self.wishes.rate, "--seed": self.wishes.seed}
        for name, value in asked.items() if self.inputs else ():
            if value is not None:
                raise UserError(f"{name} and --input contradict each other", f"{name} is for generated traffic")
        if self.kafka_config and not self.kafka:
            raise UserError("--kafka-config needs --kafka", "the embedded Kafka takes no credentials")
        if self.secrets_dir and not (self.kafka or self.elasticsearch):
            raise UserError("--secrets-dir needs --kafka or --elasticsearch", "what is embedded takes no credentials")
        self._check_elasticsearch()
        _check_plain(kafka_properties(self.kafka_config))

    def _check_elasticsearch(self) -> None:
        if self.elasticsearch and not _URL.fullmatch(self.elasticsearch):
            raise UserError(
                f"--elasticsearch {self.elasticsearch} is not an address",
                "write it like http://localhost:9200; credentials go into the Secret that the file names",
            )
        if self.replace_indices and not self.elasticsearch:
            raise UserError("--replace-indices needs --elasticsearch", "the embedded one is empty when a run begins")
        if self.replace_indices and self.kafka:
            raise UserError(
                "--replace-indices and --kafka contradict each other",
                "the indexer goes on where it was; fraudctl deletes no indices of a Kafka that stays",
            )


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
