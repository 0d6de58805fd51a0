"""A detector's indices during a run: made ready, counted, and what stands in the way of documents."""

import logging
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

from elastic_transport import TransportError
from elasticsearch import ApiError

from fraud_api import FraudDetector, naming
from fraud_services.elastic import connect
from fraud_services.errors import ServiceError
from fraud_services.indexer.reader import note
from fraud_services.indices import Verdict, apply, documents, drop_expired, indices_of, look, remove, wait
from fraud_services.indices.apply import written_version
from fraud_services.indices.verdicts import verdict_of
from fraud_services.secret_files import read_secret
from fraudctl.errors import MachineError, UserError

logging.getLogger("elastic_transport").setLevel(logging.ERROR)  # what it warns of is told by us, once

T = TypeVar("T")

_ANSWER_SECONDS = 10.0

FIRST_NOTE = note(1)
"""What is committed for the first version of an index."""


class Indices:
    """The indices of a detector in the Elasticsearch that it names.

    Attributes:
        url: where it is.
        aliases: the names that people read, by the topic that is indexed.
    """

    def __init__(self, detector: FraudDetector, secrets_dir: Path | None) -> None:
        """Nothing is asked yet. Raises UserError for a Secret that can't be used."""
        where = detector.spec.elasticsearch
        assert where is not None
        try:
            self._client = connect(where.url, read_secret(secrets_dir, where.secret_ref))
        except ServiceError as error:
            raise UserError(str(error)) from error
        self.aliases = {index.topic: index.alias for index in indices_of(detector)}
        self._detector = detector
        self.url = where.url
        self._pattern = f"{naming.prefix(detector)}.*"

    def await_node(self, seconds: float) -> None:
        """Wait until Elasticsearch takes documents. Raises MachineError that says what is wrong."""
        _judge(wait(self._client, self.url, self._pattern, seconds))

    def make_room(self, replace: bool) -> None:
        """See that nothing is there of earlier runs, whose topics are gone: their offsets would begin anew.

        Raises UserError when there is something that must not be deleted (``replace``).
        """
        held = sum(self.documents().values())
        if held and not replace:
            raise UserError(
                f"the indices {self._pattern} at {self.url} hold {held:,} documents already",
                "--replace-indices deletes them; to add to them, give the Kafka that they come from with --kafka",
            )
        if held:
            _judge(remove(self._client, self._detector))

    def make(self) -> None:
        """Make templates, indices and aliases, and drop old buckets. Raises MachineError when that can't be."""
        _judge(apply(self._client, self._detector))
        _judge(drop_expired(self._client, self._detector))

    def notes(self) -> dict[str, str]:
        """What the indexer commits for each topic, once the indices are made. Raises MachineError likewise."""
        written = {
            index.topic: self._asked(partial(written_version, self._client, self._detector, index))
            for index in indices_of(self._detector)
        }
        return {topic: note(version.number) for topic, version in written.items() if version is not None}

    def documents(self) -> dict[str, int]:
        """How many documents there are, by alias. Raises MachineError when Elasticsearch does not tell."""
        asking = self._client.options(request_timeout=_ANSWER_SECONDS)
        return self._asked(partial(documents, asking, self._detector))

    def obstacle(self) -> str:
        """What stands in the way of documents right now, as far as can be seen."""
        return look(self._client, self.url, self._pattern).message

    def _asked(self, work: Callable[[], T]) -> T:
        try:
            return work()
        except (ApiError, TransportError) as error:
            raise MachineError(verdict_of(error, self.url).message) from error


def _judge(verdict: Verdict) -> None:
    if not verdict.ready:
        raise MachineError(verdict.message)
