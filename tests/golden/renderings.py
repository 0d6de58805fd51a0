"""What the charts render for values that show all of them: files to read, and to compare with."""

from pathlib import Path
from typing import Any, NamedTuple

import yaml
from harness.charts import detector_values
from harness.helm import template

HERE = Path(__file__).parent / "charts"


class Case(NamedTuple):
    """One rendering and what it is made of."""

    chart: str
    values: dict[str, Any]


CASES = {
    "detector-default": Case("fraud-detector", detector_values({"generator": {"enabled": True}})),
    "detector-suspended": Case(
        "fraud-detector",
        detector_values(
            {"running": False, "generator": {"enabled": True}},
            generator={"scenario": "transactions", "count": 1000, "endless": None},
        ),
    ),
    "detector-s3": Case(
        "fraud-detector",
        detector_values(
            {
                "job": {"savepoint": "s3://bucket/flink/default/transactions/savepoints/savepoint-1"},
                "secrets": ["kafka"],
                "indexer": {"enabled": True, "replicas": 2, "secrets": ["elasticsearch"]},
                "images": {
                    "job": {"repository": "r.example/fraud-job", "digest": f"sha256:{'0a' * 32}"},
                    "tools": {"repository": "r.example/fraud-tools", "digest": f"sha256:{'1b' * 32}"},
                },
                "metrics": {"serviceMonitor": True},
                "networkPolicy": {"restFrom": [{"podSelector": {"matchLabels": {"app": "console"}}}]},
                "extraLabels": {"team": "fraud"},
            },
            flink={
                "parallelism": 4,
                "stateBackend": "RocksDB",
                "imagePullSecrets": ["registry"],
                "configuration": {"taskmanager.memory.network.fraction": "0.2"},
                "jobManager": {"replicas": 2},
                "taskManager": {
                    "replicas": 2,
                    "resources": {"cpu": "2", "memory": "2.5Gi"},
                    "podTemplate": {
                        "metadata": {"labels": {"pool": "fast"}},
                        "spec": {
                            "tolerations": [{"key": "fast", "operator": "Exists"}],
                            "topologySpreadConstraints": [
                                {
                                    "maxSkew": 1,
                                    "topologyKey": "kubernetes.io/hostname",
                                    "whenUnsatisfiable": "ScheduleAnyway",
                                    "labelSelector": {"matchLabels": {"pool": "fast"}},
                                }
                            ],
                            "containers": [{"name": "taskmanager", "env": [{"name": "TZ", "value": "UTC"}]}],
                        },
                    },
                },
                "checkpoints": {
                    "storage": {
                        "type": "S3",
                        "uri": "s3://bucket/flink",
                        "endpoint": "http://minio:9000",
                        "secretRef": {"name": "aws"},
                    }
                },
            },
        ),
    ),
    # the CRD has a file and a test of its own
    "operator-default": Case("fraud-operator", {"crds": {"install": False}}),
    "operator-namespaces": Case(
        "fraud-operator",
        {
            "crds": {"install": False},
            "watchNamespaces": ["fraud", "lab"],
            "rbac": {"secretNames": ["kafka", "elasticsearch"]},
            "image": {"repository": "r.example/fraud-operator", "digest": f"sha256:{'2c' * 32}"},
            "detectorImages": {
                "job": {"repository": "r.example/fraud-job", "digest": f"sha256:{'0a' * 32}"},
                "tools": {"repository": "r.example/fraud-tools", "digest": f"sha256:{'1b' * 32}"},
                "pullSecrets": ["registry"],
            },
            "imagePullSecrets": ["registry"],
            "priorityClassName": "system-cluster-critical",
            "metrics": {"serviceMonitor": True, "prometheusRule": True, "grafanaDashboard": True},
        },
    ),
}


def path(name: str) -> Path:
    """Where a case's rendering is kept."""
    return HERE / f"{name}.yaml"


def rendered(case: Case) -> str:
    """The objects of a case in one order, so that another Helm tells the same."""
    found = template(case.chart, case.values)
    found.sort(key=lambda each: (each["kind"], each["metadata"].get("namespace", ""), each["metadata"]["name"]))
    return yaml.safe_dump_all(found, width=120)


def renew_renderings() -> None:
    """Write the rendering of every case; what belongs to none goes."""
    HERE.mkdir(exist_ok=True)
    for stray in set(HERE.glob("*.yaml")) - set(map(path, CASES)):
        stray.unlink()
    for name, case in CASES.items():
        path(name).write_text(rendered(case))
