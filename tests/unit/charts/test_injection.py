"""Whatever text a resource holds, the chart makes one text of it."""

from collections.abc import Iterator
from typing import Any

import pytest
from harness.helm import HelmRefused
from unit.charts.detector import render

from fraud_api.crd import custom_resource_definition

EVIL = "x\n---\nkind: Job\nmetadata: {name: p, namespace: kube-system}\nspec: {a: |"
INLINE = "x\nhostPID: true"

PLACES: dict[str, dict[str, Any]] = {
    "storage class": {"checkpoints": {"storage": {"storageClass": EVIL}}},
    "size": {"checkpoints": {"storage": {"size": "1Gi", "storageClass": INLINE}}},
    "uri": {"checkpoints": {"storage": {"type": "S3", "uri": f"s3://{EVIL}", "secretRef": {"name": "s"}}}},
    "endpoint": {"checkpoints": {"storage": {"type": "S3", "uri": "s3://b/f", "endpoint": EVIL}}},
    "secret": {"checkpoints": {"storage": {"type": "S3", "uri": "s3://b/f", "secretRef": {"name": EVIL}}}},
    "configuration": {"configuration": {"taskmanager.memory.network.fraction": EVIL}},
    "label": {"taskManager": {"podTemplate": {"metadata": {"labels": {"a": EVIL}}}}},
    "node": {"jobManager": {"podTemplate": {"spec": {"nodeSelector": {EVIL: EVIL}}}}},
}


def usual(found: list[Any]) -> bool:
    return all(one["metadata"]["name"].startswith("fd-") and one["kind"] != "Job" for one in found)


@pytest.mark.parametrize("place", PLACES)
def test_no_text_of_a_resource_becomes_an_object(place: str) -> None:
    found = render({"detector": {"spec": {"flink": PLACES[place]}}})
    assert usual(found)
    assert not any("hostPID" in spec for spec in _pod_specs(found))


@pytest.mark.parametrize(
    "values", [{"secrets": [EVIL]}, {"images": {"job": {"repository": INLINE}}}, {"job": {"id": EVIL}}]
)
def test_values_of_who_deploys_are_checked_by_the_schema(values: dict[str, Any]) -> None:
    with pytest.raises(HelmRefused, match="values don't meet the specifications"):
        render(values)


def _pod_specs(found: list[Any]) -> Iterator[dict[str, Any]]:
    for one in found:
        template = (one.get("spec") or {}).get("template") or {}
        if "spec" in template:
            yield template["spec"]


def test_the_api_server_refuses_line_ends_where_names_and_places_are_expected() -> None:
    (version,) = custom_resource_definition()["spec"]["versions"]
    spec = version["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"]["flink"]["properties"]
    storage = spec["checkpoints"]["properties"]["storage"]["properties"]
    for name in ("storageClass", "endpoint", "uri", "size"):
        assert "pattern" in storage[name], name
