"""Every sentence of SECURITY.md about tenants has tests; they are named here and must exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
TESTS = ROOT / "tests"
PAGE = (ROOT / "SECURITY.md").read_text()
SECTION = PAGE.partition("## Tenants on Kubernetes")[2].partition("\n## ")[0]

PODS = "unit/api/test_pod_templates.py"
FORGED = "unit/operator/test_forged.py"
PARTS = "unit/charts/test_detector_parts.py"
RIGHTS = "unit/charts/test_operator_chart.py"
CLUSTER = "e2e/test_tenants.py"

WHERE: dict[str, tuple[str, ...]] = {
    "run containers of any image": (f"{CLUSTER}::test_a_container_of_ones_own_runs_unprivileged",),
    "read every Secret": (f"{CLUSTER}::test_a_container_of_ones_own_runs_unprivileged",),
    "read and write the topics": ("e2e/test_secrets.py::",),
    "have topics deleted": ("unit/operator/test_deletion.py::test_topics_go_where_it_was_told_so_inputs_excepted",),
    "have the operator create, change or delete": (
        f"{FORGED}::test_a_forged_release_is_not_removed",
        f"{FORGED}::test_a_forged_release_is_not_changed",
        f"{FORGED}::test_what_is_smuggled_into_the_rendered_objects_is_not_installed",
        "unit/charts/test_injection.py::test_no_text_of_a_resource_becomes_an_object",
        f"{CLUSTER}::test_a_forged_release_beside_the_detector_is_not_acted_on",
    ),
    "give a pod other rights": (f"{PODS}::", "unit/charts/test_detector_templates.py::"),
    "have the operator read a Secret": (f"{RIGHTS}::TestRights",),
    "change what the operator remembers": (
        f"{FORGED}::test_what_is_written_beside_the_detector_is_not_read",
        f"{CLUSTER}::test_flink_can_write_its_own_notes_and_nothing_else",
    ),
    "have a topic deleted that": (
        "unit/operator/test_deletion.py::test_a_topic_that_somebody_made_by_hand_is_never_ours",
        "unit/operator/test_deletion.py::test_a_topic_that_was_made_anew_by_hand_is_no_longer_ours",
    ),
    "stop the operator": ("unit/operator/test_program.py::test_a_forged_record_fells_nothing",),
    "switch off what keeps": (
        "unit/api/test_invalid_meaning.py::",
        "unit/charts/test_detector_templates.py::",
    ),
    "Flink's own pods": (f"{PARTS}::test_only_flink_may_talk", f"{CLUSTER}::test_flink_can_write_its_own_notes"),
}


def sentences() -> list[str]:
    """The bullets, and the paragraph behind them."""
    bullets = re.findall(r"^- (.+?)[;.,]$", SECTION, re.MULTILINE | re.DOTALL)
    return [*bullets, SECTION.rpartition("\n\n")[2] or SECTION.strip().rpartition("\n\n")[2]]


def test_every_sentence_is_told_here() -> None:
    found = [[start for start in WHERE if one.startswith(start)] for one in sentences()]
    assert [start for starts in found for start in starts] == list(WHERE)


@pytest.mark.parametrize("named", sorted({one for tests in WHERE.values() for one in tests}))
def test_the_tests_exist(named: str) -> None:
    file, _, name = named.partition("::")
    text = (TESTS / file).read_text()
    assert name in text
    assert "def test_" in text
