"""Detectors that faults strike, what flows through them meanwhile, and what must come of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from harness.cluster import ELASTICSEARCH, Resource, in_cluster, resource
from harness.detectors import manifest
from harness.kafka import Record
from oracle.detectors import expected, traffic
from oracle.expected import Alert

from fraud_api import FraudDetector
from fraud_generator.model import DEFAULT_START

_APART = timedelta(days=10)
"""The traffic of a round is later than all of the round before, and than what closes that one's windows."""


@dataclass(frozen=True)
class Batch:
    """What is sent in a round.

    Attributes:
        records: in the order of arrival.
        late: the values of those that come too late to be counted.
        alerts: what the oracle wants of the others.
    """

    records: Sequence[Record]
    late: Sequence[bytes]
    alerts: Sequence[Alert]


@dataclass(frozen=True)
class Load:
    """A manifest's detector with traffic of its scenario.

    Attributes:
        name: of both.
        settings: of the generator.
        change: what of the detector's spec is otherwise than in the manifest.
    """

    name: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    change: Callable[[Resource], None] = lambda spec: None

    def detector(self, namespace: str, indexed: bool) -> FraudDetector:
        """The detector for a namespace; its last output gets a record as soon as one is read."""
        more = {"elasticsearch": {"url": ELASTICSEARCH}} if indexed else {}
        document = resource(in_cluster(manifest(self.name), namespace, **more))
        self.change(document["spec"])
        for output in document["spec"]["outputs"]:
            output.setdefault("topic", f"{namespace}.{output['name']}")
        return FraudDetector.model_validate(document)

    def batch(self, number: int, events: int, namespace: str) -> Batch:
        """The traffic of a round; rounds are numbered from 1."""
        made = traffic(
            self.name, seed=number, count=events, start=DEFAULT_START + number * _APART, **self.settings
        ).records
        late = [record for record in made if record.label and "late" in record.label]
        behind = {id(record) for record in late}
        on_time = [_to_send(record) for record in made if id(record) not in behind]
        return Batch(
            [_to_send(record) for record in made],
            [record.value for record in late],
            expected(self.name, on_time, namespace).alerts,
        )


def _to_send(record: Any) -> Record:
    return record.stream, record.partition, record.key, record.value


def _passing(spec: Resource) -> None:
    """An output that shows at once that the job reads: windows would take their time."""
    column = {"name": "txn_id", "type": "STRING"}
    spec["outputs"] = [{"name": "passed", "columns": [column], "query": "SELECT txn_id FROM account_transactions"}]


def _with_an_idle_partition(spec: Resource) -> None:
    """The generator writes into two of three."""
    _passing(spec)
    spec["kafka"]["topics"] = {"partitions": 3}
    spec["streams"][0]["eventTime"]["idleTimeout"] = "30s"


TRANSACTIONS = Load("transactions", {"fraud_share": 0.2, "closing": False})
"""No state, an alert an event: whatever is not read is missed."""
_DISORDER = timedelta(seconds=30)
"""Of the minute that the detector allows. A lot of steady traffic holds 20 seconds of event time: were all partitions
silent for so long that they count as idle, the second to speak again would still not be late."""
ACCOUNTS = Load("accounts", {"fraud_share": 0.25, "disorder": _DISORDER}, _passing)
"""Sums in windows of five minutes, out of order: whatever state is lost is missed."""
LATE = Load("accounts", {"fraud_share": 0.25, "disorder": _DISORDER, "late": 0.02}, _with_an_idle_partition)
"""The same, one record in fifty hours late, and a third partition that never speaks."""
