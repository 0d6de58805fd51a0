"""What the user wrote, turned into settings and a target; every mistake says what, where and what to do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from fraud_generator.errors import SettingsError
from fraud_generator.kafka import KafkaTarget
from fraud_generator.model import DEFAULT_START, Settings
from fraud_generator.scenarios import scenario_class
from fraud_generator.scenarios.base import Scenario
from fraud_generator.sinks import FileTarget, StdoutTarget, Target

KAFKA_RATE = {"transactions": 1_000.0}
"""Events a second to Kafka where nothing else is said; other scenarios go as fast as they can."""
FILE_SUFFIXES = (".jsonl", ".json", ".ndjson")


@dataclass(frozen=True)
class Options:
    """The command's options as they were given; None or empty when they were not."""

    scenario: str
    events: int | None = None
    rate: float | None = None
    seed: int = 1
    fraud_share: float | None = None
    kafka: str | None = None
    topics: Sequence[str] = ()
    output: str | None = None
    labels: str | None = None
    start: str | None = None
    partitions: int = 2
    closing: bool = True
    poison: float = 0.0
    late: float = 0.0
    processes: int = 1
    kafka_config: Path | None = None
    endless: bool = False


@dataclass(frozen=True)
class Plan:
    """What to run."""

    settings: Settings
    target: Target
    rate: float | None
    processes: int


def plan(options: Options, environment: Mapping[str, str]) -> Plan:
    """Settle every option. Flags win over the environment, the environment over the defaults.

    Raises SettingsError for whatever cannot work.
    """
    scenario = scenario_class(options.scenario)
    if options.kafka and options.output:
        raise SettingsError("--kafka and --output exclude each other; give one of them")
    broker = options.kafka or (None if options.output else environment.get("KAFKA_BROKER_URL") or None)
    if not broker and (options.topics or options.kafka_config):
        raise SettingsError("--topic and --kafka-config need a broker: give --kafka or set KAFKA_BROKER_URL")
    if options.endless and options.events:
        raise SettingsError("--endless and --events exclude each other; give one of them")
    by_default = bool(broker) and scenario.endless_by_default and not options.events
    settings = _settings(options, endless=options.endless or by_default)
    if broker:
        target: Target = _kafka(options, scenario, broker, environment)
    else:
        target = _lines(options)
    return Plan(settings, target, _rate(options, bool(broker), environment), options.processes)


def _settings(options: Options, endless: bool) -> Settings:
    return Settings(
        seed=options.seed,
        count=options.events,
        endless=endless,
        fraud_share=options.fraud_share,
        start=_start(options.start),
        partitions=options.partitions,
        closing=options.closing,
        poison=options.poison,
        late=options.late,
    )


def _start(text: str | None) -> datetime:
    if text is None:
        return DEFAULT_START
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise SettingsError(f"--start {text!r} is not a time; write it like 2024-01-01T00:00:00Z") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _rate(options: Options, to_kafka: bool, environment: Mapping[str, str]) -> float | None:
    """The events a second; 0 is as fast as possible, for which the answer is None."""
    rate = asked_rate(options.scenario, environment) if options.rate is None else options.rate
    if rate is None:
        rate = KAFKA_RATE.get(options.scenario) if to_kafka else None
    return check_rate(rate) or None


def asked_rate(scenario: str, environment: Mapping[str, str]) -> float | None:
    """The events a second that the environment asks for. Raises SettingsError when it is no rate."""
    asked = environment.get("TRANSACTIONS_PER_SECOND")
    if not asked or scenario != "transactions":
        return None
    try:
        return check_rate(float(asked))
    except ValueError as error:
        raise SettingsError(f"TRANSACTIONS_PER_SECOND is {asked!r}; it must be a number, 0 or more") from error


def check_rate(rate: float | None) -> float | None:
    """The rate, if it is one. Raises SettingsError, which is a ValueError."""
    if rate is not None and not 0 <= rate < float("inf"):
        raise SettingsError(f"rate must be 0 (as fast as possible) or more events per second, not {rate:g}")
    return rate


def _kafka(options: Options, scenario: type[Scenario], broker: str, environment: Mapping[str, str]) -> KafkaTarget:
    topics = dict(_topic(text) for text in options.topics)
    named = environment.get("TRANSACTIONS_TOPIC")
    if named and scenario.name == "transactions":
        topics.setdefault("transactions", named)
    labels = options.labels
    is_file = labels is not None and ("/" in labels or labels.endswith(FILE_SUFFIXES))
    return KafkaTarget(
        bootstrap=broker,
        topics=topics,
        labels_topic=None if is_file else labels,
        labels_file=Path(labels) if labels and is_file else None,
        config=read_properties(options.kafka_config) if options.kafka_config else {},
    )


def _topic(text: str) -> tuple[str, str]:
    stream, equals, topic = text.partition("=")
    if not (stream and equals and topic):
        raise SettingsError(f"--topic {text!r} is not STREAM=TOPIC, for example clicks=my.clicks")
    return stream, topic


def _lines(options: Options) -> Target:
    labels = Path(options.labels) if options.labels else None
    if options.output in (None, "-"):
        return StdoutTarget(labels)
    return FileTarget(Path(str(options.output)), labels)


def read_properties(path: Path) -> dict[str, str]:
    """``name=value`` lines; blank ones and those that begin with # are skipped.

    Raises SettingsError when the file cannot be read or a line is no property; it never shows a value.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise SettingsError(f"cannot read {path}: {why}") from error
    properties = {}
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, equals, value = line.partition("=")
        if not (name.strip() and equals):
            raise SettingsError(f"{path}:{number}: not a property; write name=value")
        properties[name.strip()] = value.strip()
    return properties
