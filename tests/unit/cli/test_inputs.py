"""What --input says and what is wrong with it."""

from pathlib import Path

import pytest

from fraud_api import FraudDetector
from fraudctl.errors import UserError
from fraudctl.run.inputs import parse_inputs


def test_a_file_goes_to_the_only_stream(detector: FraudDetector, events: Path):
    [found] = parse_inputs([str(events)], detector)
    assert (found.stream, found.topic, found.file) == ("orders", "shop.orders", str(events))


def test_a_file_goes_to_the_named_stream(two_streams: FraudDetector, events: Path):
    found = parse_inputs([f"refunds={events}", f"orders={events}"], two_streams)
    assert [each.topic for each in found] == ["refunds", "shop.orders"]


def test_a_path_may_have_an_equals_sign(detector: FraudDetector, tmp_path: Path):
    file = tmp_path / "day=1.jsonl"
    file.write_text("{}\n")
    [found] = parse_inputs([str(file)], detector)
    assert found.file == str(file)


def test_which_of_two_streams_must_be_said(two_streams: FraudDetector, events: Path):
    with pytest.raises(UserError, match=r"say for which stream.*orders, refunds"):
        parse_inputs([str(events)], two_streams)


def test_an_unknown_stream_gets_a_hint(detector: FraudDetector, events: Path):
    with pytest.raises(UserError, match=r"no stream 'order'; did you mean 'orders'"):
        parse_inputs([f"order={events}"], detector)


def test_an_empty_file_is_refused(detector: FraudDetector, tmp_path: Path):
    (tmp_path / "none.jsonl").touch()
    with pytest.raises(UserError, match=r"none\.jsonl is empty"):
        parse_inputs([str(tmp_path / "none.jsonl")], detector)


def test_a_missing_file_is_refused(detector: FraudDetector, tmp_path: Path):
    with pytest.raises(UserError, match="no such file"):
        parse_inputs([str(tmp_path / "none.jsonl")], detector)


def test_a_directory_is_refused(detector: FraudDetector, tmp_path: Path):
    with pytest.raises(UserError, match="is a directory"):
        parse_inputs([str(tmp_path)], detector)


def test_standard_input_is_read_once(detector: FraudDetector):
    with pytest.raises(UserError, match="once only"):
        parse_inputs(["-", "orders=-"], detector)
