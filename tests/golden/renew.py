"""Golden files: the SQL that detectors compile to, what the charts render, and the plans that Flink makes.

``python tests/golden/renew.py`` writes SQL and renderings anew; ``--plans`` also the plans, which needs Java.
"""

import sys
from pathlib import Path

from fraud_api.load import load_file
from fraud_job.compiler import compile_detector

HERE = Path(__file__).parent
MANIFESTS = HERE.parents[1] / "manifests"
KINDS = HERE / "kinds"


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


def main(arguments: list[str]) -> None:
    """Renew what is asked for."""
    sys.path.insert(0, str(HERE.parent))
    from golden.renderings import renew_renderings

    renew_sql()
    renew_renderings()
    if "--plans" in arguments:
        from golden.edits import renew_plans

        renew_plans()


if __name__ == "__main__":
    main(sys.argv[1:])
