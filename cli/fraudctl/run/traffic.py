"""The generator as a process beside the job."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from fraud_api import FraudDetector
from fraud_api.backends import Generator
from fraud_generator import SCENARIOS
from fraudctl.errors import MachineError, UserError
from fraudctl.runtime.processes import Child, spawn

_ENDLESS = 10_000_000_000
_RATE_VARIABLE = "TRANSACTIONS_PER_SECOND"
_USERS_FAULT = 2


@dataclass(frozen=True)
class Wishes:
    """What the command line says over the detector's own ``generator``; None is its own."""

    events: int | None = None
    rate: float | None = None
    seed: int | None = None


class Traffic:
    """The generator's process."""

    def __init__(self, detector: FraudDetector, wishes: Wishes, kafka_config: Path | None = None) -> None:
        """Settle what to generate. Raises UserError when the scenario's streams aren't the detector's."""
        settings = detector.spec.generator
        assert settings is not None
        self._settings = settings
        self._wishes = wishes
        self._kafka_config = kafka_config
        self._topics = _topics(detector, settings)
        self._child: Child | None = None

    @property
    def topics(self) -> list[str]:
        """The topics that it writes to."""
        return list(self._topics.values())

    def start(self, bootstrap: str, partitions: int, log: Path) -> None:
        """Start it; it sends at once."""
        command = [sys.executable, "-P", "-m", "fraud_generator", *self.arguments(bootstrap, partitions)]
        self._child = spawn("the generator", command, log)

    def arguments(self, bootstrap: str, partitions: int) -> list[str]:
        """Its command line."""
        settings, wishes = self._settings, self._wishes
        found = [settings.scenario.value, "--kafka", bootstrap, "--partitions", str(partitions)]
        for stream, topic in self._topics.items():
            found += ["--topic", f"{stream}={topic}"]
        events = wishes.events or (_ENDLESS if settings.endless else settings.count)
        seed = settings.seed if wishes.seed is None else wishes.seed
        if events is None:
            # its own default would be to go on for ever where the scenario's is a number
            events = SCENARIOS[settings.scenario.value].default_count
        found += ["--events", str(events), "--seed", str(seed)]
        found += self._rate_arguments()
        if settings.fraud_share is not None:
            found += ["--fraud-share", str(settings.fraud_share)]
        if self._kafka_config is not None:
            found += ["--kafka-config", str(self._kafka_config)]
        return found

    def _rate_arguments(self) -> list[str]:
        rate = self._wishes.rate
        if rate is None and self._settings.scenario.value == "transactions" and os.environ.get(_RATE_VARIABLE):
            return []  # the generator reads the variable itself
        rate = self._settings.rate if rate is None else rate
        return ["--rate", f"{rate or 0:g}"]  # 0 is as fast as possible

    @property
    def running(self) -> bool:
        """Whether it still sends."""
        return self._child is not None and self._child.exit_code() is None

    @property
    def ended(self) -> bool:
        """Whether it has sent all. Raises UserError or MachineError when it failed."""
        code = self._child.exit_code() if self._child else None
        if code:
            assert self._child is not None
            lines = [line for line in self._child.log_tail().splitlines() if line.strip()]
            reason = (lines or [f"exit code {code}"])[-1].removeprefix("error: ")
            raise (UserError if code == _USERS_FAULT else MachineError)(f"the generator failed: {reason}")
        return code == 0

    def stop(self) -> None:
        """Ask it to end, wait until it has delivered what it sent."""
        if self._child is not None:
            self._child.stop(grace=6.0)

    def kill(self) -> None:
        """End it at once."""
        if self._child is not None:
            self._child.kill()


def _topics(detector: FraudDetector, settings: Generator) -> dict[str, str]:
    ours = {stream.name: stream.topic_name for stream in detector.spec.streams}
    theirs = [stream.name for stream in SCENARIOS[settings.scenario.value].streams]
    missing = [name for name in theirs if name not in ours]
    if missing:
        raise UserError(
            f"scenario {settings.scenario.value} makes traffic for stream {missing[0]}, which is not in the detector",
            f"name a stream {missing[0]}, or take spec.generator out and use --input",
        )
    return {name: ours[name] for name in theirs}
