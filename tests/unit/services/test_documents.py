"""Records become lines of a bulk request."""

import dataclasses
import hashlib
import json
from typing import Any

import pytest
from harness.detectors import manifest
from harness.elastic import indexed

from fraud_services.indexer.documents import NotIndexable, to_action
from fraud_services.indices import Index, indices_of

TIME = 1_709_210_096_789


@dataclasses.dataclass
class Written:
    """A record as confluent-kafka gives it."""

    _value: bytes | None
    _key: bytes | None = b"k"
    _offset: int = 7

    def topic(self) -> str:
        return "t"

    def partition(self) -> int:
        return 3

    def offset(self) -> int:
        return self._offset

    def key(self) -> bytes | None:
        return self._key

    def value(self) -> bytes | None:
        return self._value

    def timestamp(self) -> tuple[int, int]:
        return 1, TIME


def index(detector: str, what: str, **changes: Any) -> Index:
    found = {one.what: one for one in indices_of(indexed(manifest(detector), "http://e:9200", **changes))}
    return found[what]


def lines(one: Index, record: Written, version: int = 1) -> list[Any]:
    body = to_action(one, version)(record).body
    assert body.endswith(b"\n")
    return [json.loads(line) for line in body.splitlines()]


def test_an_alert_is_created_under_its_id_in_its_bucket():
    alert = b'{"alert_id":"ab","event_time":"2024-02-29T12:34:56.789Z","row":{"x":1.10}}'
    action = to_action(index("bank", "alerts"), 2)(Written(alert))
    assert action.index == "default.bank.alerts.v2.2024.02.29"
    assert action.body == b'{"create":{"_index":"default.bank.alerts.v2.2024.02.29","_id":"ab"}}\n' + alert + b"\n"


def test_an_upserted_row_carries_its_offset_as_version():
    head, document = lines(index("bank", "customer-risk"), Written(b'{"customer_id":"c"}', b'{"customer_id":"c"}'))
    assert head["index"] == {
        "_index": "default.bank.customer-risk.v1",
        "_id": '{"customer_id":"c"}',
        "version": 7,
        "version_type": "external",
    }
    assert document == {"customer_id": "c"}


def test_a_tombstone_deletes():
    (head,) = lines(index("bank", "customer-risk"), Written(None, b"k"))
    assert head["delete"] == {
        "_index": "default.bank.customer-risk.v1", "_id": "k", "version": 7, "version_type": "external",
    }  # fmt: skip


def test_an_event_goes_on_as_it_came_with_its_time_beside_it():
    event = b' {"timestamp":"2024-02-29T12:34:56.789Z",\n"amount":1.10,"else":{"a.b":[]}}'
    body = to_action(index("transactions", "fraud"), 1)(Written(event)).body
    head, document = body.splitlines()
    assert json.loads(head)["create"] == {"_index": "default.transactions.fraud.v1.2024.02.29", "_id": "t-3-7"}
    assert document == (
        b'{"@timestamp":1709210096789,"timestamp":"2024-02-29T12:34:56.789Z", "amount":1.10,"else":{"a.b":[]}}'
    )


def test_an_event_that_has_such_a_field_itself_gets_ours():
    _, document = lines(index("transactions", "fraud"), Written(b'{"@timestamp":1,"timestamp":"2024-02-29 12:00:00"}'))
    assert document["@timestamp"] == 1_709_208_000_000


def test_a_row_without_a_time_column_has_the_time_that_kafka_kept():
    head, document = lines(index("payments", "sink"), Written(b"{}"))
    assert document == {"@timestamp": TIME}
    assert head["create"]["_index"] == "default.payments.sink.v1.2024.02.29"


def test_a_time_column_that_is_a_date_is_enough():
    head, document = lines(
        index("ad-clicks", "activitystats", bucket="1h"), Written(b'{"window_start":"2024-02-29T12:34:00"}')
    )
    assert document == {"window_start": "2024-02-29T12:34:00"}
    assert head["create"]["_index"] == "default.ad-clicks.activitystats.v1.2024.02.29.12"


def test_a_data_stream_has_no_buckets():
    head, document = lines(
        index("ad-clicks", "activitystats", dataStreams=True), Written(b'{"window_start":"2024-02-29T12:34:00"}')
    )
    assert head["create"]["_index"] == "default.ad-clicks.activitystats.v1"
    assert document == {"@timestamp": 1_709_210_040_000, "window_start": "2024-02-29T12:34:00"}


@pytest.mark.parametrize(
    ("key", "identity"),
    [
        (b'"\\\n', '"\\\n'),
        ("ü".encode(), "ü"),
        (b"k" * 512, "k" * 512),
        (b"k" * 513, hashlib.sha256(b"k" * 513).hexdigest()),
        (b"\xff", hashlib.sha256(b"\xff").hexdigest()),
        (b"", hashlib.sha256(b"").hexdigest()),
    ],
)
def test_any_key_becomes_an_id(key: bytes, identity: str):
    (head,) = lines(index("bank", "customer-risk"), Written(None, key))
    assert head["delete"]["_id"] == identity


@pytest.mark.parametrize(
    ("what", "record", "reason"),
    [
        ("alerts", Written(None), "no value"),
        ("alerts", Written(b"{"), "not JSON"),
        ("alerts", Written(b"[]"), "not a JSON object"),
        ("alerts", Written(b'{"alert_id":"a"}'), "no time in field 'event_time'"),
        ("alerts", Written(b'{"alert_id":"a","event_time":"soon"}'), "'soon' in field 'event_time' is not a time"),
        ("alerts", Written(b'{"event_time":"2024-02-29T12:34:56Z"}'), "no text in field 'alert_id'"),
        ("customer-risk", Written(b"{}", None), "no key"),
        ("customer-risk", Written(b"garbage"), "not a JSON object"),
        ("customer-risk", Written(b""), "not a JSON object"),
    ],
)
def test_what_no_index_could_take_is_told(what: str, record: Written, reason: str):
    with pytest.raises(NotIndexable, match=reason):
        to_action(index("bank", what), 1)(record)
