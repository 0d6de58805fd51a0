"""The cookbook's situations: detectors, their events and the right answers, which lie in docs/cookbook."""

import json
from pathlib import Path
from typing import Any

from harness.events import event
from harness.kafka import Record

from fraud_api import FraudDetector
from fraud_api.load import load_file

COOKBOOK = Path(__file__).parents[2] / "docs" / "cookbook"
SITUATIONS = sorted(path.parent for path in COOKBOOK.glob("*/detector.yaml"))
_PARTS = ("streams", "views", "parameters", "rules")


def situation(folder: Path) -> FraudDetector:
    """The detector of a situation."""
    (found,) = load_file(folder / "detector.yaml")
    return found


def lines(path: Path) -> list[dict[str, Any]]:
    """The JSON objects of a file, one a line."""
    return [json.loads(line) for line in path.read_text().splitlines()]


def together(folders: list[Path]) -> FraudDetector:
    """One detector with what is in several situations, whose names are all different."""
    documents = [situation(folder).model_dump(mode="json", by_alias=True, exclude_none=True) for folder in folders]
    whole: dict[str, Any] = documents[0] | {"metadata": {"name": "cookbook"}}
    for part in _PARTS:
        whole["spec"][part] = [one for document in documents for one in document["spec"].get(part, [])]
    return FraudDetector.model_validate(whole)


def records(folder: Path) -> list[Record]:
    """The events of a situation, each in the partition of its key."""
    streams = {stream.name for stream in situation(folder).spec.streams}
    return [
        event(stream, str(row.get("account") or row.get("card") or "k"), **row)
        for stream in sorted(streams)
        for row in lines(folder / f"{stream}.jsonl")
    ]


def told(folder: Path) -> list[dict[str, Any]]:
    """The right answer."""
    return lines(folder / "alerts.jsonl")
