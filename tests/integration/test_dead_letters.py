"""Nothing vanishes: what is refused and what is late is found again, byte for byte, among 100,000 records."""

import json
import random
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from harness.events import alerts, at, detector
from harness.flink import Flink
from harness.kafka import Broker, Message, Record
from harness.lab import Lab, Results

pytestmark = pytest.mark.integration

RECORDS = 100_000
BAD = RECORDS // 20
LATE = 500
HUGE = 5
CARDS = 40

DETECTOR = """
apiVersion: frauddetector.io/v1alpha1
kind: FraudDetector
metadata: {name: letters}
spec:
  streams:
    - name: pay
      topic: in.pay
      columns:
        - {name: id, type: STRING}
        - {name: card, type: STRING}
        - {name: amount, type: "DECIMAL(10, 2)"}
        - {name: note, type: STRING, required: false}
        - {name: time, type: STRING}
      eventId: id
      eventTime: {column: time, outOfOrderness: 5s, idleTimeout: 1h}
  rules:
    - name: large
      entity: {type: card, columns: [card]}
      reason: "{amount}"
      filter: {from: pay, where: amount > 900}
    - name: day
      entity: {type: card, columns: [card]}
      reason: "{n} times"
      window:
        from: pay
        tumble: {size: 1d}
        aggregates: [{name: n, function: Count}]
        having: n > 0
  outputs:
    - name: flagged
      split: {from: pay, part: Flagged}
    - name: clean
      split: {from: pay, part: Clean}
    - name: passed
      columns: [{name: id, type: STRING}]
      query: SELECT id FROM pay
"""

WAYS: dict[str, tuple[Callable[[bytes], bytes | None], str]] = {
    "no JSON": (lambda good: b"good morning", "not JSON: "),
    "truncated": (lambda good: good[: len(good) // 2], "not JSON: "),
    "an array": (lambda good: b"[" + good + b"]", "not a JSON object"),
    "two objects": (lambda good: good + good, "something follows the JSON object"),
    "tombstone": (lambda good: None, "no value"),
    "empty": (lambda good: b"", "not a JSON object"),
    "a number as text": (
        lambda good: re.sub(rb'"amount": ([0-9.]+)', rb'"amount": "\1"', good),
        "field 'amount': expected a number, found a string",
    ),
    "out of range": (
        lambda good: good.replace(b'"amount": ', b'"amount": 12345678'),
        r"field 'amount': number does not fit DECIMAL\(10, 2\)",
    ),
    "missing": (lambda good: good.replace(b'"card"', b'"cart"'), "field 'card' is missing or null"),
    "null": (lambda good: re.sub(rb'"time": "[^"]*"', b'"time": null', good), "field 'time' is missing or null"),
    "no time": (
        lambda good: good.replace(b"2024-03-01T", b"2024-02-31T"),
        "field 'time': not a time in ISO 8601, such as ",
    ),
    "broken UTF-8": (lambda good: good.replace(b"}", b', "note": "\xc3("}'), "not JSON in UTF-8"),
    "broken UTF-8, unread": (lambda good: good.replace(b"}", b', "other": "\xed\xa0\x80"}'), "not JSON in UTF-8"),
    "the year 9999": (lambda good: good.replace(b"2024-", b"9999-"), "field 'time': dated too far ahead of the clock"),
}
HUGE_REASON = r"record of 5\d{6} bytes, more than 1048576"


@dataclass
class Traffic:
    """Records in the order they are written, and what must become of each."""

    records: list[Record] = field(default_factory=list)
    reasons: dict[tuple[int, int], str] = field(default_factory=dict)
    values: dict[tuple[int, int], bytes | None] = field(default_factory=dict)
    on_time: Counter[str] = field(default_factory=Counter)
    accepted: list[str] = field(default_factory=list)
    flagged: set[str] = field(default_factory=set)
    _ends: Counter[int] = field(default_factory=Counter)

    def add(self, value: bytes | None) -> tuple[int, int]:
        partition = len(self.records) % 2
        place = partition, self._ends[partition]
        self._ends[partition] += 1
        self.records.append(("pay", partition, None, value))
        self.values[place] = value
        return place

    def good(self, name: str, time: str, amount: float, late: bool = False) -> tuple[int, int]:
        self.accepted.append(name)
        card = f"card{hash_of(name) % CARDS}"
        if amount > 900:
            self.flagged.add(name)
        if not late:
            self.on_time[card] += 1
        return self.add(written(name, card, time, amount))

    def bad(self, good: bytes, way: str) -> None:
        spoil, reason = WAYS[way]
        self.reasons[self.add(spoil(good))] = reason


def hash_of(name: str) -> int:
    return int(name.removeprefix("e"))


def written(name: str, card: str, time: str, amount: float) -> bytes:
    return json.dumps({"id": name, "card": card, "amount": amount, "time": time}).encode()


def clock(seconds: float) -> str:
    whole = int(seconds)
    return at(f"{10 + whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}.{int(seconds * 1000) % 1000:03}")


def traffic() -> Traffic:
    made = Traffic()
    chosen = random.Random(1)
    bad = set(chosen.sample(range(RECORDS - LATE), BAD))
    ways = [way for way in WAYS for _ in range((BAD - HUGE) // len(WAYS) + 1)][: BAD - HUGE]
    chosen.shuffle(ways)
    huge = set(chosen.sample(sorted(bad), HUGE))
    for number in range(RECORDS - LATE):
        # up to four seconds out of order: nothing is late yet
        time = clock(number / 100 + chosen.random() * 4)
        amount = chosen.randrange(100, 95_000) / 100
        if number not in bad:
            made.good(f"e{number}", time, amount)
            continue
        record = written(f"bad{number}", "card0", time, amount)
        if number in huge:
            place = made.add(record.replace(b"}", b', "note": "' + b"x" * 5_000_000 + b'"}'))
            made.reasons[place] = HUGE_REASON
        else:
            made.bad(record, ways.pop())
    return made


@dataclass
class Run:
    """What was sent and what came of it."""

    traffic: Traffic
    late: dict[tuple[int, int], bytes]
    results: Results


@pytest.fixture(scope="module")
def run(kafka: Broker, warm_flink: Flink) -> Run:
    lab = Lab(kafka, warm_flink)
    made = traffic()
    mine = lab.own(detector(DETECTOR))
    lab.produce(mine, made.records)
    job = lab.start(mine)
    try:
        job.wait_read()
        first = len(made.records)
        late = {}
        for number in range(LATE):
            name = f"e{first + number}"
            place = made.good(name, at(f"09:{number % 60:02}:00"), 1000 if number % 10 == 0 else 1, late=True)
            late[place] = made.values[place] or b""
        lab.produce(mine, made.records[first:])
        job.wait_read()
        job.stop(drain=True)
    finally:
        warm_flink.end(job)
    return Run(made, late, lab.results(mine))


def origin(message: Message) -> tuple[int, int]:
    return int(message.headers["partition"]), int(message.headers["offset"])


def test_the_test_is_as_large_as_it_says(run: Run) -> None:
    assert len(run.traffic.records) == RECORDS
    assert len(run.traffic.reasons) == BAD
    assert len(WAYS) >= 10


def test_in_is_accepted_and_dead_letters(run: Run) -> None:
    dead = len(run.results.dead_letters("pay"))
    accepted = len(run.results.output("passed"))
    assert (dead, accepted) == (BAD, RECORDS - BAD)
    assert len(run.results.output("flagged")) + len(run.results.output("clean")) == accepted


def test_dead_letters_have_their_bytes_origin_and_reason(run: Run) -> None:
    letters = run.results.dead_letters("pay")
    assert {origin(message) for message in letters} == set(run.traffic.reasons)
    topic = run.results.detector.spec.streams[0].topic_name
    for message in letters:
        place = origin(message)
        assert set(message.headers) == {"stream", "topic", "partition", "offset", "reason"}
        assert message.value == run.traffic.values[place]
        assert (message.headers["stream"], message.headers["topic"]) == (b"pay", topic.encode())
        assert re.match(run.traffic.reasons[place], message.headers["reason"].decode()), message.headers


def test_every_late_event_is_found_again(run: Run) -> None:
    assert {origin(message): message.value for message in run.results.late} == run.late
    assert len(run.results.late) == LATE
    topic = run.results.detector.spec.streams[0].topic_name
    for message in run.results.late:
        assert set(message.headers) == {"stream", "topic", "partition", "offset"}
        assert (message.headers["stream"], message.headers["topic"]) == (b"pay", topic.encode())


def test_late_events_pass_where_nothing_is_remembered(run: Run) -> None:
    passed = [message.json()["id"] for message in run.results.output("passed")]
    assert sorted(passed) == sorted(run.traffic.accepted)
    flagged = {json.loads(message.value or b"")["id"] for message in run.results.output("flagged")}
    assert flagged == run.traffic.flagged
    assert {alert["row"]["id"] for alert in alerts(run.results, "large")} == run.traffic.flagged


def test_late_events_do_not_count_where_something_is(run: Run) -> None:
    # the day's window is still open when they come
    counted = {alert["entity"]["id"]: alert["row"]["n"] for alert in alerts(run.results, "day")}
    assert counted == run.traffic.on_time
