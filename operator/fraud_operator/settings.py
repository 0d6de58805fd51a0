"""Settings of the operator, read from its environment once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


class BadSettings(ValueError):
    """An environment variable has a value that means nothing."""


@dataclass(frozen=True)
class Image:
    """A container image.

    Attributes:
        repository: such as ``registry.example.com/fraud-job``.
        tag: such as ``0.1.0``; empty for the chart's own version.
        digest: such as ``sha256:6c3c...``, which counts before the tag; or empty.
    """

    repository: str
    tag: str = ""
    digest: str = ""

    @classmethod
    def parse(cls, text: str) -> "Image":
        """Read ``repository:tag`` or ``repository@digest``; a port in the registry's name is no tag."""
        name, _, digest = text.partition("@")
        repository, colon, tag = name.rpartition(":")
        return cls(repository, tag, digest) if colon and "/" not in tag else cls(name, digest=digest)

    def __str__(self) -> str:
        if self.digest:
            return f"{self.repository}@{self.digest}"
        return f"{self.repository}:{self.tag}" if self.tag else self.repository


@dataclass(frozen=True)
class Settings:
    """What the operator was told.

    Attributes:
        namespaces: namespaces to look after (FRAUD_WATCH_NAMESPACES); empty for all.
        job_image: image of the Flink pods and of checks (FRAUD_JOB_IMAGE).
        tools_image: image of the generator (FRAUD_TOOLS_IMAGE).
        pull_policy: imagePullPolicy of both (FRAUD_PULL_POLICY).
        pull_secrets: Secrets for pulling them (FRAUD_IMAGE_PULL_SECRETS).
        chart: the chart that a detector becomes (FRAUD_DETECTOR_CHART).
        helm: the helm program (FRAUD_HELM).
        resync_seconds: how often everything is looked at without a reason (FRAUD_RESYNC_SECONDS).
        helm_concurrency: how many helm processes run at once (FRAUD_HELM_CONCURRENCY).
        workers: how many detectors are worked on at once (FRAUD_WORKERS).
        start_seconds: how long a new deployment may take to run before it is taken back (FRAUD_START_SECONDS).
        removal_seconds: how long a deletion waits for Kafka (FRAUD_REMOVAL_SECONDS).
        metrics_port: port of the operator's own metrics (FRAUD_METRICS_PORT).
        health_port: port of the liveness probe (FRAUD_HEALTH_PORT).
        log_format: ``json`` or ``plain`` (FRAUD_LOG_FORMAT).
        log_level: Python's name of the lowest level that is logged (FRAUD_LOG_LEVEL).
        namespace: where it runs, and keeps its records and the releases (POD_NAMESPACE).
        identity: what peers call it (POD_NAME, or the host's name).
        adopt_former: whether to take over releases of versions before 0.2 (FRAUD_ADOPT_FORMER).
        peering: name of the peering objects that operators meet at (FRAUD_PEERING); empty for none.
    """

    namespaces: tuple[str, ...] = ()
    job_image: Image = field(default=Image("fraud-job"))
    tools_image: Image = field(default=Image("fraud-tools"))
    pull_policy: str = "IfNotPresent"
    pull_secrets: tuple[str, ...] = ()
    chart: Path = Path("/opt/fraud/charts/fraud-detector")
    helm: str = "helm"
    resync_seconds: int = 60
    helm_concurrency: int = 3
    workers: int = 8
    start_seconds: int = 600
    removal_seconds: int = 120
    metrics_port: int = 9090
    health_port: int = 8080
    log_format: str = "json"
    log_level: str = "INFO"
    namespace: str = "fraud-system"
    identity: str = "fraud-operator"
    peering: str = ""
    adopt_former: bool = False

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "Settings":
        """Read the settings; what is not there keeps its default.

        Raises:
            BadSettings: a value means nothing; the message names the variable.
        """
        readers: dict[str, tuple[str, Any]] = {
            "FRAUD_WATCH_NAMESPACES": ("namespaces", _names),
            "FRAUD_JOB_IMAGE": ("job_image", Image.parse),
            "FRAUD_TOOLS_IMAGE": ("tools_image", Image.parse),
            "FRAUD_PULL_POLICY": ("pull_policy", _one_of("Always", "IfNotPresent", "Never")),
            "FRAUD_IMAGE_PULL_SECRETS": ("pull_secrets", _names),
            "FRAUD_DETECTOR_CHART": ("chart", Path),
            "FRAUD_HELM": ("helm", str),
            "FRAUD_RESYNC_SECONDS": ("resync_seconds", _count),
            "FRAUD_HELM_CONCURRENCY": ("helm_concurrency", _count),
            "FRAUD_WORKERS": ("workers", _count),
            "FRAUD_START_SECONDS": ("start_seconds", _count),
            "FRAUD_REMOVAL_SECONDS": ("removal_seconds", _count),
            "FRAUD_METRICS_PORT": ("metrics_port", _count),
            "FRAUD_HEALTH_PORT": ("health_port", _count),
            "FRAUD_LOG_FORMAT": ("log_format", _one_of("json", "plain")),
            "FRAUD_LOG_LEVEL": ("log_level", _one_of("DEBUG", "INFO", "WARNING", "ERROR")),
            "POD_NAMESPACE": ("namespace", str),
            "HOSTNAME": ("identity", str),
            "POD_NAME": ("identity", str),
            "FRAUD_PEERING": ("peering", str),
            "FRAUD_ADOPT_FORMER": ("adopt_former", _truth),
        }
        found = {}
        for variable, (name, read) in readers.items():
            if environ.get(variable, "") != "":
                try:
                    found[name] = read(environ[variable])
                except ValueError as error:
                    raise BadSettings(f"{variable}: {error}") from None
        return cls(**found)


def _names(text: str) -> tuple[str, ...]:
    return tuple(name for part in text.split(",") if (name := part.strip()))


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise ValueError(f"'{text}' is not a whole number above zero")
    return int(text)


def _truth(text: str) -> bool:
    return bool(_one_of("true", "false")(text) == "true")


def _one_of(*choices: str) -> Any:
    def read(text: str) -> str:
        for choice in choices:
            if text.lower() == choice.lower():
                return choice
        raise ValueError(f"'{text}' is none of {', '.join(choices)}")

    return read
