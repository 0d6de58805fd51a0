"""State in a bucket instead of a volume: S3 is moto's server on this machine, which the pods reach by its address."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from harness import waiting
from harness.cluster import Applied, Cluster, in_cluster
from harness.detectors import manifest
from harness.kafka import Broker
from moto.server import ThreadedMotoServer
from oracle.detectors import expected, traffic

from fraud_api import FraudDetector, naming

pytestmark = pytest.mark.e2e

SECRET = "bucket-login"
KEYS = {"accessKeyId": "access-of-tests", "secretAccessKey": "canary-of-tests"}


@dataclass
class Bucket:
    """A bucket that the cluster's pods can reach."""

    name: str
    endpoint: str
    client: Any

    def keys(self, prefix: str) -> list[str]:
        found = self.client.list_objects_v2(Bucket=self.name, Prefix=prefix)
        return [one["Key"] for one in found.get("Contents", [])]


@pytest.fixture
def bucket(cluster: Cluster) -> Iterator[Bucket]:
    host = cluster.address_of_this_machine()
    server = ThreadedMotoServer(ip_address=host, port=0, verbose=False)
    server.start()
    endpoint = f"http://{host}:{server.get_host_and_port()[1]}"
    login = {"aws_access_key_id": KEYS["accessKeyId"], "aws_secret_access_key": KEYS["secretAccessKey"]}
    client = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1", **login)
    client.create_bucket(Bucket="fraud-state")
    yield Bucket("fraud-state", endpoint, client)
    server.stop()


def test_state_lives_in_a_bucket_and_outlives_the_detector(
    namespace: str, apply: Callable[[FraudDetector], Applied], kafka: Broker, cluster: Cluster, bucket: Bucket
):
    cluster.create_secret(namespace, SECRET, KEYS)
    storage = {
        "type": "S3",
        "uri": f"s3://{bucket.name}/flink",
        "endpoint": bucket.endpoint,
        "secretRef": {"name": SECRET},
    }
    detector = in_cluster(manifest("transactions"), namespace)
    applied = apply(with_storage(detector, storage))
    applied.wait_ready()
    assert not cluster.core.list_namespaced_persistent_volume_claim(namespace).items

    records = traffic("transactions", seed=6, count=2_000).to_send
    kafka.produce(applied.detector, records[:1_000])
    place = f"flink/{namespace}/{applied.name}"
    waiting.until(lambda: bucket.keys(f"{place}/checkpoints/"), lambda: str(bucket.keys("")))
    cluster.kill_pod(namespace, "jobmanager")
    waiting.until(lambda: applied.condition("Ready").get("status") != "True", applied.told, 60)
    applied.wait_ready()

    applied.edit(lambda spec: spec.update(restartNonce=1))
    location = applied.wait_ready()["lastSavepoint"]["location"]
    assert location.startswith(f"s3://{bucket.name}/{place}/savepoints/")
    assert bucket.keys(urlsplit(location).path.lstrip("/"))
    kafka.produce(applied.detector, records[1_000:])
    wanted = expected("transactions", records, namespace).alerts
    topic = naming.alerts_topic(applied.detector)

    def ids() -> set[str]:
        return {message.json()["alert_id"] for message in kafka.read_topic(topic)}

    waiting.until(lambda: len(ids()) >= len(wanted), lambda: f"{len(ids())} of {len(wanted)}")
    assert len(ids()) == len(wanted)
    cluster.delete(namespace, applied.name)
    cluster.wait_gone(namespace, applied.name)
    assert bucket.keys(urlsplit(location).path.lstrip("/"))


def with_storage(detector: FraudDetector, storage: dict[str, Any]) -> FraudDetector:
    document = detector.model_dump(mode="json", by_alias=True, exclude_none=True, exclude_unset=True)
    document["spec"]["flink"]["checkpoints"] = {"interval": "2s", "storage": storage}
    return FraudDetector.model_validate(document)
