"""The indexer's loop: read a batch, let a thread send it, commit what is settled."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress

from fraud_services.indexer.bulk import Refusal, Sender, Stopped
from fraud_services.indexer.commits import Ledger, Place, Sent
from fraud_services.indexer.dead_letters import DeadLetters
from fraud_services.indexer.documents import Action, NotIndexable, Record, ToAction
from fraud_services.indexer.reader import Reader
from fraud_services.indexer.watch import Watch

SENDERS = 3
"""Threads that send."""
_BATCH, _BATCH_BYTES, _BATCH_SECONDS = 2_000, 4_194_304, 0.2
_ON_THE_WAY = SENDERS + 1
"""Batches in memory; while there are as many, nothing is read."""
_COMMIT_SECONDS = 1.0
_LAG_SECONDS = 5.0
_WAIT_SECONDS = 1.0
_LAST_SECONDS = 10.0


class Indexer:
    """Reads topics and fills their indices until it is told to end."""

    def __init__(
        self,
        connect: Callable[[Callable[[Sequence[Place]], None]], Reader],
        actions: Mapping[str, ToAction],
        sender: Sender,
        dead_letters: DeadLetters,
        watch: Watch,
        stop: threading.Event,
    ) -> None:
        """``connect`` makes the reader; ``actions`` say what becomes of a topic's records; ``stop`` ends it."""
        self._actions = actions
        self._sender = sender
        self._dead_letters = dead_letters
        self._watch = watch
        self._stop = stop
        self._ledger = Ledger()
        self._reader = connect(self._ledger.forget)
        self._pool = ThreadPoolExecutor(SENDERS, thread_name_prefix="sender")
        self._committed = self._measured = time.monotonic()

    def run(self) -> None:
        """Index until the end is asked for; what is on its way then has some seconds left."""
        try:
            with suppress(Stopped):
                while not self._stop.is_set():
                    self._step()
        finally:
            self._end()

    def _step(self) -> None:
        self._watch.beat()
        self._ledger.settle()
        self._now_and_then()
        if self._ledger.on_the_way >= _ON_THE_WAY:
            oldest = self._ledger.oldest
            assert oldest is not None
            wait([oldest], _WAIT_SECONDS)
            if not oldest.done():
                self._reader.keep_alive()
            return
        records = self._reader.read(_BATCH, _BATCH_BYTES, _BATCH_SECONDS)
        ends = _ends(records, self._reader.take_ends())
        if ends:
            self._ledger.add(Sent(self._submit(records), ends))

    def _submit(self, records: Sequence[Record]) -> "Future[None]":
        """Let a thread send records. What is not indexable at all goes with the refusals."""
        actions: list[Action] = []
        refusals: list[Refusal] = []
        counts: dict[str, int] = {}
        for record in records:
            topic = record.topic()
            counts[topic] = counts.get(topic, 0) + 1
            try:
                actions.append(self._actions[topic](record))
            except NotIndexable as error:
                refusals.append(Refusal(record, "", str(error)))
        for topic, count in counts.items():
            self._watch.read(topic, count)
        return self._pool.submit(self._send, actions, refusals)

    def _send(self, actions: Sequence[Action], refusals: list[Refusal]) -> None:
        refusals += self._sender.send(actions)
        self._dead_letters.write(refusals)
        for refusal in refusals:
            self._watch.refused(refusal.record.topic())

    def _now_and_then(self) -> None:
        now = time.monotonic()
        if now - self._committed >= _COMMIT_SECONDS:
            self._committed = now
            self._reader.commit(self._ledger.take())
        if now - self._measured >= _LAG_SECONDS:
            self._measured = now
            for topic, records in self._reader.lags().items():
                self._watch.lag(topic, records)

    def _end(self) -> None:
        deadline = time.monotonic() + _LAST_SECONDS
        while (oldest := self._ledger.oldest) and time.monotonic() < deadline:
            wait([oldest], max(0.0, deadline - time.monotonic()))
            if not _settle(self._ledger):
                break
        self._reader.commit(self._ledger.take(), wait=True)
        self._reader.close()
        self._pool.shutdown(wait=False, cancel_futures=True)


def _settle(ledger: Ledger) -> bool:
    """Whether the front of the ledger could be settled."""
    try:
        ledger.settle()
    except Stopped:
        return False
    return True


def _ends(records: Sequence[Record], reached: Mapping[Place, int]) -> dict[Place, int]:
    """The offsets that everything before has been read of."""
    found = {(record.topic(), record.partition()): record.offset() + 1 for record in records}
    return {place: max(found.get(place, 0), reached.get(place, 0)) for place in {*found, *reached}}
