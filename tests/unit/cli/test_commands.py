"""Commands as a user meets them: one line of error, documented exit codes, never a traceback."""

import errno
import json
import subprocess
import sys
from pathlib import Path

import pytest

from fraudctl import main as entry
from fraudctl.commands.check import plan_lines, sql_lines
from fraudctl.errors import MachineError

PLAN = {
    "topics": [
        {"name": "a", "kind": "input", "partitions": 2, "compacted": False},
        {"name": "risk", "kind": "output", "partitions": 1, "compacted": True},
    ],
    "tables": ["CREATE TABLE a (x INT)"],
    "inserts": [{"name": "alerts", "setup": ["CREATE VIEW v AS SELECT 1"], "sql": "INSERT INTO b SELECT 1"}],
    "operators": [{"id": "1"}],
    "sources": 1,
    "indices": [],
}


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("FRAUDCTL_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("KAFKA_BROKER_URL", raising=False)

    def call(*arguments: str) -> int:
        monkeypatch.setattr(sys, "argv", ["fraudctl", *arguments])
        return entry._main()

    return call


def one_error(capsys: pytest.CaptureFixture[str]) -> str:
    lines = [line for line in capsys.readouterr().err.splitlines() if line.startswith("fraudctl: error: ")]
    assert len(lines) == 1
    return lines[0]


def test_help_has_examples_and_exit_codes(call, capsys):
    for command in ("run", "validate", "plan", "tail", "dashboard", "schema", "generate"):
        assert call(command, "--help") == 0
        assert "xample" in capsys.readouterr().out
    assert call("--help") == 0
    assert "130 interrupted" in capsys.readouterr().out


def test_version(call, capsys):
    assert call("--version") == 0
    assert capsys.readouterr().out.startswith("fraudctl 0.")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nonsense"], "No such command"),
        (["run"], "Missing argument"),
        (["run", "x.yaml", "--events", "0"], "--events"),
        (["run", "x.yaml", "--for", "soon"], "not a duration"),
        (["run", "x.yaml", "--input", "a", "--seed", "1"], "contradict"),
        (["run", "none.yaml"], "a problem"),
        (["validate", "none.yaml"], "none.yaml is not valid"),
        (["dashboard", "none.yaml"], "a problem"),
        (["plan", "none.yaml", "--json", "--sql"], "exclude each other"),
    ],
)
def test_a_users_mistake(call, capsys, arguments: list[str], said: str):
    assert call(*arguments) == 2
    assert said in one_error(capsys)


def test_no_broker(call, capsys, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("fraudctl.broker.CONNECT_SECONDS", 0.2)
    assert call("tail", "topic", "--kafka", "127.0.0.1:1") == 1
    assert "no Kafka broker answers at 127.0.0.1:1" in one_error(capsys)


def test_validate(call, capsys, tmp_path: Path, text: str):
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text(text)
    bad.write_text(text.replace("where: amount > 900", "where: amont > 900"))
    assert call("validate", str(good)) == 0
    assert capsys.readouterr().out == f"{good}: OK: lab.shop, 1 stream, 1 rule, 1 output\n"
    assert call("validate", str(bad), str(good)) == 2
    output = capsys.readouterr()
    assert "OK" in output.out
    assert "bad.yaml:" in output.err
    assert "amont" in output.err


def test_several_detectors_are_too_many_to_run(call, capsys, tmp_path: Path, text: str):
    file = tmp_path / "two.yaml"
    file.write_text(f"{text}\n---\n{text.replace('name: shop', 'name: other')}")
    assert call("run", str(file)) == 2
    assert "2 detectors (shop, other)" in one_error(capsys)


def test_schema(call, capsys):
    assert call("schema") == 0
    assert json.loads(capsys.readouterr().out)["$schema"].endswith("schema")


def test_a_dashboard_to_import(call, capsysbinary, tmp_path: Path, text: str):
    file = tmp_path / "shop.yaml"
    file.write_text(text)
    assert call("dashboard", str(file)) == 0
    objects = [json.loads(line) for line in capsysbinary.readouterr().out.splitlines()]
    assert [one["type"] for one in objects][-1] == "dashboard"
    assert {one["attributes"]["title"] for one in objects} >= {"shop", "lab.shop.alerts"}


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (MachineError("no\ndisk", "buy one"), 1, "no disk; buy one"),
        (OSError(errno.ENOSPC, "No space left on device", "/x"), 1, "no space left on the device for /x"),
        (ZeroDivisionError("boom"), 1, "unexpected ZeroDivisionError: boom; the details are in "),
    ],
)
def test_no_error_shows_a_traceback(call, capsys, monkeypatch, error: Exception, code: int, said: str):
    def fail(*arguments: object, **options: object) -> None:
        raise error

    monkeypatch.setattr("fraudctl.app.app", fail)
    assert call() == code
    assert said in one_error(capsys)


def test_a_plan_for_people():
    text = "\n".join(plan_lines(PLAN))
    for part in ("a     input         2 partitions", "1 partition, compacted", "1 source, 1 operator", "none"):
        assert part in text


def test_a_plan_as_sql():
    text = "\n".join(sql_lines(PLAN))
    assert text.index("CREATE TABLE") < text.index("CREATE VIEW") < text.index("STATEMENT SET") < text.index("INSERT")


def test_help_calls_the_program_by_its_name_however_it_is_started():
    for command in ([], ["run"]):
        told = subprocess.run(
            [sys.executable, "-m", "fraudctl.main", *command, "--help"], check=True, capture_output=True, text=True
        ).stdout
        assert told.lstrip().startswith(" ".join(["Usage: fraudctl", *command]))
        assert "fraudctl.main" not in told
