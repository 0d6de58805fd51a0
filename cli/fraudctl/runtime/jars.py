"""The jars that Kafka and Flink need: fetched once by Maven, and our own event format."""

import hashlib
import importlib.util
import shutil
from collections.abc import Iterable
from pathlib import Path

from fraudctl.errors import MachineError
from fraudctl.runtime.cache import cached
from fraudctl.runtime.java import run_maven

_POM = Path(__file__).with_name("pom.xml")
_FORMAT_JAR = "fraud-event-format.jar"


def kafka_classpath() -> str:
    """Class path of the Kafka server."""
    return str(_jars() / "kafka" / "*")


def connector_jar() -> Path:
    """Flink's Kafka connector."""
    return next((_jars() / "flink").glob("flink-sql-connector-kafka-*.jar"))


def are_cached() -> bool:
    """Whether everything is there already, so that a start will be quick."""
    from fraudctl.runtime.cache import cache_root

    return (cache_root() / _jars_name()).is_dir()


def _jars_name() -> str:
    return f"jars-{_digest([_POM])}"


def _jars() -> Path:
    return cached(_jars_name(), _fetch)


def _fetch(into: Path) -> None:
    pom = into / "pom.xml"
    shutil.copyfile(_POM, pom)
    target = into / "kafka"
    run_maven(
        "-f", pom, "dependency:copy-dependencies", f"-DoutputDirectory={target}",
        doing="fetch the jars of Kafka and Flink's connector",
    )  # fmt: skip
    (into / "flink").mkdir()
    for jar in target.glob("flink-*.jar"):
        jar.rename(into / "flink" / jar.name)


def format_jar() -> Path:
    """Our event format for Flink: the one in the package, or built from a checkout's newer sources."""
    package = package_dir("fraud_job")
    packaged = package / "jars" / _FORMAT_JAR
    module = package.parent / "flink-format"
    if not (module / "pom.xml").is_file():
        if not packaged.is_file():
            raise MachineError(f"{packaged} is missing", "install the package again")
        return packaged
    sources = sorted([module / "pom.xml", *(path for path in (module / "src/main").rglob("*") if path.is_file())])
    if packaged.is_file() and packaged.stat().st_mtime >= max(source.stat().st_mtime for source in sources):
        return packaged
    return cached(f"format-{_digest(sources)}", lambda into: _build(module, into)) / _FORMAT_JAR


def _build(module: Path, into: Path) -> None:
    # A copy is built, so that two builds never share a target directory.
    copy = into / "module"
    shutil.copytree(module / "src/main", copy / "src/main")
    shutil.copyfile(module / "pom.xml", copy / "pom.xml")
    run_maven("-f", copy / "pom.xml", "package", "-Dmaven.test.skip=true", doing="build the event format")
    (copy / "target" / _FORMAT_JAR).rename(into / _FORMAT_JAR)
    shutil.rmtree(copy)


def package_dir(package: str) -> Path:
    """Where an installed package lies, without importing it. Raises MachineError when it is not installed."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise MachineError(f"the Python package {package} is not installed", "pip install 'fraud-detector[job]'")
    return Path(next(iter(spec.submodule_search_locations)))


def _digest(files: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:16]
