"""Which images there are, and what each is made of: what ``hack/images`` builds and ``hack/publish`` publishes."""

import os
import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOME = Path(os.environ.get("FRAUD_LAB_HOME") or Path.home() / ".cache" / "fraud-lab")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


@dataclass(frozen=True)
class Image:
    """What one image is made of, besides the files in ``images/NAME``.

    Attributes:
        packages: our own Python packages, where they exist.
        extras: the project's extras whose requirements it needs, on top of the project's own; None: no Python.
        alone: requirements taken without what they themselves require.
        charts: charts it carries.
        helm: whether it carries the helm program.
        published: whether the licences of what is in it let it be published.
    """

    name: str
    packages: tuple[str, ...] = ()
    extras: tuple[str, ...] | None = None
    alone: tuple[str, ...] = ()
    charts: tuple[str, ...] = ()
    helm: bool = False
    published: bool = True


IMAGES = (
    Image(
        "fraud-job",
        packages=("api/fraud_api", "job/fraud_job"),
        extras=(),
        # PyFlink wants Beam, Arrow, pandas and NumPy for Python functions only, and no Python runs per event here
        alone=("apache-flink", "apache-flink-libraries", "py4j"),
    ),
    Image(
        "fraud-operator",
        packages=("api/fraud_api", "job/fraud_job", "services/fraud_services", "operator/fraud_operator"),
        extras=("operator", "services"),
        charts=("fraud-detector",),
        helm=True,
    ),
    Image(
        "fraud-tools",
        packages=("api/fraud_api", "generator/fraud_generator", "services/fraud_services"),
        extras=("generator", "services"),
    ),
    Image("fraud-kafka"),
    Image("fraud-elasticsearch", published=False),
)


def tag(image: Image) -> str:
    """Its name with the project's version."""
    return f"{image.name}:{PROJECT['version']}"


def sbom_of(image: Image) -> Path:
    """Where ``hack/images --sbom`` writes what is in an image."""
    return HOME / "sbom" / f"{image.name}.cdx.json"
