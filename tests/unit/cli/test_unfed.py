"""Streams of which a run has no events: told, as a rule that waits for them says nothing of it."""

from types import SimpleNamespace

import pytest
from harness.detectors import manifest

from fraudctl.run.parts import Parts


@pytest.mark.parametrize(
    ("fed", "ours", "wanted"),
    [(["order"], True, ["payment"]), (["order", "payment"], True, []), (["order"], False, []), ([], True, [])],
)
def test_streams_without_an_input_are_known_where_the_broker_is_ours(
    fed: list[str], ours: bool, wanted: list[str]
) -> None:
    detector = manifest("payments")
    sources = SimpleNamespace(topics=[one.topic_name for one in detector.spec.streams if one.name in fed])
    parts = SimpleNamespace(sources=sources, kafka=object() if ours else None, detector=detector)
    assert Parts.unfed(parts) == wanted  # type: ignore[arg-type]
