"""The indexer as a process beside the job."""

import sys
from pathlib import Path

from fraudctl.runtime.processes import Child, nicely, spawn


class IndexerProcess:
    """Fills a detector's indices while it runs."""

    def __init__(self, detector_file: Path, log: Path, group: str, secrets_dir: Path | None, niceness: int = 0) -> None:
        """Nothing is started yet.

        Args:
            detector_file: the resolved detector.
            log: where it logs.
            group: the consumer group that it reads in.
            secrets_dir: where Secrets lie as files.
            niceness: how far it steps back where others need the processor, 0 to 19.
        """
        self._log = log
        self._command = [*nicely(niceness), sys.executable, "-P", "-m", "fraud_services.indexer", str(detector_file)]
        self._command += ["--group", group]
        if secrets_dir is not None:
            self._command += ["--secrets-dir", str(secrets_dir)]
        self._child: Child | None = None

    def start(self) -> None:
        """Start it. Raises MachineError when that can't be."""
        self._child = spawn("the indexer", self._command, self._log)

    @property
    def running(self) -> bool:
        """Whether it is there."""
        return self._child is not None and self._child.exit_code() is None

    def last_words(self) -> str:
        """The last line that it has logged."""
        said = self._child.last_line() if self._child else ""
        return said[:300] or "it said nothing"

    def stop(self) -> None:
        """Ask it to leave its group and end; returns when it is gone."""
        if self._child is not None:
            self._child.stop(grace=3.0)

    def kill(self) -> None:
        """End it at once."""
        if self._child is not None:
            self._child.kill()
