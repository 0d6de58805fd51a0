import re
from pathlib import Path

import pytest

from fraud_operator import settings as module
from fraud_operator.settings import BadSettings, Image, Settings

DIGEST = "sha256:" + "0a" * 32


def test_nothing_said_means_defaults() -> None:
    assert Settings.from_environment({}) == Settings()
    assert Settings.from_environment({"FRAUD_WATCH_NAMESPACES": ""}) == Settings()


def test_the_environment_is_read() -> None:
    found = Settings.from_environment(
        {
            "FRAUD_WATCH_NAMESPACES": "a, b,",
            "FRAUD_JOB_IMAGE": "registry:5000/fraud-job:0.2",
            "FRAUD_RESYNC_SECONDS": "5",
            "FRAUD_LOG_FORMAT": "PLAIN",
            "FRAUD_DETECTOR_CHART": "/charts/x",
            "HOSTNAME": "pod-1",
        }
    )
    assert found.namespaces == ("a", "b")
    assert found.job_image == Image("registry:5000/fraud-job", "0.2")
    assert found.resync_seconds == 5
    assert found.log_format == "plain"
    assert found.chart == Path("/charts/x")
    assert found.identity == "pod-1"


def test_a_registrys_port_is_no_tag() -> None:
    assert Image.parse("registry:5000/fraud-job") == Image("registry:5000/fraud-job")
    assert str(Image.parse("a/b:1")) == "a/b:1"


def test_a_digest_counts_before_the_tag() -> None:
    assert Image.parse(f"registry:5000/job@{DIGEST}") == Image("registry:5000/job", digest=DIGEST)
    assert Image.parse(f"registry:5000/job:1@{DIGEST}") == Image("registry:5000/job", "1", DIGEST)
    assert str(Image("registry:5000/job", "1", DIGEST)) == f"registry:5000/job@{DIGEST}"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("FRAUD_RESYNC_SECONDS", "often"),
        ("FRAUD_HELM_CONCURRENCY", "0"),
        ("FRAUD_LOG_LEVEL", "loud"),
        ("FRAUD_PULL_POLICY", "Sometimes"),
    ],
)
def test_nonsense_is_told_with_its_name(variable: str, value: str) -> None:
    with pytest.raises(BadSettings, match=f"{variable}: '{value}'"):
        Settings.from_environment({variable: value})


def test_every_variable_is_documented() -> None:
    source = Path(module.__file__).read_text()
    read = set(re.findall(r'"((?:FRAUD|POD)_[A-Z_]+)":', source))
    assert read == set(re.findall(r"\(((?:FRAUD|POD)_[A-Z_]+)[),]|; ", source)) - {""} | read
    assert all(f"({name}" in source for name in read)
