"""The memory of a pod, as Flink itself divides it."""

import shutil
from importlib.util import find_spec
from pathlib import Path

import pytest

from fraud_job.pod import ROLES, Flink, MemoryRefused


@pytest.fixture
def flink(tmp_path: Path) -> Flink:
    """PyFlink's distribution with a configuration of its own."""
    spec = find_spec("pyflink")
    assert spec is not None
    assert spec.origin is not None
    for part in ("bin", "lib"):
        (tmp_path / part).symlink_to(Path(spec.origin).parent / part)
    (tmp_path / "conf").mkdir()
    shutil.copy(Path(spec.origin).parent / "conf" / "log4j-console.properties", tmp_path / "conf")
    configuration = "jobmanager.memory.process.size: 1g\ntaskmanager.memory.process.size: 1g\n"
    (tmp_path / "conf" / "config.yaml").write_text(configuration)
    return Flink(tmp_path)


def test_memory_is_divided_by_flink(flink: Flink) -> None:
    java, arguments = flink.memory(ROLES["jobmanager"], [])
    assert java == ["-Xmx469762048", "-Xms469762048", "-XX:MaxMetaspaceSize=268435456"]
    assert "jobmanager.memory.heap.size=469762048b" in arguments


def test_arguments_count_for_memory(flink: Flink) -> None:
    _, arguments = flink.memory(ROLES["taskmanager"], ["-Dtaskmanager.memory.managed.size=100m"])
    assert "taskmanager.memory.managed.size=104857600b" in arguments


def test_memory_that_is_too_little_is_told(flink: Flink) -> None:
    with pytest.raises(MemoryRefused, match="exceed configured Total Process Memory"):
        flink.memory(ROLES["taskmanager"], ["-Dtaskmanager.memory.process.size=300m"])
