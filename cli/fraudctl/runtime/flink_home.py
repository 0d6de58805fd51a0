"""A Flink distribution put together from PyFlink's own, the Kafka connector and our event format."""

import hashlib
import shutil
from collections.abc import Iterable
from pathlib import Path

from fraudctl.runtime.cache import cached
from fraudctl.runtime.jars import connector_jar, format_jar, package_dir

_LOG4J = Path(__file__).with_name("log4j.properties")
_LOG4J_NAMES = ("log4j.properties", "log4j-cli.properties", "log4j-console.properties", "log4j-session.properties")


def flink_home() -> Path:
    """FLINK_HOME for the job's process; made once for each set of jars."""
    pyflink = package_dir("pyflink")
    jars = [*sorted((pyflink / "lib").glob("*.jar")), *(pyflink / "opt").glob("flink-python*.jar")]
    jars += [connector_jar(), format_jar()]
    return cached(f"flink-{_digest(jars)}", lambda into: _assemble(into, pyflink, jars))


def java_options(home: Path) -> list[str]:
    """The options that Flink's own configuration gives every JVM (its reflection needs them)."""
    for line in (home / "conf" / "config.yaml").read_text().splitlines():
        name, colon, value = line.strip().partition(":")
        if name == "all" and colon and value.strip().startswith("--add"):
            return value.split()
    return []


def _assemble(into: Path, pyflink: Path, jars: Iterable[Path]) -> None:
    (into / "lib").mkdir()
    for jar in jars:
        (into / "lib" / jar.name).symlink_to(jar)
    for folder in ("bin", "opt", "plugins"):
        (into / folder).symlink_to(pyflink / folder)
    shutil.copytree(pyflink / "conf", into / "conf")
    for name in _LOG4J_NAMES:
        shutil.copyfile(_LOG4J, into / "conf" / name)


def _digest(jars: Iterable[Path]) -> str:
    """Where the jars lie and which they are; links to a venv that moved must not be used again."""
    told = [f"{jar}:{jar.stat().st_size}:{jar.stat().st_mtime_ns}" for jar in jars]
    return hashlib.sha256("\n".join([*told, _LOG4J.read_text()]).encode()).hexdigest()[:16]
