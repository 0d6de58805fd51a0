"""The CustomResourceDefinition, made from the models: ``python -m fraud_api.crd [--check]``."""

import io
import sys
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML, RoundTripRepresenter, ScalarNode

from fraud_api.generated import write_or_check
from fraud_api.resource import GROUP, KIND, VERSION
from fraud_api.structural import structural_schema

PATH = Path("charts/fraud-operator/files/frauddetectors.yaml")
HEADER = "# Made from the models in api/fraud_api by `make crd`; a test fails when it is out of date. Do not edit.\n"
PLURAL = "frauddetectors"

OLD_TRUTH_VALUES = frozenset({"y", "yes", "on", "n", "no", "off"})

COLUMNS = (
    ("Phase", "string", ".status.phase", "What is going on."),
    ("Ready", "string", '.status.conditions[?(@.type=="Ready")].status', "Whether it does what its spec says."),
    ("Job", "string", ".status.job.state", "State of the Flink job."),
    ("Rules", "integer", ".status.rules.enforced", "Rules that are enforced."),
    ("Alerts", "integer", ".status.records.alerts", "Alerts written."),
    ("Age", "date", ".metadata.creationTimestamp", "Time since it was made."),
)
WIDE_COLUMNS = (
    ("Records", "integer", ".status.records.in", "Records read."),
    ("Dead letters", "integer", ".status.records.deadLetters", "Records refused."),
    ("Restarts", "integer", ".status.job.restarts", "How often the job has started again."),
    ("Why", "string", '.status.conditions[?(@.type=="Ready")].message', "What Ready says."),
)
"""For ``kubectl get --output wide`` only."""


class _Representer(RoundTripRepresenter):  # type: ignore[misc]  # the package has no types
    """Quotes what older YAML, which Kubernetes reads, takes for a truth value: a join's ``on`` among it."""

    def represent_str(self, data: str) -> ScalarNode:
        style = '"' if data.lower() in OLD_TRUTH_VALUES else None
        return self.represent_scalar("tag:yaml.org,2002:str", data, style=style)


_Representer.add_representer(str, _Representer.represent_str)


def custom_resource_definition() -> dict[str, Any]:
    """The CRD as Kubernetes wants it."""
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{PLURAL}.{GROUP}"},
        "spec": {
            "group": GROUP,
            "names": {
                "kind": KIND,
                "listKind": f"{KIND}List",
                "plural": PLURAL,
                "singular": KIND.lower(),
                "shortNames": ["fd"],
                "categories": ["fraud"],
            },
            "scope": "Namespaced",
            "versions": [_version()],
        },
    }


def render() -> str:
    """The CRD as YAML, always the same for the same models."""
    yaml = YAML()
    yaml.Representer = _Representer
    yaml.default_flow_style = False
    yaml.width = 10_000  # folding leaves blanks at the ends of lines
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.representer.ignore_aliases = lambda *_: True
    text = io.StringIO()
    yaml.dump(custom_resource_definition(), text)
    return HEADER + text.getvalue()


def _version() -> dict[str, Any]:
    names = ("name", "type", "jsonPath", "description")
    columns: list[dict[str, Any]] = [dict(zip(names, column, strict=True)) for column in COLUMNS]
    columns += [{**dict(zip(names, column, strict=True)), "priority": 1} for column in WIDE_COLUMNS]
    return {
        "name": VERSION,
        "served": True,
        "storage": True,
        "subresources": {"status": {}},
        "additionalPrinterColumns": columns,
        "schema": {"openAPIV3Schema": structural_schema()},
    }


if __name__ == "__main__":
    sys.exit(write_or_check(PATH, render(), sys.argv[1:]))
