"""The cookbook: every situation is a valid detector with its events and its right answer, and the page lists it."""

from collections import Counter
from pathlib import Path

import pytest
from harness.cookbook import COOKBOOK, SITUATIONS, lines, situation, told

PAGE = COOKBOOK.parent / "rules.md"


@pytest.mark.parametrize("folder", SITUATIONS, ids=lambda folder: folder.name)
def test_a_situation_is_whole(folder: Path) -> None:
    spec = situation(folder).spec
    files = {"detector.yaml", "alerts.jsonl", *(f"{stream.name}.jsonl" for stream in spec.streams)}
    assert {path.name for path in folder.iterdir()} == files
    events = [row["id"] for stream in spec.streams for row in lines(folder / f"{stream.name}.jsonl")]
    assert 3 <= len(events) == len(set(events))
    alerts = told(folder)
    assert alerts
    assert {alert["rule"] for alert in alerts} == {rule.name for rule in spec.rules} == {folder.name}
    assert {one for alert in alerts for one in alert["ids"]} <= set(events)


def test_names_are_all_different() -> None:
    specs = [situation(folder).spec for folder in SITUATIONS]
    for part in ("streams", "views", "parameters", "rules"):
        counted = Counter(one.name for spec in specs for one in getattr(spec, part))
        assert not [name for name, count in counted.items() if count > 1]


def test_the_page_lists_every_situation() -> None:
    page = PAGE.read_text()
    assert len(SITUATIONS) >= 20
    assert [folder.name for folder in SITUATIONS if f"](cookbook/{folder.name}/detector.yaml)" not in page] == []
