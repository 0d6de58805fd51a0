"""Documentation that fails when it is out of date."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\]\((?!https?:)([^)#]+)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    missing = [target for target in LINK.findall(page.read_text()) if not (page.parent / target).exists()]
    assert not missing


def test_the_index_leads_to_every_page() -> None:
    index = (ROOT / "docs" / "index.md").read_text()
    pages = {page.name for page in (ROOT / "docs").glob("*.md")} - {"index.md"}
    assert pages <= set(LINK.findall(index))


def test_the_readmes_commands_are_targets_of_make() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
    used = set(re.findall(r"^ {4}make ([a-z-]+)", (ROOT / "README.md").read_text(), re.M))
    assert {"run", "test"} <= used <= targets


def test_continuous_integration_runs_the_readmes_test_command() -> None:
    assert "make test" in (ROOT / ".ci" / "run").read_text()


def test_help_lists_what_people_look_for() -> None:
    told = subprocess.run(["make", "help"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    wanted = {"setup", "run", "test", "lint", "unit", "integration", "bench", "crd", "golden"}
    assert wanted <= set(re.findall(r"make ([a-z-]+)", told))


def test_every_manifest_is_told_of() -> None:
    readme = (ROOT / "README.md").read_text()
    assert all(manifest.name in readme for manifest in (ROOT / "manifests").glob("*.yaml"))


def test_decisions_are_numbered_once() -> None:
    numbers = [page.name[:3] for page in (ROOT / "docs" / "decisions").glob("*.md")]
    assert len(numbers) == len(set(numbers))
    assert all(number.isdigit() for number in numbers)
