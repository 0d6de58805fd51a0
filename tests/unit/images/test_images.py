"""hack/images: what goes into which image, and that versions agree."""

import io
import re
import tarfile
from pathlib import Path
from types import ModuleType

import pytest
import yaml
from harness.programs import program

from fraud_api import load_file

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def images() -> ModuleType:
    return program("images")


def required(images: ModuleType, name: str) -> dict[str, str]:
    """The pinned requirements of an image by name."""
    (image,) = (each for each in images.IMAGES if each.name == name)
    text = images.requirements(image)
    return {re.split("[=<> ]", block)[0]: block for block in re.split(r"\n(?=\S)", text)}


def test_every_image_has_a_dockerfile_and_every_dockerfile_an_image(images: ModuleType) -> None:
    assert {path.parent.name for path in ROOT.glob("images/*/Dockerfile")} == {each.name for each in images.IMAGES}


@pytest.mark.parametrize("name", ["fraud-job", "fraud-operator", "fraud-tools"])
def test_every_requirement_is_pinned_by_a_hash(images: ModuleType, name: str) -> None:
    found = required(images, name)
    assert {"pydantic", "pydantic-core", "sqlglot"} <= set(found)
    assert all("--hash=sha256:" in block for block in found.values())


def test_the_job_has_pyflink_and_nothing_for_python_functions(images: ModuleType) -> None:
    found = set(required(images, "fraud-job"))
    assert {"apache-flink", "apache-flink-libraries", "py4j"} <= found
    assert found.isdisjoint({"apache-beam", "numpy", "pandas", "pyarrow", "kopf", "faker"})


def test_each_image_has_its_own_requirements_only(images: ModuleType) -> None:
    assert {"kopf", "aiohttp"} <= set(required(images, "fraud-operator"))
    assert {"faker", "elasticsearch"} <= set(required(images, "fraud-tools"))
    assert "apache-flink" not in required(images, "fraud-operator")
    assert set(required(images, "fraud-tools")).isdisjoint({"kopf", "pytest", "mypy"})


def test_an_unknown_image_is_an_error(images: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    assert images.main(["fraud-nothing"]) == 2
    assert "no image is called fraud-nothing" in capsys.readouterr().err


def tar(names: list[str]) -> bytes:
    """A root file system with these files, as docker exports one: in a folder, with a link beside each."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        for name in names:
            file = tarfile.TarInfo(name)
            file.size = len(name)
            archive.addfile(file, io.BytesIO(name.encode()))
            link = tarfile.TarInfo(f"links/{name}")
            link.type, link.linkname = tarfile.SYMTYPE, f"/{name}"
            archive.addfile(link)
    return made.getvalue()


def test_only_what_an_sbom_is_made_from_is_unpacked(images: ModuleType, tmp_path: Path) -> None:
    stream = io.BytesIO(tar(["opt/a.jar", "etc/shadow", "var/lib/dpkg/status"]) + bytes(100_000))
    images.pick(stream, tmp_path)
    found = {str(path.relative_to(tmp_path)): path.read_text() for path in tmp_path.rglob("*") if path.is_file()}
    assert found == {"opt/a.jar": "opt/a.jar", "var/lib/dpkg/status": "var/lib/dpkg/status"}
    assert stream.read() == b"", "or docker would be told that nobody listens"


@pytest.mark.parametrize("cut", [0, 700])
def test_an_export_that_breaks_off_is_an_error(images: ModuleType, tmp_path: Path, cut: int) -> None:
    with pytest.raises(SystemExit, match="no tar"):
        images.pick(io.BytesIO(tar(["opt/a.jar" * 9])[:cut]), tmp_path)


def test_chart_and_values_name_the_version_that_is_built(images: ModuleType) -> None:
    chart = yaml.safe_load((ROOT / "charts/fraud-backends/Chart.yaml").read_text())
    values = yaml.safe_load((ROOT / "hack/lab/backends.yaml").read_text())
    version = images.PROJECT["version"]
    assert {chart["appVersion"], *(part["image"]["tag"] for part in values.values())} == {version}


def test_the_archive_of_classes_is_trained_by_a_rule_of_every_kind() -> None:
    [detector] = load_file(ROOT / "images/fraud-job/training/detector.yaml")
    kinds = {"filter", "velocity", "window", "join", "sequence", "sql"}
    assert {kind for rule in detector.spec.rules for kind in kinds if getattr(rule, kind)} == kinds
