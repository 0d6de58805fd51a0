"""The results as JSON for programs and as a table in a page for people."""

import json
import statistics
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from chaos.results import Result, Round

BEGIN, END = "<!-- make chaos writes from here -->\n", "<!-- to here -->\n"
_HEAD = [
    "| fault | rounds | alerts | lost | doubled by id | written twice | Ready after its end, s | Ready after its "
    "beginning, s |",
    "|---|---:|---:|---:|---:|---:|---:|---:|",
]
_SHOWN = 160
Document = Mapping[str, Any]


def write(docs: Path, results: Mapping[str, Result], about: Document) -> None:
    """Write chaos.json, and the table into chaos.md, whose prose is kept.

    ``about`` is what is told of the run itself: ``minutes``, ``rounds`` and ``machine``.
    """
    document = {**about, "faults": {name: result.told() for name, result in results.items()}}
    (docs / "chaos.json").write_text(json.dumps(document, indent=2) + "\n")
    page = docs / "chaos.md"
    page.write_text(filled(page.read_text(), document))


def filled(page: str, document: Document) -> str:
    """A page with the table of a run in it."""
    before, _, rest = page.partition(BEGIN)
    _, _, behind = rest.partition(END)
    return f"{before}{BEGIN}{_table(document)}{END}{behind}"


def _table(document: Document) -> str:
    results = {name: _read(told) for name, told in document["faults"].items()}
    machine, wanted = document["machine"], document["rounds"]
    ran = (
        f"{machine['cores']} cores ({machine['cpu']}), {machine['memory_gib']} GiB; at most {wanted} rounds a fault, "
        f"{document['minutes']:g} minutes for all. Seconds are median and worst."
    )
    rows = [_row(name, result, wanted) for name, result in results.items()]
    notes = [f"- `{name}`: {note}" for name, result in results.items() for note in _notes(result)]
    lines = ["", ran, "", *_HEAD, *rows, "", *notes, *([""] if notes else [])]
    return "\n".join(lines) + "\n"


def _read(told: Mapping[str, Any]) -> Result:
    return Result(**{**told, "rounds": [Round(**one) for one in told["rounds"]]})


def _row(name: str, result: Result, wanted: int) -> str:
    rounds = result.rounds
    told = f"{len(rounds)}" if len(rounds) == wanted else f"{len(rounds)} of {wanted}"
    sums = [sum(getattr(one, what) for one in rounds) for what in ("expected", "lost", "doubled", "again")]
    cells = [f"`{name}`: {result.what}", told, *(f"{number:,}" if rounds else "" for number in sums)]
    cells += [_seconds(one.to_ready for one in rounds), _seconds(one.in_all for one in rounds)]
    return f"| {' | '.join(cells)} |"


def _seconds(found: Iterable[float]) -> str:
    values = list(found)
    return f"{statistics.median(values):.0f}, {max(values):.0f}" if values else ""


def _notes(result: Result) -> list[str]:
    notes = [" ".join(problem.split()) for problem in result.problems()]
    notes += [result.left_out] * bool(result.left_out)
    return [note if len(note) <= _SHOWN else note[:_SHOWN] + "..." for note in notes]
