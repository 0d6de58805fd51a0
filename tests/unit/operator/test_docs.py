"""The platform engineer's guide says what the code does."""

import re
from pathlib import Path

from fraud_api.status import Phase
from fraud_operator.names import FINALIZER, PAUSED
from fraud_operator.reasons import Reason

GUIDE = (Path(__file__).parents[3] / "docs" / "kubernetes.md").read_text()


def rows(heading: str) -> set[str]:
    section = GUIDE.partition(heading)[2]
    table = section.partition("\n|")[2].partition("\n\n")[0]
    cells = [line.split("|")[1] for line in ("|" + table).splitlines()]
    return set(re.findall(r"`([A-Za-z_]+)", " ".join(cells)))


def test_every_reason_is_told_and_no_other() -> None:
    assert rows("### Reasons") == {reason.value for reason in Reason}


def test_every_phase_is_told() -> None:
    assert {phase.value for phase in Phase} <= set(re.findall(r"^\| `(\w+)` \|", GUIDE, re.M))


def test_events_are_those_of_the_code() -> None:
    source = Path(__file__).parents[3] / "operator" / "fraud_operator"
    code = "".join(file.read_text() for file in source.glob("*.py"))
    for event in rows("## Events") - {"RolledBack"}:
        assert f'"{event}"' in code


def test_metrics_are_those_of_the_code() -> None:
    source = Path(__file__).parents[3] / "operator" / "fraud_operator" / "metrics.py"
    told = {name.removesuffix("_total") for name in re.findall(r"`(fraud_operator_[a-z_]+)", GUIDE)}
    assert told == set(re.findall(r'"(fraud_operator_[a-z_]+)"', source.read_text()))


def test_names_are_those_of_the_code() -> None:
    assert FINALIZER in GUIDE
    assert PAUSED in GUIDE
