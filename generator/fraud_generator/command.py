"""The command ``generate``: options in, records out, counts and errors on standard error."""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import typer

from fraud_generator import flags
from fraud_generator.errors import GeneratorError, SettingsError
from fraud_generator.kafka import KafkaTarget
from fraud_generator.options import Options, Plan, plan
from fraud_generator.progress import Progress
from fraud_generator.run import run
from fraud_generator.sinks import ReaderGoneError

MISTAKE = 2
FAILURE = 1
REPORT_SECONDS = 5.0

EPILOG = """Examples:

generate transactions --events 1000

generate payments --output data/payments

generate ad-clicks --kafka localhost:9092 --rate 500 --labels truth

Environment: KAFKA_BROKER_URL, TRANSACTIONS_TOPIC, TRANSACTIONS_PER_SECOND; options win.
Exit codes: 0 done or stopped, 1 the machine failed (broker, disk), 2 the command was wrong."""


def generate(
    scenario: flags.Scenario,
    events: flags.Events = None,
    rate: flags.Rate = None,
    seed: flags.Seed = 1,
    fraud_share: flags.FraudShare = None,
    kafka: flags.Kafka = None,
    topic: flags.Topic = None,
    output: flags.Output = None,
    labels: flags.Labels = None,
    start: flags.Start = None,
    partitions: flags.Partitions = 2,
    closing: flags.Closing = True,
    poison: flags.Poison = 0.0,
    late: flags.Late = 0.0,
    processes: flags.Processes = 1,
    kafka_config: flags.KafkaConfig = None,
    endless: flags.Endless = False,
) -> None:
    """Generate labelled traffic with planted fraud, to Kafka, to files or to standard output."""
    options = Options(
        scenario=scenario, events=events, rate=rate, seed=seed, fraud_share=fraud_share, kafka=kafka,
        topics=tuple(topic or ()), output=output, labels=labels, start=start, partitions=partitions,
        closing=closing, poison=poison, late=late, processes=processes, kafka_config=kafka_config,
        endless=endless,
    )  # fmt: skip
    with told_plainly():
        finish(scenario, _send(scenario, plan(options, os.environ)))


@contextmanager
def told_plainly() -> Iterator[None]:
    """Turn this package's errors into one line on standard error and an exit code."""
    try:
        yield
    except ReaderGoneError:
        # What is left in the buffer has nowhere to go; without this the interpreter complains at its exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except SettingsError as error:
        say(f"error: {error}")
        raise typer.Exit(MISTAKE) from error
    except GeneratorError as error:
        say(f"error: {error}")
        raise typer.Exit(FAILURE) from error


def _send(scenario: str, todo: Plan) -> Progress:
    hear = reports(isinstance(todo.target, KafkaTarget))
    with stop_on_signals() as stop:
        return run(
            scenario, todo.settings, todo.target,
            rate=todo.rate, processes=todo.processes, stop=stop, progress=hear,
        )  # fmt: skip


@contextmanager
def stop_on_signals() -> Iterator[threading.Event]:
    """An event that the first Ctrl-C or SIGTERM sets; a second one ends the process at once."""
    stop = threading.Event()

    def on_signal(number: int, frame: FrameType | None) -> None:
        if stop.is_set():
            os._exit(128 + number)
        stop.set()

    before = {number: signal.signal(number, on_signal) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def reports(wanted: bool = True) -> Callable[[Progress], None]:
    """Tells of progress: every few seconds if ``wanted``, and at once when a broker goes or comes back."""
    return _Reports(wanted).hear


class _Reports:
    def __init__(self, wanted: bool) -> None:
        self._wanted = wanted
        self._next = REPORT_SECONDS
        self._connected = True

    def hear(self, progress: Progress) -> None:
        if progress.connected != self._connected:
            self._connected = progress.connected
            waiting = progress.sent - progress.acknowledged - progress.failed
            say("broker is back" if self._connected else f"broker lost: {waiting:,} records wait for it")
        if self._wanted and progress.seconds >= self._next:
            self._next = progress.seconds + REPORT_SECONDS
            say(describe(progress))


def describe(progress: Progress) -> str:
    """One line of counts."""
    return (
        f"sent {progress.sent:,}, acknowledged {progress.acknowledged:,}, failed {progress.failed:,} "
        f"in {progress.seconds:.1f} s ({progress.rate:,.0f} records/s)"
    )


def finish(scenario: str, progress: Progress) -> None:
    """Say how much was sent; a failure when not all of it arrived."""
    say(f"{scenario}: {describe(progress)}{', stopped' if progress.stopped else ''}")
    lost = progress.sent - progress.acknowledged
    if lost:
        say(f"error: {lost:,} records did not reach the broker")
        raise typer.Exit(FAILURE)


def say(line: str) -> None:
    """A line on standard error."""
    typer.echo(line, err=True)
