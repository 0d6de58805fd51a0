"""Sends a scenario to a target at a steady rate, in this process or in several."""

import time
from collections.abc import Callable
from dataclasses import replace

from fraud_generator.errors import SettingsError
from fraud_generator.model import Settings
from fraud_generator.pacing import Pacer
from fraud_generator.processes import run_all
from fraud_generator.progress import Progress, Reporter, Stop
from fraud_generator.scenarios import make, scenario_class
from fraud_generator.sinks import Target
from fraud_generator.source import generate


def run(
    scenario: str,
    settings: Settings,
    target: Target,
    *,
    rate: float | None = None,
    processes: int = 1,
    stop: Stop | None = None,
    progress: Callable[[Progress], None] | None = None,
    every: float = 1.0,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Progress:
    """Send a whole run and say how much arrived; returns when all is stored or ``stop`` says so.

    ``rate`` is in records a second for all processes together; None is as fast as possible. Each process
    owns its partitions, its ids and a random sequence derived from the seed, so there are at most as many
    processes as partitions, and other bytes than with one. ``progress`` is called about every ``every``
    seconds. When a broker is lost the run waits for it. Raises SettingsError for the user's mistakes,
    SinkError when the target fails.
    """
    if rate is not None and rate <= 0:
        raise SettingsError(f"rate must be above 0 events per second, not {rate:g}")
    if processes < 1:
        raise SettingsError(f"processes must be at least 1, not {processes}")
    shards = [replace(settings, shard=shard, shards=processes) for shard in range(processes)]
    make(scenario, shards[0])
    target.check(scenario_class(scenario), settings, processes)
    if processes > 1:
        part = rate / processes if rate else None
        return run_all(run_shard, scenario, shards, target, part, stop, progress, every)
    return run_shard(scenario, settings, target, rate, stop, progress, every, clock, sleep)


def run_shard(
    scenario: str,
    settings: Settings,
    target: Target,
    rate: float | None,
    stop: Stop | None,
    progress: Callable[[Progress], None] | None,
    every: float,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Progress:
    """Send one shard in this process."""
    batches = generate(scenario, settings)
    sink = target.open(scenario_class(scenario), settings)
    try:
        reporter = Reporter(sink.counts, stop, progress, every, clock)
        pacer = Pacer(rate, clock, sleep)
        for batch in batches:
            for records in pacer.slices(batch.records):
                if reporter.tick():
                    break
                sink.write(records, (), reporter.tick)
                pacer.wait(len(records), reporter.tick)
            if reporter.tick():
                break
            sink.write((), batch.labels, reporter.tick)
        sink.finish(reporter.tick)
        return reporter.now()
    finally:
        sink.close()
