"""The generator as a process beside the job."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fraud_api import FraudDetector
from fraud_api.backends import Generator
from fraud_generator.detector import stream_topics
from fraud_generator.errors import SettingsError
from fraud_generator.options import asked_rate
from fraudctl.errors import MachineError, UserError
from fraudctl.runtime.processes import Child, spawn

_USERS_FAULT = 2


@dataclass(frozen=True)
class Wishes:
    """What the command line says over the detector's own ``generator``; None is its own."""

    events: int | None = None
    rate: float | None = None
    seed: int | None = None


def settled(generator: Generator, wishes: Wishes, environ: Mapping[str, str]) -> Generator:
    """What to generate: the command line wins over the environment, that over the detector.

    Raises UserError for a rate in the environment that is none.
    """
    update: dict[str, object] = {}
    if wishes.events is not None:
        update |= {"count": wishes.events, "endless": False}
    if wishes.seed is not None:
        update["seed"] = wishes.seed
    try:
        rate = asked_rate(generator.scenario.value, environ) if wishes.rate is None else wishes.rate
    except SettingsError as error:
        raise UserError(str(error)) from error
    if rate is not None:
        update["rate"] = rate or None  # 0 is as fast as possible
    return generator.model_copy(update=update)


class Traffic:
    """The generator's process."""

    def __init__(self, detector: FraudDetector) -> None:
        """Nothing is sent yet. Raises UserError when the scenario's streams aren't the detector's."""
        assert detector.spec.generator is not None
        try:
            self._topics = stream_topics(detector, detector.spec.generator)
        except SettingsError as error:
            raise UserError(str(error)) from error
        self._child: Child | None = None

    @property
    def topics(self) -> list[str]:
        """The topics that it writes to."""
        return list(self._topics.values())

    def start(self, detector_file: Path, log: Path, secrets_dir: Path | None, kafka_config: Path | None) -> None:
        """Start it; it sends at once what the resolved detector in ``detector_file`` asks for."""
        command = [sys.executable, "-P", "-m", "fraud_generator.detector", str(detector_file)]
        if secrets_dir is not None:
            command += ["--secrets-dir", str(secrets_dir)]
        if kafka_config is not None:
            command += ["--kafka-config", str(kafka_config)]
        self._child = spawn("the generator", command, log)

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
            reason = (self._child.last_line() or f"exit code {code}").removeprefix("error: ")
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
