"""The chart takes the values that the operator makes."""

import base64
import gzip
import json
import subprocess
from pathlib import Path

import pytest
from harness.detectors import MANIFESTS, manifest
from harness.helm import helm
from harness.world import HOME
from unit.operator.driver import SETTINGS, transactions

from fraud_operator import desired, drift, helm_record, release
from fraud_operator.names import Key

CHART = Path(__file__).parents[3] / "charts" / "fraud-detector"


def render(made: desired.Values, key: Key) -> list[drift.Object]:
    command = [helm(), "template", key.release, str(CHART), "-n", HOME, "--kube-version", "1.36", "-f", "-"]
    values = release.placed(key, made)
    done = subprocess.run(command, input=json.dumps(values), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = {"name": key.release, "namespace": HOME, "config": values, "manifest": done.stdout}
    record = {"data": {"release": base64.b64encode(gzip.compress(json.dumps(found).encode())).decode()}}
    assert helm_record.wrong(record, HOME, key) == ""
    return drift.objects(done.stdout)


@pytest.mark.parametrize("name", [file.stem for file in MANIFESTS.glob("*.yaml")])
def test_every_manifest(name: str) -> None:
    detector = manifest(name)
    key = Key(detector.metadata.namespace, detector.metadata.name)
    made = desired.deployment(key, "uid", desired.values(detector, SETTINGS), "", "")
    deployments = [one for one in render(made, key) if one["kind"] == "Deployment"]
    assert len(deployments) >= 2
    # so the operator hears of pods that come and go
    assert {Key.labelled(one["metadata"]) for one in deployments} == {key}


def test_suspended_and_secured_and_elsewhere() -> None:
    storage = {"type": "S3", "uri": "s3://bucket/flink", "secretRef": {"name": "s3"}}
    kafka = {"security": {"protocol": "SASL_SSL", "secretRef": {"name": "login"}}}
    detector = transactions(suspend=True, kafka=kafka, flink={"checkpoints": {"storage": storage}})
    key = Key("default", "transactions")
    made = desired.suspended(desired.values(detector, SETTINGS), {}, "")
    assert "Deployment" not in [one["kind"] for one in render(made, key)]
