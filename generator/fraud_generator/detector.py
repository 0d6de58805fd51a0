"""``python -m fraud_generator.detector``: the traffic that a detector's own ``spec.generator`` asks for."""

import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated

import typer

from fraud_api import FraudDetector
from fraud_api.backends import Generator
from fraud_api.kafka_clients import SecretError, librdkafka
from fraud_api.secret_files import kafka_credentials
from fraud_generator.command import finish, reports, say, stop_on_signals, told_plainly
from fraud_generator.errors import SettingsError, SinkError
from fraud_generator.kafka import KafkaTarget
from fraud_generator.model import Settings
from fraud_generator.options import read_properties
from fraud_generator.progress import Progress
from fraud_generator.run import run
from fraud_generator.scenarios import scenario_class
from fraud_generator.topics import await_partitions

app = typer.Typer(add_completion=False)


@app.command()
def detector(
    file: Annotated[Path, typer.Argument(metavar="DETECTOR.json", help="The resource as JSON.")],
    secrets_dir: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where the detector's Secrets are: DIR/NAME/KEY.")
    ] = None,
    kafka_config: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Further librdkafka properties, name=value lines.")
    ] = None,
) -> None:
    """Send what the detector's spec.generator says to its streams' topics, which somebody else makes.

    Waits for a broker and for topics that are not there yet, and for a broker that is lost. SIGTERM ends it.
    """
    with told_plainly():
        made = _read(file)
        settings = generator_of(made)
        topics = stream_topics(made, settings)

        def clients() -> dict[str, str]:
            more = read_properties(kafka_config) if kafka_config else {}
            return more | secured(made, secrets_dir)

        with stop_on_signals() as stop:
            progress = _send(made.spec.kafka.bootstrap_servers, settings, topics, clients, stop)
        finish(settings.scenario.value, progress)


def _read(file: Path) -> FraudDetector:
    try:
        return FraudDetector.model_validate_json(file.read_bytes())
    except OSError as error:
        raise SettingsError(f"cannot read {file}: {error.strerror or error}") from error
    except ValueError as error:
        raise SettingsError(f"no detector in {file}: {' '.join(str(error).split())[:300]}") from error


def generator_of(made: FraudDetector) -> Generator:
    """The detector's settings. Raises SettingsError where it has none."""
    found = made.spec.generator
    if found is None or not found.enabled:
        raise SettingsError(f"detector {made.metadata.name} has no spec.generator, or has it disabled")
    return found


def stream_topics(made: FraudDetector, settings: Generator) -> dict[str, str]:
    """The topic of each of the scenario's streams. Raises SettingsError when the detector lacks one."""
    ours = {stream.name: stream.topic_name for stream in made.spec.streams}
    theirs = [stream.name for stream in scenario_class(settings.scenario.value).streams]
    for name in theirs:
        if name not in ours:
            raise SettingsError(
                f"spec.generator: scenario {settings.scenario.value} makes traffic for stream {name}, "
                f"which is not in the detector; name a stream {name}, or leave spec.generator out"
            )
    return {name: ours[name] for name in theirs}


def secured(made: FraudDetector, secrets_dir: Path | None) -> dict[str, str]:
    """What the clients need for secured brokers. Raises SettingsError for a Secret that can't be used."""
    security = made.spec.kafka.security
    try:
        return librdkafka(security, kafka_credentials(security, secrets_dir))
    except SecretError as error:
        raise SettingsError(str(error)) from error


def _send(
    bootstrap: str,
    generator: Generator,
    topics: Mapping[str, str],
    clients: Callable[[], dict[str, str]],
    stop: threading.Event,
) -> Progress:
    partitions = _partitions(bootstrap, topics, clients, stop)
    if partitions is None:
        return Progress(stopped=True)
    settings = Settings(
        seed=generator.seed,
        count=generator.count,
        endless=generator.endless,
        fraud_share=generator.fraud_share,
        partitions=partitions,
    )
    target = KafkaTarget(bootstrap, topics, config=clients(), create_topics=False)
    return run(
        generator.scenario.value, settings, target,
        rate=generator.rate, stop=stop, progress=reports(),
    )  # fmt: skip


def _partitions(
    bootstrap: str, topics: Mapping[str, str], clients: Callable[[], dict[str, str]], stop: threading.Event
) -> int | None:
    """Partitions that all topics have, once they are there; None when told to stop before."""
    told = ""
    while not stop.is_set():
        try:
            return await_partitions(bootstrap, clients(), topics.values())
        except SinkError as error:
            if str(error) != told:
                told = str(error)
                say(f"waiting: {told}")
        stop.wait(1.0)
    return None


if __name__ == "__main__":
    app(prog_name="fraud_generator.detector")
