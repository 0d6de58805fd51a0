"""Golden files: the SQL that detectors compile to, the plans that Flink makes of it, the dashboards.

``python tests/golden/renew.py`` writes SQL and dashboards anew; ``--plans`` also the plans, which needs Java.
"""

import sys
from pathlib import Path

from fraud_api.load import load_file
from fraud_job.compiler import compile_detector
from fraud_services.kibana.objects import ndjson, saved_objects

HERE = Path(__file__).parent
MANIFESTS = HERE.parents[1] / "manifests"
KINDS = HERE / "kinds"
DASHBOARDS = HERE / "kibana"


def cases() -> list[tuple[Path, Path]]:
    """Detector files, each with the file of its SQL."""
    manifests = [(path, HERE / f"{path.stem}.sql") for path in sorted(MANIFESTS.glob("*.yaml"))]
    return manifests + [(path, path.with_suffix(".sql")) for path in sorted(KINDS.glob("*.yaml"))]


def sql(detector: Path) -> str:
    """The SQL of a file with one detector."""
    (only,) = load_file(detector)
    return compile_detector(only).text()


def renew_sql() -> None:
    """Write the SQL of every case; what belongs to none goes."""
    wanted = dict(map(reversed, cases()))
    for stray in {*HERE.glob("*.sql"), *KINDS.glob("*.sql")} - set(wanted):
        stray.unlink()
    for golden, detector in wanted.items():
        golden.write_text(sql(detector))


def dashboards() -> list[tuple[Path, Path]]:
    """Detector files, each with the file of its saved objects."""
    return [(path, DASHBOARDS / f"{path.stem}.ndjson") for path in sorted(MANIFESTS.glob("*.yaml"))]


def dashboard(detector: Path) -> str:
    """The saved objects of a file with one detector."""
    (only,) = load_file(detector)
    return ndjson(saved_objects(only))


def renew_dashboards() -> None:
    """Write the saved objects of every detector."""
    for detector, golden in dashboards():
        golden.write_text(dashboard(detector))


def main(arguments: list[str]) -> None:
    """Renew what is asked for."""
    renew_sql()
    renew_dashboards()
    if "--plans" in arguments:
        sys.path.insert(0, str(HERE.parent))
        from golden.edits import renew_plans

        renew_plans()


if __name__ == "__main__":
    main(sys.argv[1:])
