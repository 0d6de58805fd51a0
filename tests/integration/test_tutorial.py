"""The tutorial, executed: its files are written, its commands run, and what it promises is printed."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "tutorial.md"
FILE = re.compile(r"<!-- file: (\S+) -->\n```\w*\n(.*?)```", re.S)
CONSOLE = re.compile(r"```console\n\$ (.*?)\n(.*?)```", re.S)

pytestmark = pytest.mark.integration


def _execute(command: str, directory: Path) -> subprocess.CompletedProcess[str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["bash", "-c", command],
        cwd=directory,
        env=os.environ | {"PATH": path},
        capture_output=True,
        text=True,
        timeout=240,
    )


def test_the_tutorial_says_what_happens(tmp_path: Path) -> None:
    page = PAGE.read_text()
    for name, content in FILE.findall(page):
        (tmp_path / name).write_text(content)
    commands = CONSOLE.findall(page)
    assert len(commands) == 5
    for command, promised in commands:
        done = _execute(command, tmp_path)
        assert done.returncode == 0, f"{command}: {done.stderr}"
        for line in promised.strip().splitlines():
            assert line in done.stdout, f"{command} does not say {line!r}: {done.stdout}"
    alerts = [json.loads(line) for line in (tmp_path / "found" / "alerts.jsonl").read_text().splitlines()]
    assert {(alert["rule"], alert["entity"]["id"]) for alert in alerts} == {
        ("many-failures", "bob"),
        ("guessed-password", "bob"),
    }


def test_the_misspelling_of_the_tutorial_is_told_with_its_line(tmp_path: Path) -> None:
    detector = dict(FILE.findall(PAGE.read_text()))["logins.yaml"].replace("where: NOT ok\n", "where: NOT okay\n", 1)
    (tmp_path / "logins.yaml").write_text(detector)
    done = _execute("fraudctl validate logins.yaml", tmp_path)
    assert done.returncode == 2
    line = detector[: detector.index("NOT okay")].count("\n") + 1
    assert f"logins.yaml:{line}: spec.rules[many-failures].velocity.where" in done.stdout + done.stderr
    assert "did you mean 'ok'?" in done.stdout + done.stderr
