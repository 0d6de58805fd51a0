"""Several processes for one run: each sends its shard, the parent adds up and passes on the wish to stop."""

import multiprocessing
import signal
import time
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any

from fraud_generator.errors import GeneratorError, SettingsError, SinkError
from fraud_generator.model import Settings
from fraud_generator.progress import Progress, Reporter, Stop, total
from fraud_generator.sinks import Counts, Target

GRACE_SECONDS = 10.0
"""How long processes get to flush after the wish to stop, before they are killed."""

Shard = Callable[..., Progress]


def run_all(
    shard: Shard,
    scenario: str,
    settings: Sequence[Settings],
    target: Target,
    rate: float | None,
    stop: Stop | None,
    progress: Callable[[Progress], None] | None,
    every: float,
) -> Progress:
    """Run each of the settings in a process of its own. Raises what the first failing one raised."""
    # Not fork: a client library with threads of its own does not survive it.
    context = multiprocessing.get_context("spawn")
    children: list[tuple[BaseProcess, Connection]] = []
    try:
        for one in settings:
            ours, theirs = context.Pipe()
            child = context.Process(target=_work, args=(theirs, shard, scenario, one, target, rate), daemon=True)
            child.start()
            theirs.close()
            children.append((child, ours))
        return _watch([pipe for _, pipe in children], stop, progress, every)
    finally:
        _end(children)


def _watch(
    pipes: list[Connection], stop: Stop | None, progress: Callable[[Progress], None] | None, every: float
) -> Progress:
    latest = {pipe: Progress() for pipe in pipes}
    open_pipes = list(pipes)

    def counts() -> Counts:
        now = total(latest.values())
        return Counts(now.sent, now.acknowledged, now.failed, now.connected)

    reporter = Reporter(counts, stop, progress, every, time.monotonic)
    told = False
    while open_pipes:
        if reporter.tick() and not told:
            _tell(open_pipes)
            told = True
        for pipe in wait(open_pipes, timeout=0.1):
            _receive(pipe, latest, open_pipes)
    return total(latest.values())


def _tell(pipes: Sequence[Connection]) -> None:
    for pipe in pipes:
        try:
            pipe.send("stop")
        except OSError:
            continue  # it has just ended by itself


def _receive(pipe: Any, latest: dict[Connection, Progress], open_pipes: list[Connection]) -> None:
    try:
        message, ended = pipe.recv()
    except (EOFError, OSError) as error:
        raise SinkError("a generator process ended unexpectedly") from error
    if isinstance(message, GeneratorError):
        raise message
    latest[pipe] = message
    if ended:
        open_pipes.remove(pipe)


def _end(children: Sequence[tuple[BaseProcess, Connection]]) -> None:
    _tell([pipe for _, pipe in children])
    deadline = time.monotonic() + GRACE_SECONDS
    for child, pipe in children:
        child.join(max(0.0, deadline - time.monotonic()))
        if child.is_alive():
            child.kill()
            child.join()
        pipe.close()


def _work(
    pipe: Connection, shard: Shard, scenario: str, settings: Settings, target: Target, rate: float | None
) -> None:
    """The body of a process. It ends on its own when the parent is gone, as the pipe tells."""
    # A signal to the whole group must not cut off what is being flushed: the parent says when to stop.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        done = shard(scenario, settings, target, rate, lambda: _told(pipe), lambda now: _say(pipe, now, False), 0.5)
        _say(pipe, done, True)
    except SettingsError as error:
        _say(pipe, SettingsError(str(error)), True)
    except GeneratorError as error:
        _say(pipe, SinkError(str(error)), True)


def _told(pipe: Connection) -> bool:
    try:
        # What was said stays unread, so the answer remains true.
        return pipe.poll(0)
    except OSError:
        return True


def _say(pipe: Connection, message: Progress | GeneratorError, ended: bool) -> None:
    try:
        pipe.send((message, ended))
    except OSError:
        return  # the parent is gone; _told has the run stop
