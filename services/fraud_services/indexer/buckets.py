"""The indices that documents go to, made when the first document comes."""

import threading
from collections.abc import Iterable

from elasticsearch import BadRequestError, Elasticsearch

from fraud_api import FraudDetector
from fraud_services.indices import templates
from fraud_services.indices.verdicts import Obstacle, Reason


class Buckets:
    """Makes indices and sees to it that they come from the detector's templates; safe for several threads."""

    def __init__(
        self, client: Elasticsearch, detector: FraudDetector, known: Iterable[str], streams: Iterable[str] = ()
    ) -> None:
        """``known`` are indices that are there already, ``streams`` data streams, which are not made here at all."""
        self._client = client
        self._detector = detector
        self._streams = frozenset(streams)
        self._known = {*known, *self._streams}
        self._lock = threading.Lock()

    def ensure(self, name: str) -> None:
        """Make an index unless it is there.

        Raises:
            Obstacle: it is not of the detector's templates; documents in it would have any type.
        """
        if name in self._known:
            return
        with self._lock:
            if name not in self._known:
                self._make(name)
                self._known.add(name)

    def forget(self, name: str) -> None:
        """It was dropped, or may have been: make it again the next time."""
        if name not in self._streams:
            self._known.discard(name)

    def _make(self, name: str) -> None:
        made = True
        try:
            self._client.indices.create(index=name)
        except BadRequestError as error:
            if error.message != "resource_already_exists_exception":
                raise
            made = False
        for held in self._client.indices.get_mapping(index=name).body.values():
            if not templates.is_ours(held["mappings"].get("_meta"), self._detector):
                if made:  # the templates are missing: an index without them would be in the way of who makes them
                    self._client.indices.delete(index=name, ignore_unavailable=True)
                raise Obstacle(Reason.NOT_OURS, f"index {name} was not made from the detector's templates")
