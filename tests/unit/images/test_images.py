"""hack/images: what goes into which image, and that versions agree."""

import re
import sys
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType

import pytest
import yaml

from fraud_api import load_file

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def images() -> ModuleType:
    """hack/images, which has no ending because it is a program."""
    spec = spec_from_loader("images", SourceFileLoader("images", str(ROOT / "hack/images")))
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules["images"] = module  # its data classes look themselves up there
    spec.loader.exec_module(module)
    return module


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


def test_chart_and_values_name_the_version_that_is_built(images: ModuleType) -> None:
    chart = yaml.safe_load((ROOT / "charts/fraud-backends/Chart.yaml").read_text())
    values = yaml.safe_load((ROOT / "hack/lab/backends.yaml").read_text())
    version = images.PROJECT["version"]
    assert {chart["appVersion"], *(part["image"]["tag"] for part in values.values())} == {version}


def test_the_archive_of_classes_is_trained_by_a_rule_of_every_kind() -> None:
    [detector] = load_file(ROOT / "images/fraud-job/training/detector.yaml")
    kinds = {"filter", "velocity", "window", "join", "sequence", "sql"}
    assert {kind for rule in detector.spec.rules for kind in kinds if getattr(rule, kind)} == kinds
