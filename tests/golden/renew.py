"""Golden files: SQL, index templates and dashboards of detectors, what the charts render, Flink's plans.

``python tests/golden/renew.py`` writes all but the plans anew; ``--plans`` also the plans, which needs Java.
"""

import json
import sys
from pathlib import Path

from fraud_api.load import load_file
from fraud_job.compiler import compile_detector
from fraud_services.indices import indices_of, templates
from fraud_services.kibana.objects import ndjson, saved_objects

HERE = Path(__file__).parent
MANIFESTS = HERE.parents[1] / "manifests"
KINDS = HERE / "kinds"
INDICES = HERE / "indices"
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


def indices(detector: Path) -> str:
    """The templates of a file with one detector, as they would be in its first version."""
    (found,) = load_file(detector)
    told = {}
    for index in indices_of(found):
        version = templates.next_version(index, None)
        told[templates.component_name(index)] = templates.component(found, index, version)
        told[index.alias] = templates.template(found, index, version)
    return json.dumps(told, indent=2) + "\n"


def renew_indices() -> None:
    """Write the templates of every manifest; what belongs to none goes."""
    manifests = {path.stem: path for path in MANIFESTS.glob("*.yaml")}
    for stray in {path.stem for path in INDICES.glob("*.json")} - set(manifests):
        (INDICES / f"{stray}.json").unlink()
    for name, detector in manifests.items():
        (INDICES / f"{name}.json").write_text(indices(detector))


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
    sys.path.insert(0, str(HERE.parent))
    from golden.renderings import renew_renderings

    renew_sql()
    renew_renderings()
    renew_indices()
    renew_dashboards()
    if "--plans" in arguments:
        from golden.edits import renew_plans

        renew_plans()


if __name__ == "__main__":
    main(sys.argv[1:])
