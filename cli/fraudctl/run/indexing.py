"""Results on their way into Elasticsearch while a detector runs; the job never waits for it."""

import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fraud_api import FraudDetector
from fraudctl.broker import Place
from fraudctl.errors import FraudctlError, MachineError
from fraudctl.logs import keep_logs
from fraudctl.run.backlog import Backlog
from fraudctl.run.state import IndexCount
from fraudctl.runtime.elasticsearch import EmbeddedElasticsearch
from fraudctl.runtime.indexer import IndexerProcess

if TYPE_CHECKING:
    from fraudctl.run.indices import Indices

_NODE_SECONDS = 300.0
"""A machine that runs a job at full speed leaves little for a start."""
_HEALTH_SECONDS = 10.0
_EVERY_SECONDS = 1.0
_LOOK_SECONDS = 0.2
_STUCK_SECONDS = 60.0
"""At the end of a run, so long without a document taken is in vain."""
_JOIN_SECONDS = 1.0
_MOST_RESTARTS = 3


@dataclass(frozen=True)
class Target:
    """Where a run is indexed.

    Attributes:
        node: the run's own node; None where the user names one.
        secrets_dir: where the Secret of the user's node lies.
        new_topics: whether the topics begin with this run.
        replace: whether documents of earlier runs may be deleted.
    """

    node: EmbeddedElasticsearch | None
    secrets_dir: Path | None
    new_topics: bool
    replace: bool


class Indexing:
    """A thread that starts Elasticsearch, makes the indices and keeps the indexer running.

    Attributes:
        failure: why results are not, or not all, in Elasticsearch; empty while nothing is wrong.
    """

    def __init__(self, detector: FraudDetector, process: IndexerProcess, backlog: Backlog, target: Target) -> None:
        """Nothing is started yet; ``backlog`` is that of ``process``."""
        self._detector = detector
        self._process = process
        self._backlog = backlog
        self._target = target
        self.failure = ""
        self._error: FraudctlError | None = None
        self._notes: list[str] = []
        self._restarts = 0
        self._partitions: Mapping[str, int] = {}
        self._committed_notes: Mapping[str, str] = {}
        self._documents: Mapping[str, int] = {}
        self._indices: Indices | None = None
        self._open, self._ready, self._stop = threading.Event(), threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._work, name="indexing", daemon=True)

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def open(self, partitions: Mapping[str, int]) -> None:
        """Topics are there with so many partitions, and the job has written nothing yet."""
        self._partitions = partitions
        if self._target.node and not self._target.new_topics:
            from fraudctl.run.indices import FIRST_NOTE

            # what earlier runs have left in the topics is not of this run
            self._begin()
            self._backlog.skip(FIRST_NOTE)
        self._open.set()

    def _begin(self) -> None:
        from fraud_services.indices import indices_of

        self._backlog.begin([index.topic for index in indices_of(self._detector)], self._partitions)

    def _work(self) -> None:
        try:
            self._prepare()
            while not self._open.wait(_EVERY_SECONDS):
                if self._stop.is_set():
                    return
            self._begin()
            self._process.start()
            self._ready.set()
            while not self._stop.wait(_EVERY_SECONDS):
                self._mend()
        except Exception as error:  # told by the main thread
            if not self._stop.is_set():
                self._fail(error)

    def _prepare(self) -> None:
        target = self._target
        if target.node:
            target.node.start(_NODE_SECONDS)
        # imported late: its client takes the processor for a while, which the start of the job needs
        from fraudctl.run.indices import Indices

        indices = Indices(self._detector, target.secrets_dir)
        indices.await_node(_NODE_SECONDS if target.node else _HEALTH_SECONDS)
        if target.new_topics and not target.node:
            indices.make_room(target.replace)
        indices.make()
        self._committed_notes = indices.notes()
        self._indices = indices
        self._notes.append(f"Elasticsearch is at {indices.url}; indices: {', '.join(indices.aliases.values())}")

    def _mend(self) -> None:
        node = self._target.node
        if node and not node.running:
            self._begin_again("Elasticsearch")
            node.start(_NODE_SECONDS)
        if not self._process.running:
            self._begin_again("the indexer", f" ({self._process.last_words()})")
            self._process.start()

    def _begin_again(self, what: str, why: str = "") -> None:
        self._restarts += 1
        if self._restarts > _MOST_RESTARTS:
            raise MachineError(f"{what} ended several times{why}")
        self._notes.append(f"{what} ended unexpectedly{why}; starting it again")

    def _fail(self, error: Exception) -> None:
        """What was asked for by name must be there from the start; else the run goes on without."""
        node = self._target.node
        if node is None and not self._ready.is_set():
            self._error = error if isinstance(error, FraudctlError) else MachineError(f"Elasticsearch: {error}")
            return
        kept = keep_logs(node.directory) if node else None
        self.failure = f"{error}; --no-elasticsearch does without" + (f" (logs: {kept})" if kept else "")
        self._notes.append(f"results are not indexed: {self.failure}")
        self._end()

    def take_notes(self) -> list[str]:
        """What is worth telling and was not taken before. Raises what must end the run."""
        if self._error is not None:
            raise self._error
        taken, self._notes = self._notes, []
        return taken

    def catch_up(self) -> None:
        """Return when everything in the topics is indexed, or when that comes to nothing."""
        while not (self._ready.is_set() or self._over()):
            self._stop.wait(_LOOK_SECONDS)  # a node that does not start has a time limit of its own
        if self._ready.is_set():
            self._catch_up(self._backlog.ends())
        self.count()

    def _catch_up(self, ends: Mapping[Place, int]) -> None:
        least, since = sum(ends.values()) + 1, time.monotonic()
        while not self._over() and (left := self._backlog.left(ends, self._committed_notes)):
            if left < least:
                least, since = left, time.monotonic()
            elif time.monotonic() - since > _STUCK_SECONDS:
                assert self._indices is not None
                self.failure = f"{left:,} records are left: {self._indices.obstacle()}"
            self._stop.wait(_LOOK_SECONDS)

    def _over(self) -> bool:
        return bool(self.failure or self._error or self._stop.is_set())

    def count(self) -> None:
        """Look at how many documents there are, where that can be told."""
        if self._indices is not None:
            with suppress(MachineError):
                self._documents = self._indices.documents()

    def counted(self, refused: Mapping[str, int]) -> list[IndexCount]:
        """What was seen at the last look; ``refused`` has records by topic."""
        aliases = self._indices.aliases if self._indices else {}
        return [
            IndexCount(alias, self._documents[alias], refused.get(topic, 0))
            for topic, alias in aliases.items()
            if alias in self._documents
        ]

    def close(self) -> None:
        """End everything."""
        self._stop.set()
        self._end()
        if self._thread.is_alive():
            self._thread.join(_JOIN_SECONDS)
            self._end()  # what it has started in the meantime

    def _end(self) -> None:
        if self._target.new_topics:
            self._process.kill()
        else:
            self._process.stop()
        if self._target.node:
            self._target.node.close()
