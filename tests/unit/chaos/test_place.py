"""Rounds without a cluster: the broker is a dictionary, and the detector behind it does what the oracle says."""

import json
import threading
import time
from collections.abc import Callable, Iterable
from unittest.mock import Mock

import pytest
from chaos import place as places
from chaos.faults import Fault
from chaos.loads import LATE, TRANSACTIONS, Batch, Load
from chaos.place import Place
from chaos.poison import KINDS, poison
from chaos.runner import one_round
from harness.clock import Clock
from harness.kafka import Message, Record
from oracle.detectors import expected
from oracle.expected import Alert

from fraud_api import FraudDetector, naming

NAMESPACE = "here"
TOOK = (3.04, 64.06)


class Memory:
    """A broker with a detector of transactions behind it.

    Attributes:
        topics: values by topic.
        loses: what the detector forgets to write.
    """

    def __init__(self, loses: Callable[[Alert], bool] = lambda alert: False) -> None:
        self.topics: dict[str, list[bytes]] = {}
        self.loses = loses

    def produce(self, detector: FraudDetector, records: Iterable[Record], seconds: float = 0) -> None:
        events, refused = [], []
        for record in records:
            (events if _is_event(record[3] or b"") else refused).append(record)
        wanted = expected("transactions", events, NAMESPACE).alerts if events else []
        alerts = [one for one in wanted if not self.loses(one)]
        self.add(detector.spec.outputs[-1].topic_name, [record[3] or b"" for record in events])
        self.add(naming.dead_letter_topic(detector, detector.spec.streams[0]), [record[3] or b"" for record in refused])
        self.add(naming.alerts_topic(detector), map(written, alerts))

    def add(self, topic: str, values: Iterable[bytes]) -> None:
        self.topics.setdefault(topic, []).extend(values)

    def count(self, topic: str) -> int:
        return len(self.topics.get(topic, []))

    def read_topic(self, topic: str) -> list[Message]:
        values = self.topics.get(topic, [])
        return [Message(_key(topic, value), value, {}, 0, place) for place, value in enumerate(values)]


def _is_event(value: bytes) -> bool:
    plain = value.startswith(b"{") and len(value) < 1_000
    return plain and b'"amount":' in value and b'"timestamp":"2024' in value


def _key(topic: str, value: bytes) -> bytes | None:
    entity = json.loads(value)["entity"] if topic.endswith(".alerts") else None
    return f"{entity['type']}/{entity['id']}".encode() if entity else None


def written(alert: Alert) -> bytes:
    document = alert.document(NAMESPACE)
    evidence = {"count": document.pop("count"), "ids": list(alert.ids or ())}
    return json.dumps(
        document | {"rule_version": "0123abcd", "row": alert.rows[0], "evidence": evidence}, default=float
    ).encode()


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "SETTLE_SECONDS", 0.1)
    monkeypatch.setattr(places, "of_operator", lambda cluster, name: 1.0)


def a_place(memory: Memory, load: Load = TRANSACTIONS) -> Place:
    ready = {"type": "Ready", "status": "True", "reason": "Running", "observedGeneration": 1}
    found = {"metadata": {"generation": 1}, "status": {"conditions": [ready]}}
    cluster = Mock()
    cluster.create_namespace.return_value = NAMESPACE
    cluster.get.return_value = found
    return Place(load, False, cluster, memory, Clock(time.time() + 600), threading.Event())  # type: ignore[arg-type]


def test_a_round_in_which_nothing_goes_wrong() -> None:
    place = a_place(Memory())
    place.come_up()
    place.round = 1
    found = one_round(place, Fault("none", "", lambda at: at.begins(), round_seconds=1))
    assert found.right
    assert found.expected > 1_000
    assert found.again == 0
    assert 0 <= found.to_ready <= found.in_all < 30


def test_poison_and_losses_are_counted_over_rounds() -> None:
    memory = Memory()
    place = a_place(memory)

    def strike(at: Place) -> None:
        at.begins()
        at.send_refused(poison(at.round))

    poisoned = Fault("poison", "", strike, round_seconds=1)
    place.round = 1
    assert one_round(place, poisoned).right
    assert memory.count(f"{NAMESPACE}.transactions.transactions.dead-letters") == len(KINDS)
    memory.loses = lambda alert: alert.entity.endswith("7")
    place.round = 2
    found = one_round(place, poisoned)
    assert 0 < found.lost < found.expected / 5
    assert (found.doubled, found.strange) == (0, 0)


def test_a_dead_letter_that_nobody_sent_is_strange_and_one_that_is_missing_is_lost() -> None:
    memory = Memory()
    place = a_place(memory)
    nothing = Batch([], [], [])
    assert place.settled(nothing, TOOK).right
    dead_letters = f"{NAMESPACE}.transactions.transactions.dead-letters"
    memory.add(dead_letters, [b"what is this"])
    assert place.settled(nothing, TOOK).strange == 1
    place.send_refused([b"lost"])
    memory.topics[dead_letters].remove(b"lost")
    found = place.settled(nothing, TOOK)
    assert (found.lost, found.strange, found.to_ready, found.in_all) == (1, 1, 3.0, 64.1)


def test_late_events_have_to_be_in_their_topic() -> None:
    memory = Memory()
    place = a_place(memory, LATE)
    batch = LATE.batch(1, 4_000, NAMESPACE)
    assert len(batch.late) > 50
    assert batch.alerts
    memory.add(f"{NAMESPACE}.accounts.alerts", map(written, batch.alerts))
    memory.add(f"{NAMESPACE}.accounts.late", batch.late[1:])
    found = place.settled(batch, TOOK)
    assert (found.lost, found.strange, found.expected) == (1, 0, len(batch.alerts))


def test_interrupted_nothing_is_waited_for() -> None:
    place = a_place(Memory())
    place._stop.set()
    with pytest.raises(AssertionError, match="interrupted"):
        place.rest(60)
    with pytest.raises(AssertionError, match="interrupted"):
        place.come_up()


def test_no_fault_lasts_longer_than_the_clock_has_left() -> None:
    place = a_place(Memory())
    with pytest.raises(AssertionError, match="the clock"):
        place.rest(700)


def test_what_is_not_indexed_is_lost_once(monkeypatch: pytest.MonkeyPatch) -> None:
    memory = Memory()
    place = a_place(memory)
    batch = TRANSACTIONS.batch(1, 200, NAMESPACE)
    _, second, *others = batch.alerts
    memory.add(f"{NAMESPACE}.transactions.alerts", map(written, [second, *others]))
    indexed = {one.alert_id(NAMESPACE): {} for one in others}
    monkeypatch.setattr(place, "elastic", Mock(documents=Mock(return_value=indexed)))
    # neither the first nor the second can be searched, and the first was never written either
    assert place.settled(batch, TOOK).lost == 2


def test_an_operator_that_waits_for_a_killed_one_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    told = iter([0.0, 0.0, 1.0])
    monkeypatch.setattr(places, "of_operator", lambda cluster, name: next(told))
    place = a_place(Memory())
    place.round = 1
    one_round(place, Fault("none", "", lambda at: at.begins(), round_seconds=1))
    assert list(told) == []
