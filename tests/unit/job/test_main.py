"""The job's command line, with Flink's part played by stand-ins."""

import json
from pathlib import Path
from typing import Any

import pytest
from golden.edits import plan_of
from unit.job.samples import detector

from fraud_job import main as command
from fraud_job.flink import Planned, Refused
from fraud_job.identity import Operator, UnboundedState


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "detector.json"
    path.write_text(detector().model_dump_json(by_alias=True))
    return str(path)


SECURED = {"security": {"protocol": "SASL_SSL", "secretRef": {"name": "login"}}}


@pytest.fixture
def secured(tmp_path: Path) -> str:
    path = tmp_path / "secured.json"
    path.write_text(detector(kafka=SECURED).model_dump_json(by_alias=True))
    return str(path)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Settings that Flink was asked to plan with."""
    found: dict[str, str] = {}

    def plan(program: Any, settings: dict[str, str]) -> Planned:
        found.update(settings)
        return Planned(plan_of("base"), [Operator(1, "rule large", "calc", "Calc", False)], None)

    monkeypatch.setattr(command, "plan", plan)
    return found


@pytest.fixture(autouse=True)
def translated(monkeypatch: pytest.MonkeyPatch) -> list[Planned]:
    """Plans that Flink was asked to make operators of."""
    found: list[Planned] = []
    monkeypatch.setattr(command, "translate", found.append)
    return found


class Client:
    """A JobClient whose job ends at once."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error

    def getJobID(self) -> "Client":  # noqa: N802
        return self

    def toHexString(self) -> str:  # noqa: N802
        return "abc"

    def getJobExecutionResult(self) -> "Client":  # noqa: N802
        return self

    def get(self) -> "Client":
        if self.error:
            raise self.error
        return self

    def getAllAccumulatorResults(self) -> dict[str, int]:  # noqa: N802
        return {"duplicates": 3}


def said(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_options_reach_flink(file: str, asked: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "start", lambda planned: Client())
    options = ["--rest-port", "1234", "--checkpoint-dir", "file:///c", "--checkpoint-interval", "1 s"]
    assert command.main([file, *options, "--savepoint", "file:///s"]) == 0
    assert {
        "rest.port": "1234",
        "rest.bind-address": "127.0.0.1",
        "execution.checkpointing.dir": "file:///c",
        "execution.checkpointing.interval": "1 s",
        "execution.state-recovery.path": "file:///s",
        "pipeline.name": "test.sample",
    }.items() <= asked.items()


def test_inside_its_own_cluster_a_job_is_handed_over(
    file: str, asked: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "start", lambda planned: Client(RuntimeError("nobody waits for the end")))
    assert command.main([file, "--application"]) == 0
    assert said(capsys) == [{"jobId": "abc"}]
    assert "rest.port" not in asked


def test_without_options_the_detectors_settings_hold(
    file: str, asked: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "start", lambda planned: Client())
    assert command.main([file]) == 0
    assert asked["execution.checkpointing.interval"] == "10000 ms"
    assert not asked.keys() & {"rest.port", "execution.state-recovery.path", "execution.checkpointing.dir"}
    assert said(capsys) == [{"jobId": "abc", "restPort": None}, {"counted": {"duplicates": 3}}]


def test_explains_without_running(
    file: str,
    asked: dict[str, str],
    translated: list[Planned],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(command, "start", None)
    assert command.main([file, "--explain"]) == 0
    assert len(translated) == 1
    (told,) = said(capsys)
    assert told["topics"][0]["name"] == "payments"
    assert [insert["owner"] for insert in told["inserts"]] == ["stream payments", "stream payments", "rule large"]
    assert told["operators"][0]["owner"] == "rule large"
    assert told["sources"] == 2


def test_what_shows_only_in_the_operators_is_refused_too(
    file: str, asked: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(planned: Planned) -> None:
        raise Refused("cast the default", "the job")

    monkeypatch.setattr(command, "translate", refuse)
    assert command.main([file, "--explain"]) == 2
    assert said(capsys) == [{"error": "cast the default", "where": "the job"}]


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (Refused("no such function", "rule large"), {"error": "no such function", "where": "rule large"}),
        (
            UnboundedState("output x", "GroupAggregate"),
            {
                "error": "output x keeps state without end (GroupAggregate): give it a stateTtl or a window",
                "where": "output x",
            },
        ),
    ],
)
def test_what_flink_refuses_is_the_detectors_fault(
    file: str,
    error: Exception,
    message: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def refuse(*_: Any) -> None:
        raise error

    monkeypatch.setattr(command, "plan", refuse)
    assert command.main([file]) == 2
    assert said(capsys) == [message]


@pytest.mark.parametrize(("error", "code"), [("Job was cancelled.", 0), ("out of memory", 1)])
def test_how_the_job_ends_is_the_exit_code(
    file: str,
    asked: dict[str, str],
    error: str,
    code: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(command, "start", lambda planned: Client(RuntimeError(error)))
    assert command.main([file]) == code
    assert said(capsys)[1:] == ([{"error": error}] if code else [])


@pytest.mark.parametrize("content", [None, "", "{", "[]", '{"kind": "Deployment"}'])
def test_a_file_that_is_no_detector_is_said_to_be_none(
    tmp_path: Path, content: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bad.json"
    if content is not None:
        path.write_text(content)
    assert command.main([str(path)]) == 2
    (told,) = said(capsys)
    assert told["error"].startswith(f"no detector in {path}: ")


def test_unknown_options_are_a_mistake(file: str) -> None:
    with pytest.raises(SystemExit) as caught:
        command.main([file, "--speed", "high"])
    assert caught.value.code == 2


def test_secrets_are_referred_to(
    secured: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    compiled: list[Any] = []

    def plan(program: Any, settings: dict[str, str]) -> Planned:
        compiled.append(program)
        return Planned(plan_of("base"), [], None)

    monkeypatch.setattr(command, "plan", plan)
    (tmp_path / "login").mkdir()
    for key in ("username", "password"):
        (tmp_path / "login" / key).write_text("canary")
    assert command.main([secured, "--explain", "--secrets-dir", str(tmp_path)]) == 0
    assert "${secret:quoted:password}" in compiled[0].text()
    assert "canary" not in compiled[0].text() + capsys.readouterr().out


def test_a_secret_that_is_not_there(secured: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main([secured, "--secrets-dir", str(tmp_path)]) == 2
    (told,) = said(capsys)
    assert told["where"] == "spec.kafka.security.secretRef"
    assert f"there is no directory {tmp_path}/login" in told["error"]


def test_a_plan_does_without_secrets(secured: str, asked: dict[str, str]) -> None:
    assert command.main([secured, "--explain"]) == 0
