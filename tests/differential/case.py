"""A detector with its records, as files and back."""

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from differential.events import Record
from ruamel.yaml import YAML

from fraud_api import FraudDetector, load_text

_DETECTOR = "detector.yaml"
_EVENTS = "events.jsonl"


@dataclass(frozen=True)
class Case:
    """A detector with its records.

    Attributes:
        seed: what it was made from.
        document: the FraudDetector as YAML has it.
        records: in the order in which they are produced.
    """

    seed: int
    document: Mapping[str, Any]
    records: Sequence[Record]

    def text(self) -> str:
        """The detector's file."""
        text = io.StringIO()
        yaml = YAML()
        yaml.width = 4096
        yaml.dump(self.document, text)
        return text.getvalue()

    def detector(self) -> FraudDetector:
        """The detector, checked as a file is."""
        (found,) = load_text(self.text(), f"seed {self.seed}")
        return found

    def with_spec(self, **parts: Any) -> "Case":
        """A copy with other parts of the spec."""
        return replace(self, document={**self.document, "spec": {**self.document["spec"], **parts}})

    def with_records(self, records: Sequence[Record]) -> "Case":
        """A copy with other records, at places that follow one another."""
        ends: dict[tuple[str, int], int] = {}
        placed = []
        for record in records:
            place = (record.stream, record.partition)
            placed.append(record._replace(offset=ends.get(place, 0)))
            ends[place] = placed[-1].offset + 1
        return replace(self, records=tuple(placed))

    def in_order(self) -> list[Record]:
        """The records as each partition has them."""
        return sorted(self.records, key=lambda record: (record.stream, record.partition, record.offset))

    def write(self, directory: Path) -> None:
        """Write its files."""
        directory.mkdir(parents=True, exist_ok=True)
        (directory / _DETECTOR).write_text(f"# seed {self.seed}\n{self.text()}")
        lines = [json.dumps(record._asdict(), ensure_ascii=False) for record in self.records]
        (directory / _EVENTS).write_text("".join(f"{line}\n" for line in lines))


def read(directory: Path) -> Case:
    """The case that ``write`` wrote."""
    text = (directory / _DETECTOR).read_text()
    records = [Record(**json.loads(line)) for line in (directory / _EVENTS).read_text().splitlines()]
    seed = int(text.splitlines()[0].removeprefix("# seed ")) if text.startswith("# seed ") else 0
    return Case(seed, YAML(typ="safe").load(text), records)
