"""How a pod becomes a JobManager or TaskManager; Flink's own part of it is in tests/integration/test_pod.py."""

from pathlib import Path

import pytest

from fraud_job import pod
from fraud_job.pod import ROLES, Flink, MemoryRefused, command, java_options


@pytest.fixture
def flink(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Flink:
    """A distribution of a few empty jars, whose memory is always divided in the same way."""
    for name in ("lib/flink-dist-2.3.0.jar", "lib/a.jar", "lib/z.jar", "conf/config.yaml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    monkeypatch.setattr(Flink, "memory", lambda self, role, dynamic: (["-Xmx9"], ["-D", "heap=9", *dynamic]))
    return Flink(tmp_path)


def test_the_distribution_is_the_last_of_the_jars(flink: Flink) -> None:
    assert [Path(jar).name for jar in flink.classpath().split(":")] == ["a.jar", "z.jar", "flink-dist-2.3.0.jar"]


def test_the_process_is_flinks_with_all_arguments(flink: Flink) -> None:
    made = command(flink, "jobmanager", ["--job-id", "1", "-Drest.address=here"])
    assert made[:2] == ["java", "-Xmx9"]
    place = made.index(ROLES["jobmanager"].main)
    assert made[place - 2 : place] == ["-classpath", flink.classpath()]
    assert made[place + 1 :] == [
        *("--configDir", f"{flink.home}/conf", "-D", "heap=9", "-Drest.address=here"),
        *("--job-id", "1", "-Drest.address=here"),
    ]


def test_options_of_java_are_those_of_all_and_of_the_role() -> None:
    configured = {
        "env.java.opts.jobmanager": "-XX:+UseSerialGC",
        "env.java.opts.taskmanager": "-XX:+UseParallelGC",
        "env.java.opts.all": "-Da=1  -Db=2",
        "env.java.default-opts.all": "-Da=0",
    }
    assert java_options(configured, "jobmanager") == ["-Da=0", "-Da=1", "-Db=2", "-XX:+UseSerialGC"]
    assert java_options({}, "taskmanager") == []


def test_options_are_words_as_flinks_scripts_make_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POD_NAME", "here")
    configured = {"env.java.opts": "-Dlog=/tmp/${POD_NAME}.log '-XX:OnOutOfMemoryError=kill -9 %p'"}
    assert java_options(configured, "taskmanager") == ["-Dlog=/tmp/here.log", "-XX:OnOutOfMemoryError=kill -9 %p"]
    assert java_options({**configured, "env.java.opts.all": "-Done=1"}, "taskmanager") == ["-Done=1"]


def test_options_are_read_from_the_configuration(flink: Flink) -> None:
    (flink.home / "conf/config.yaml").write_text('env.java.opts.taskmanager: "-Done=1 -Dtwo=2"\n')
    assert {"-Done=1", "-Dtwo=2"} <= set(command(flink, "taskmanager", []))
    assert "-Done=1" not in command(flink, "jobmanager", [])


def test_an_archive_of_classes_is_used_where_there_is_one(flink: Flink) -> None:
    assert not [word for word in command(flink, "taskmanager", []) if "SharedArchiveFile" in word]
    (flink.home / "classes.jsa").touch()
    assert f"-XX:SharedArchiveFile={flink.home}/classes.jsa" in command(flink, "taskmanager", [])


@pytest.mark.parametrize("arguments", [[], ["historyserver"]])
def test_an_unknown_role_is_told(
    flink: Flink, arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FLINK_HOME", str(flink.home))
    with pytest.raises(SystemExit) as ended:
        pod.main(arguments)
    assert ended.value.code == 2
    assert "jobmanager|taskmanager" in capsys.readouterr().err


def test_memory_that_is_refused_is_told(
    flink: Flink, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: object) -> tuple[list[str], list[str]]:
        raise MemoryRefused("too little")

    monkeypatch.setattr(Flink, "memory", refuse)
    monkeypatch.setenv("FLINK_HOME", str(flink.home))
    with pytest.raises(SystemExit) as ended:
        pod.main(["taskmanager"])
    assert ended.value.code == 1
    assert capsys.readouterr().err == "Flink's memory can't be divided as it is configured: too little\n"
