"""Results: counted once whatever is repeated, written as JSON lines."""

import json
from pathlib import Path

import pytest

from fraud_api import FraudDetector
from fraudctl.errors import UserError
from fraudctl.run.files import OutputFiles, dead_letter, tombstone
from fraudctl.run.origins import Origin, SeenOffsets, origin
from fraudctl.run.tally import Tally
from fraudctl.run.unknown import UnknownCount

HEADERS = [("topic", b"t"), ("partition", b"1"), ("offset", b"42"), ("reason", b"not JSON"), ("stream", b"s")]


def test_an_origin_is_read_from_headers():
    assert origin(HEADERS) == Origin("s", "t", 1, 42, "not JSON")


@pytest.mark.parametrize("headers", [None, [], [("topic", b"t")], [("partition", b"x"), ("offset", b"1")]])
def test_no_origin(headers):
    assert origin(headers) is None


def test_offsets_are_seen_once():
    seen = SeenOffsets()
    offsets = [0, 1, 65_535, 65_536, 9_000_000_000]
    assert [seen.add("t", 0, offset) for offset in offsets] == [True] * 5
    assert [seen.add("t", 0, offset) for offset in offsets] == [False] * 5
    assert seen.add("t", 1, 0)


def alert(identity: str, rule: str = "large") -> bytes:
    return json.dumps({"alert_id": identity, "rule": rule}).encode()


def test_alerts_count_once(detector: FraudDetector):
    tally = Tally.of(detector)
    assert [tally.alert(alert(name)) for name in "aab"] == [True, False, True]
    assert tally.alerts == 2
    assert tally.by_rule == {"large": 2}
    assert len(tally.take()) == 2
    assert tally.take() == []


def test_dead_letters_and_late_records_count_once(detector: FraudDetector):
    tally = Tally.of(detector)
    assert [tally.dead_letter(HEADERS)[1] for _ in range(2)] == [True, False]
    assert [tally.late_record(HEADERS) for _ in range(2)] == [True, False]
    assert (tally.dead_letters, tally.late) == (1, 1)


def unknown(place: str, count: int) -> list[tuple[str, bytes]]:
    told = {"function": "CAST(fee AS INT)", "reason": "no result", "event": "e7", "count": count, "place": place}
    return [(name, str(value).encode()) for name, value in ({"rule": "large"} | told).items()]


def test_unknown_results_are_counted_by_place(detector: FraudDetector):
    found = Tally.of(detector).unknown
    shown = found.add(unknown("one", 1), b"n/a")
    assert shown == {
        "rule": "large", "function": "CAST(fee AS INT)", "reason": "no result", "event": "e7", "value": "n/a",
    }  # fmt: skip
    assert found.add(unknown("two", 4), b"?")
    assert found.add(unknown("one", 5000), None) is None
    assert found.counts() == [UnknownCount("rule large", "CAST(fee AS INT)", 5004, "n/a")]
    assert found.add([("output", b"rows"), ("function", b"the row"), ("reason", b"larger")], b"9") == {
        "output": "rows", "function": "the row", "reason": "larger", "value": "9",
    }  # fmt: skip


def test_a_dead_letter_is_text_where_it_can_be():
    assert json.loads(dead_letter(origin(HEADERS), "ä{".encode())) == {
        "topic": "t", "partition": 1, "offset": 42, "reason": "not JSON", "value": "ä{",
    }  # fmt: skip


def test_a_dead_letter_is_base64_otherwise():
    found = json.loads(dead_letter(origin(HEADERS), b"\xff\x00"))
    assert found["value_base64"] == "/wA="
    assert "value" not in found


def test_a_tombstone_of_the_input_is_null():
    assert json.loads(dead_letter(origin(HEADERS), None))["value"] is None


def test_a_row_that_is_gone_names_its_key():
    assert json.loads(tombstone(b'{"id": 1}')) == {"deleted": True, "key": {"id": 1}}


def test_one_object_a_line(tmp_path: Path):
    with OutputFiles(tmp_path / "new" / "dir") as files:
        files.open("alerts")
        files.write("alerts", b'{"a":\r\n 1}')
        files.write("alerts", b"{}")
    assert files.paths[0].read_bytes() == b'{"a":   1}\n{}\n'


def test_an_output_directory_that_cannot_be(tmp_path: Path):
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="cannot make the output directory"):
        OutputFiles(tmp_path / "file")


def test_what_elasticsearch_refuses_counts_once_by_topic(detector: FraudDetector):
    tally = Tally.of(detector)
    assert [tally.refused_record(HEADERS)[1] for _ in range(2)] == [True, False]
    assert tally.refused_record([("topic", b"u"), ("partition", b"1"), ("offset", b"42")])[1]
    assert dict(tally.refused) == {"t": 1, "u": 1}
    assert tally.dead_letters == 0
