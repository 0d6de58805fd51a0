"""What the charts render, object by object; `make golden` accepts a change."""

import pytest
from golden.renderings import CASES, HERE, Case, path, rendered
from harness.charts import pods, unrestricted
from harness.helm import objects

EVERY_CASE = pytest.mark.parametrize(("name", "case"), CASES.items(), ids=list(CASES))


@EVERY_CASE
def test_renders_the_golden_objects(name: str, case: Case) -> None:
    assert objects(rendered(case)) == objects(path(name).read_text())


def test_no_golden_file_is_left_over() -> None:
    assert set(HERE.glob("*.yaml")) == set(map(path, CASES))


@pytest.mark.parametrize("name", CASES)
def test_every_pod_is_restricted(name: str) -> None:
    found = dict(pods(objects(path(name).read_text())))
    assert found
    assert {owner: problems for owner, pod in found.items() if (problems := unrestricted(pod))} == {}
