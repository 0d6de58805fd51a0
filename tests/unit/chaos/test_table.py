import json
from pathlib import Path

import pytest
from chaos.faults import FAULTS
from chaos.results import Result, Round
from chaos.table import BEGIN, END, filled, write

DOCS = Path(__file__).parents[3] / "docs"
PAGE = DOCS / "chaos.md"
ABOUT = {"minutes": 60.0, "rounds": 3, "machine": {"cores": 2, "cpu": "a CPU", "memory_gib": 23.5}}


def round_(to_ready: float, in_all: float, **otherwise: int) -> Round:
    figures = {"expected": 1_000, "lost": 0, "doubled": 0, "again": 2, "strange": 0} | otherwise
    return Round(to_ready=to_ready, in_all=in_all, **figures)


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    (tmp_path / "chaos.md").write_text(f"# Title\n\n{BEGIN}old\n{END}\nmore\n")
    return tmp_path


def test_a_row_has_sums_and_median_and_worst(docs: Path) -> None:
    three = Result("it is killed", [round_(4, 64), round_(30, 90), round_(5, 65)])
    write(docs, {"broker": three}, ABOUT)
    page = (docs / "chaos.md").read_text()
    assert "| `broker`: it is killed | 3 | 3,000 | 0 | 0 | 6 | 5, 30 | 65, 90 |\n" in page
    assert page.startswith(f"# Title\n\n{BEGIN}")
    assert page.endswith(f"{END}\nmore\n")
    assert "old" not in page
    assert "2 cores (a CPU), 23.5 GiB; at most 3 rounds a fault, 60 minutes for all." in page


def test_what_the_clock_left_out_is_said_in_the_table_and_below_it(docs: Path) -> None:
    short = Result("it is killed", [round_(4, 64)], left_out="2 of 3 rounds left out: the clock")
    none = Result("it is drowned", left_out="3 of 3 rounds left out: the clock")
    write(docs, {"broker": short, "node": none}, ABOUT)
    page = (docs / "chaos.md").read_text()
    assert "| `broker`: it is killed | 1 of 3 |" in page
    assert "| `node`: it is drowned | 0 of 3 |  |  |  |  |  |  |\n" in page
    assert "- `broker`: 2 of 3 rounds left out: the clock\n- `node`: 3 of 3 rounds left out: the clock\n" in page


def test_what_was_lost_and_what_did_not_come_back_is_said(docs: Path) -> None:
    bad = Result("it is killed", [round_(4, 64, lost=3)], failure="AssertionError: not within 300 s:\n" + "x" * 500)
    assert bad.problems()[0] == "round 1: of 1000 alerts 3 lost, 0 doubled, 0 unwanted"
    write(docs, {"broker": bad}, ABOUT)
    page = (docs / "chaos.md").read_text()
    assert "| 1 of 3 | 1,000 | 3 |" in page
    assert "- `broker`: round 1: of 1000 alerts 3 lost" in page
    assert "- `broker`: round 2: AssertionError: not within 300 s: xxx" in page
    assert max(map(len, page.splitlines())) < 250


def test_the_file_for_programs_gives_the_page_again(docs: Path) -> None:
    write(docs, {"broker": Result("it is killed", [round_(4, 64)])}, ABOUT)
    told = json.loads((docs / "chaos.json").read_text())
    assert told["faults"]["broker"]["rounds"][0]["to_ready"] == 4
    page = (docs / "chaos.md").read_text()
    assert filled(page, told) == page


def test_written_twice_is_right_and_everything_else_is_not() -> None:
    assert Result("", [round_(1, 1, again=7)]).problems() == []
    assert all(Result("", [round_(1, 1, **{what: 1})]).problems() for what in ("lost", "doubled", "strange"))


def test_the_page_in_docs_is_that_of_the_last_run() -> None:
    page, results = PAGE.read_text(), DOCS / "chaos.json"
    if results.exists():
        assert filled(page, json.loads(results.read_text())) == page
    else:
        assert page.partition(BEGIN)[2].partition(END)[0] == "\nNo run yet.\n\n"


def test_the_page_in_docs_tells_of_every_fault() -> None:
    page = PAGE.read_text()
    assert all(f"| `{fault.name}` | " in page for fault in FAULTS)
