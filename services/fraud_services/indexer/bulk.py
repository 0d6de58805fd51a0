"""Batches sent until every document of them is settled: taken, known, or refused and in the dead letters."""

import logging
import random
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from elastic_transport import TransportError
from elasticsearch import ApiError, Elasticsearch

from fraud_services.indexer.answers import Fate, fate
from fraud_services.indexer.documents import Action, Record
from fraud_services.indices.verdicts import Obstacle, Reason, cause_of, verdict_of

_LOG = logging.getLogger(__name__)

REQUEST_BYTES = 8_388_608
"""A request is sent once it is this large; one document may be larger."""
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 5.0
_UNSURE_TRIES = 8
"""An error inside Elasticsearch that comes this often with one document is the document's."""
_HEADERS = {"content-type": "application/x-ndjson", "accept": "application/json"}
_ANSWER = {"filter_path": "errors,items.*.status,items.*.error"}
_TOO_LARGE = "larger than a request may be (http.max_content_length)"


class Stopped(Exception):
    """The indexer ends before everything was settled; it will be read again."""


@dataclass(frozen=True)
class Refusal:
    """A record that is not indexed.

    Attributes:
        record: the record.
        index: where it was to go.
        reason: why it did not.
    """

    record: Record
    index: str
    reason: str


@dataclass
class Counts:
    """What became of a batch's documents."""

    done: int = 0
    known: int = 0
    again: int = 0


class Watcher(Protocol):
    """Who counts."""

    def counted(self, counts: Counts) -> None:
        """Some documents are settled, or have to be sent again."""

    def waiting(self, reason: str | None) -> None:
        """Elasticsearch takes nothing for this reason; None: it does again."""


class Buckets(Protocol):
    """Who makes indices."""

    def ensure(self, name: str) -> None:
        """Make an index unless it is there. Raises Obstacle, ApiError or TransportError."""

    def forget(self, name: str) -> None:
        """It was dropped, or may have been: look again the next time."""


class Sender:
    """Sends batches; several threads may do so at once."""

    def __init__(
        self, client: Elasticsearch, url: str, buckets: Buckets, watcher: Watcher, largest: int, stop: threading.Event
    ) -> None:
        """``largest`` is the most bytes that the node takes at once; ``stop`` ends all waiting."""
        self._client = client
        self._url = url
        self._buckets = buckets
        self._watcher = watcher
        self._largest = largest
        self._stop = stop

    def send(self, actions: Sequence[Action]) -> list[Refusal]:
        """Send a batch, again and again while Elasticsearch can't take it; returns what it never will.

        Raises:
            Stopped: the indexer is to end.
        """
        refusals: list[Refusal] = []
        for request in _requests(actions):
            refusals += self._settle(request)
        return refusals

    def _settle(self, actions: Sequence[Action]) -> list[Refusal]:
        refusals: list[Refusal] = []
        tries: dict[Action, int] = {}
        pause, waited = _FIRST_PAUSE, False
        while actions:
            if self._stop.is_set() and waited:
                raise Stopped
            left, why = self._try(actions, refusals, tries)
            if left:
                if len(left) == len(actions):
                    self._watcher.waiting(why)
                    pause = min(pause * 2, _LONGEST_PAUSE)
                else:  # a part of it was taken: that is no outage, only a queue that was full for a moment
                    pause = _FIRST_PAUSE
                waited = True
                if self._stop.wait(pause * random.uniform(0.5, 1.0)):  # noqa: S311
                    raise Stopped
            actions = left
        if waited:
            self._watcher.waiting(None)
        return refusals

    def _try(
        self, actions: Sequence[Action], refusals: list[Refusal], tries: dict[Action, int]
    ) -> tuple[list[Action], str]:
        """Send once; returns what has to be sent again, and why."""
        names = {action.index for action in actions}
        try:
            for name in names:
                self._buckets.ensure(name)
            items = self._post(actions)
        except (ApiError, TransportError, Obstacle) as error:
            for name in names:  # what comes back may be a node that has lost them, and would make them of any type
                self._buckets.forget(name)
            verdict = verdict_of(error, self._url)
            self._watcher.counted(Counts(again=len(actions)))
            return list(actions), f"{verdict.reason}: {verdict.message}"
        return self._sort(actions, items, refusals, tries)

    def _sort(
        self,
        actions: Sequence[Action],
        items: Sequence[tuple[Fate, str]],
        refusals: list[Refusal],
        tries: dict[Action, int],
    ) -> tuple[list[Action], str]:
        counts, left, why = Counts(), [], ""
        for action, (outcome, reason) in zip(actions, items, strict=True):
            if outcome is Fate.UNSURE:
                tries[action] = tries.get(action, 0) + 1
                outcome = Fate.REFUSED if tries[action] >= _UNSURE_TRIES else Fate.AGAIN
            if outcome is Fate.DONE:
                counts.done += 1
            elif outcome is Fate.KNOWN:
                counts.known += 1
            elif outcome is Fate.REFUSED:
                refusals.append(Refusal(action.record, action.index, reason))
            else:
                counts.again += 1
                left.append(action)
                why = reason
                if reason.startswith("index_not_found"):
                    self._buckets.forget(action.index)
        self._watcher.counted(counts)
        return left, why

    def _post(self, actions: Sequence[Action]) -> list[tuple[Fate, str]]:
        """One request, or several where the node finds it too large or can't read it."""
        size = sum(len(action.body) for action in actions)
        try:
            if size > self._largest:
                return self._apart(actions, _TOO_LARGE)
            answer = self._client.perform_request(
                "POST", "/_bulk", params=_ANSWER, headers=_HEADERS, body=b"".join(action.body for action in actions)
            ).body
        except ApiError as error:
            if error.status_code not in (400, 413):
                raise
            return self._apart(actions, _TOO_LARGE if error.status_code == 413 else cause_of(error))
        return _fates(answer, len(actions))

    def _apart(self, actions: Sequence[Action], reason: str) -> list[tuple[Fate, str]]:
        if len(actions) == 1:
            return [(Fate.REFUSED, reason)]
        middle = len(actions) // 2
        return [*self._post(actions[:middle]), *self._post(actions[middle:])]


def _fates(answer: Any, count: int) -> list[tuple[Fate, str]]:
    if not answer["errors"]:
        return [(Fate.DONE, "")] * count
    items = answer["items"]
    if len(items) != count:
        raise Obstacle(Reason.REFUSED, f"Elasticsearch answered {len(items)} of {count} documents")
    return [fate(item) for item in items]


def _requests(actions: Sequence[Action]) -> list[Sequence[Action]]:
    """Cut a batch where a request would grow too large."""
    found, begin, size = [], 0, 0
    for place, action in enumerate(actions):
        size += len(action.body)
        if size > REQUEST_BYTES and place > begin:
            found.append(actions[begin:place])
            begin, size = place, len(action.body)
    return [*found, actions[begin:]] if actions else []
