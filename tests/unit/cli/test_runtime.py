"""Jars, Java and the cache, with a Java and a Maven that only pretend."""

import os
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest

from fraudctl.errors import MachineError
from fraudctl.runtime import jars, java
from fraudctl.runtime.cache import cached
from fraudctl.runtime.jars import connector_jar, kafka_classpath
from fraudctl.runtime.rest import first_line, root_cause

MAVEN = """#!/bin/sh
for argument; do
  case $argument in -DoutputDirectory=*) out=${argument#*=};; esac
done
echo "$@" >> "$FAKE_LOG"
mkdir -p "$out" && touch "$out/kafka_2.13-4.jar" "$out/flink-sql-connector-kafka-5.jar"
"""


def script(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)


@pytest.fixture
def bin_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH with a Java 17 and a Maven that makes two jars."""
    bin_dir = tmp_path / "bin"
    bin_dir.mkdir()
    script(bin_dir / "java", "#!/bin/sh\necho 'openjdk version \"17.0.1\" 2021' >&2\n")
    script(bin_dir / "mvn", MAVEN)
    monkeypatch.setenv("PATH", f"{bin_dir}:/usr/bin:/bin")
    monkeypatch.setenv("FRAUDCTL_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("FAKE_LOG", str(tmp_path / "log"))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    return bin_dir


def test_jars_are_fetched_once(bin_dir: Path, tmp_path: Path):
    assert connector_jar().name == "flink-sql-connector-kafka-5.jar"
    assert kafka_classpath().endswith("/kafka/*")
    assert jars.are_cached()
    assert len((tmp_path / "log").read_text().splitlines()) == 1


def test_a_failed_fetch_leaves_nothing(bin_dir: Path, tmp_path: Path):
    script(bin_dir / "mvn", "#!/bin/sh\necho '[ERROR] no such artifact'\nexit 1\n")
    with pytest.raises(MachineError, match=r"Maven could not fetch.*no such artifact; check that Maven reaches"):
        connector_jar()
    assert not [path for path in (tmp_path / "cache").iterdir() if not path.name.endswith(".lock")]


def test_maven_is_missing(bin_dir: Path, monkeypatch: pytest.MonkeyPatch):
    (bin_dir / "mvn").unlink()
    monkeypatch.setenv("PATH", str(bin_dir))
    with pytest.raises(MachineError, match=r"Maven is not installed.*install Maven"):
        connector_jar()


def test_java_is_missing(bin_dir: Path, monkeypatch: pytest.MonkeyPatch):
    (bin_dir / "java").unlink()
    monkeypatch.setenv("PATH", str(bin_dir))
    with pytest.raises(MachineError, match=r"Java is not installed; install a JDK 17"):
        java.java()


@pytest.mark.parametrize("version", ["11.0.2", "1.8.0_292"])
def test_java_is_too_old(bin_dir: Path, version: str):
    script(bin_dir / "java", f"#!/bin/sh\necho 'openjdk version \"{version}\"' >&2\n")
    java._major_version.cache_clear()
    with pytest.raises(MachineError, match=r"is too old; install a JDK 17"):
        java.java()


def test_java_home_wins_and_must_hold_one(bin_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    assert java.java() == str(bin_dir / "java")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "none"))
    with pytest.raises(MachineError, match="no Java is there"):
        java.java()


def test_two_that_want_the_same_make_it_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("FRAUDCTL_CACHE", str(tmp_path))
    made: list[Path] = []

    def make(into: Path) -> None:
        time.sleep(0.2)
        made.append(into)

    threads = [threading.Thread(target=cached, args=("thing", make)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1


def test_a_cache_that_cannot_be_written(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("FRAUDCTL_CACHE", "/proc/none")
    with pytest.raises(MachineError, match="set FRAUDCTL_CACHE"):
        cached("thing", lambda into: None)


def test_the_innermost_cause_is_told():
    trace = (
        "org.apache.flink.JobException: outer\n\tat a.b(C.java:1)\n"
        "Caused by: java.lang.RuntimeException: inner: why\n\t... 3 more\n"
    )
    assert root_cause(trace) == "RuntimeException: inner: why"
    assert root_cause("a.b.Thing: only\n\tat x") == "Thing: only"


def test_an_error_answer_without_its_trace():
    assert first_line('{"errors": ["Internal", "Job not found\\n\\tat x"]}') == "Job not found"
    assert first_line("no JSON") == "no JSON"


KILLED = """
import os, signal, sys
from pathlib import Path
from fraudctl.runtime.processes import spawn, work_dir
with work_dir() as directory:
    child = spawn("sleep", ["sh", "-c", "setsid sleep {seconds} & exec sleep {seconds}"], directory / "log")
    print(child.pid, directory, flush=True)
    os.kill(os.getpid(), {signal})
"""


@pytest.mark.parametrize("signal", ["signal.SIGKILL", "signal.SIGINT"])
def test_nothing_outlives_us(signal: str, tmp_path: Path):
    seconds = str(100_000 + os.getpid())  # marks our own children among all the machine's processes
    code = KILLED.replace("{signal}", signal).replace("{seconds}", seconds)
    environ = {**os.environ, "TMPDIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environ, check=False)
    directory = Path(done.stdout.split()[1])
    deadline = time.monotonic() + 10
    while (directory.exists() or sleeping(seconds)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not sleeping(seconds)
    assert list(tmp_path.iterdir()) == []


def sleeping(seconds: str) -> bool:
    """Whether a child is there, even one that has left its group."""
    wanted = f"sleep\0{seconds}".encode()
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):  # it has ended in the meantime
            if wanted in path.read_bytes():
                return True
    return False
