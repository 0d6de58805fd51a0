"""Why records were refused: counted by kind, bounded, and told first where nothing else is to be told."""

from pathlib import Path

import pytest

from fraudctl.errors import MachineError
from fraudctl.run.files import OutputFiles
from fraudctl.run.reasons import OTHERS, Reasons
from fraudctl.run.report import january_1970
from fraudctl.run.state import Summary
from fraudctl.views.text import summary_lines


def summary(records: int, dead: int, **more: object) -> Summary:
    return Summary("default.shop", "input", 1.0, records, dead, 0, 0, [], 1.0, {}, [], **more)  # type: ignore[arg-type]


def test_what_differs_from_record_to_record_is_one_reason():
    reasons = Reasons()
    for reason in (
        "not JSON: wrong near byte 7", "not JSON: wrong near byte 1234",
        "field 'n': expected a whole number in digits alone, found 1e3",
        "field 'n': expected a whole number in digits alone, found -12.0",
        "field 'at': 1717228800123 looks like milliseconds: declare EpochMillis",
        "field 'at': 1717228800124 looks like milliseconds: declare EpochMillis",
        "record of 5000000 bytes, more than 1048576", "record of 5000001 bytes, more than 1048576",
        "field 'v1': expected a number, found a string", "field 'v1': expected a number, found a string",
    ):  # fmt: skip
        reasons.add("pay", reason)
    assert reasons.most(10) == {
        "pay: not JSON: wrong near byte …": 2,
        "pay: field 'n': expected a whole number in digits alone, found …": 2,
        "pay: field 'at': … looks like milliseconds: declare EpochMillis": 2,
        "pay: record of … bytes, more than 1048576": 2,
        "pay: field 'v1': expected a number, found a string": 2,
    }


def test_the_most_frequent_are_told_and_the_rest_as_one():
    reasons = Reasons()
    for number in range(500):
        for _ in range(2 if number == 7 else 1):
            reasons.add("", f"reason {number}")
    told = reasons.most(3)
    assert sum(told.values()) == 501
    assert len(told) <= 4
    assert told["reason 7"] == 2
    assert told[OTHERS] > 400


def test_a_summary_begins_with_what_went_wrong_when_nothing_was_accepted():
    found = summary(3, 3, reasons={"pay: not a JSON object": 2, "pay: no value": 1})
    assert found.nothing_accepted
    lines = summary_lines(found)
    assert lines[1] == "  NOTHING WAS ACCEPTED: all 3 records were refused"
    assert lines[2].split() == ["2", "pay:", "not", "a", "JSON", "object"]
    assert sum("not a JSON object" in line for line in lines) == 1


def test_a_summary_tells_the_reasons_of_dead_letters():
    found = summary(5, 1, reasons={"pay: no value": 1})
    assert not found.nothing_accepted
    lines = summary_lines(found)
    assert lines[lines.index(next(line for line in lines if "dead letters" in line)) + 1].split() == [
        "1",
        "pay:",
        "no",
        "value",
    ]
    assert not summary(0, 0).nothing_accepted


def test_counts_that_are_not_of_the_same_records_are_said_to_be():
    assert not any("need not be of the same records" in line for line in summary_lines(summary(5, 0)))
    assert any("need not be of the same records" in line for line in summary_lines(summary(5, 0, exact=False)))


def test_times_in_january_1970_are_warned_of():
    seconds_as_millis = {"clicks": 1_717_228_800, "old": -1, "february": 31 * 86_400_000, "now": 1_717_228_800_000}
    (warning,) = january_1970(seconds_as_millis)
    assert warning.startswith("all event times of stream 'clicks' lie in January 1970")
    assert any("warning: all event" in line for line in summary_lines(summary(1, 0, warnings=[warning])))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_full_disk_is_told_with_the_file(tmp_path: Path):
    (tmp_path / "alerts.jsonl").symlink_to("/dev/full")
    wanted = rf"cannot write {tmp_path}/alerts\.jsonl: no space left on device; free some space"
    files = OutputFiles(tmp_path)
    files.open("alerts")
    files.open("late")
    files.write("alerts", b"{}")
    with pytest.raises(MachineError, match=wanted):
        files.flush()
    with pytest.raises(MachineError, match=wanted):
        files.__exit__(None, None, None)  # what is left in the buffer has nowhere to go either
    error = ValueError("why we leave")
    again = OutputFiles(tmp_path)
    again.open("alerts")
    again.write("alerts", b"{}")
    again.__exit__(ValueError, error, None)  # the first error is the one to tell
