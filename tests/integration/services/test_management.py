"""Templates, indices, aliases and their health in a real Elasticsearch."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from harness import waiting
from harness.detectors import manifest
from harness.elastic import START_SECONDS, Elastic, indexed
from harness.indexer import Indexing
from harness.secure import API_KEY, PASSWORD, USER, ApiKeyGate, secure_node
from harness.secured import Authority

from fraud_api import FraudDetector
from fraud_services.elastic import connect
from fraud_services.indices import Reason, apply, drop_expired, look, remove, wait
from fraudctl.runtime.elasticsearch import EmbeddedElasticsearch

pytestmark = [pytest.mark.elasticsearch, pytest.mark.integration, pytest.mark.timeout(1200)]

DAY = 86_400_000


def everything(it: Indexing) -> Any:
    """Templates and indices of a detector, as Elasticsearch tells them."""
    client, mine = it.elastic.client, f"{it.detector.metadata.namespace}.*"
    return json.loads(
        json.dumps(
            [
                client.indices.get_index_template(name=mine).body,
                client.cluster.get_component_template(name=mine).body,
                client.indices.get(index=mine).body,
            ]
        )
    )


def with_column(it: Indexing, output: int, column: int | None, **changes: Any) -> FraudDetector:
    """The detector with a column changed, or one more."""
    document = it.detector.model_dump(mode="json", by_alias=True, exclude_none=True)
    columns = document["spec"]["outputs"][output]["columns"]
    if column is None:
        columns.append(changes)
    else:
        columns[column] |= changes
    return FraudDetector.model_validate(document)


@pytest.mark.parametrize("name", ["accounts", "ad-clicks", "bank", "payments", "transactions"])
def test_every_detectors_indices_are_made_once(make, name: str):
    it = make(manifest(name))
    assert apply(it.elastic.client, it.detector).ready
    before = everything(it)
    assert apply(it.elastic.client, it.detector).ready
    assert everything(it) == before
    aliases = {alias for held in before[2].values() for alias in held["aliases"]}
    assert aliases == {index["name"] for index in before[0]["index_templates"]}


def test_a_new_column_joins_the_index_that_is_there(make):
    it = make()
    it.apply()
    more = with_column(it, 2, None, name="extra", type="INT", indexAs="Ip")
    assert apply(it.elastic.client, more).ready
    held = it.elastic.client.indices.get(index=f"{it.index('sums').alias}.v1").body
    assert held[f"{it.index('sums').alias}.v1"]["mappings"]["properties"]["extra"] == {"type": "ip"}
    assert it.elastic.indices(f"{it.index('sums').alias}.v*") == [f"{it.index('sums').alias}.v1"]


def test_another_type_moves_the_alias_and_deletes_nothing(make):
    it = make()
    it.apply()
    rows, sums = it.index("rows").alias, it.index("sums").alias
    it.elastic.client.indices.create(index=f"{rows}.v1.2024.01.01")
    assert apply(it.elastic.client, with_column(it, 1, 1, type="STRING")).ready
    held = it.elastic.client.indices.get_alias(index=f"{rows}.*,{sums}.*").body
    assert {name: list(told["aliases"]) for name, told in held.items()} == {
        f"{rows}.v1.base": [],
        f"{rows}.v1.2024.01.01": [],
        f"{rows}.v2.base": [rows],
        f"{sums}.v1": [sums],
    }


def test_replicas_change_where_they_are(make):
    it = make()
    it.apply()
    more = indexed(it.detector, it.elastic.url, replicas=1)
    assert apply(it.elastic.client, more).ready
    held = it.elastic.client.indices.get(index=f"{it.index('sums').alias}.v1").body
    assert [one["settings"]["index"]["number_of_replicas"] for one in held.values()] == ["1"]
    assert apply(it.elastic.client, it.detector).ready


def test_lost_templates_are_made_again_for_the_newest_version(make):
    it = make()
    it.apply()
    other = with_column(it, 2, 1, type="STRING")
    assert apply(it.elastic.client, other).ready
    client, alias = it.elastic.client, it.index("sums").alias
    client.indices.delete_index_template(name=alias)
    client.cluster.delete_component_template(name=f"{alias}@fields")
    assert apply(client, other).ready
    assert list(client.indices.get_alias(name=alias).body) == [f"{alias}.v2"]


def test_what_somebody_else_owns_is_left_alone(make):
    it = make()
    client, alias = it.elastic.client, it.index("sums").alias
    foreign = {"index_patterns": [f"{alias}.x"], "priority": 1}
    client.indices.put_index_template(name=alias, **foreign)
    verdict = apply(client, it.detector)
    assert (verdict.reason, alias in verdict.message) == (Reason.NOT_OURS, True)
    assert client.indices.get_index_template(name=alias)["index_templates"][0]["index_template"]["priority"] == 1
    client.indices.delete_index_template(name=alias)

    client.indices.create(index=alias)
    assert apply(client, it.detector).reason is Reason.NOT_OURS
    client.indices.delete(index=alias)

    client.indices.create(index=f"{alias}.v1")
    assert apply(client, it.detector).reason is Reason.NOT_OURS
    client.indices.delete(index=f"{alias}.v1")
    assert apply(client, it.detector).ready


def test_a_template_above_ours_is_told(make):
    it = make()
    client, name = it.elastic.client, f"above-{it.detector.metadata.namespace}"
    client.indices.put_index_template(name=name, index_patterns=[f"{it.detector.metadata.namespace}.*"], priority=900)
    try:
        verdict = apply(client, it.detector)
        assert verdict.reason is Reason.OVERRULED
        assert "priority above 500" in verdict.message
    finally:
        client.indices.delete_index_template(name=name)
    assert apply(client, it.detector).ready


def test_a_template_beside_ours_is_told(make):
    it = make()
    client, name = it.elastic.client, f"beside-{it.detector.metadata.namespace}"
    client.indices.put_index_template(name=name, index_patterns=[f"{it.detector.metadata.namespace}.*"], priority=500)
    try:
        verdict = apply(client, it.detector)
        assert verdict.reason is Reason.REFUSED
        assert name in verdict.message
    finally:
        client.indices.delete_index_template(name=name)


def test_old_buckets_go_and_nothing_else(make):
    it = make(where={"retention": "2d"})
    it.apply()
    client, rows = it.elastic.client, it.index("rows").alias
    for day in ("01", "02", "03", "04"):
        client.indices.create(index=f"{rows}.v1.2024.01.{day}")
    client.indices.create(index=f"{rows}.v1.2023.01.01x", mappings={"_meta": {"managed_by": "somebody"}})
    verdict = drop_expired(client, it.detector)
    assert verdict.ready
    assert "2 buckets" in verdict.message
    left = [name.removeprefix(f"{rows}.v1.") for name in it.elastic.indices(f"{rows}.v*")]
    assert left == ["2023.01.01x", "2024.01.03", "2024.01.04", "base"]
    assert drop_expired(client, it.detector).message.startswith("0 buckets")
    client.indices.delete(index=f"{rows}.v1.2023.01.01x")


def test_everything_can_be_removed_and_nothing_else(make):
    it, other = make(), make()
    it.apply()
    other.apply()
    client, sums = it.elastic.client, it.index("sums").alias
    assert apply(client, with_column(it, 2, 1, type="STRING")).ready
    client.indices.create(index=f"{sums}.v1.somebodys", mappings={"_meta": {"managed_by": "somebody"}})
    verdict = remove(client, it.detector)
    assert (verdict.ready, verdict.message) == (True, "5 indices and their templates are deleted")
    mine = f"{it.detector.metadata.namespace}.*"
    assert it.elastic.indices(mine) == [f"{sums}.v1.somebodys"]
    asking = client.options(ignore_status=404)
    assert asking.indices.get_index_template(name=mine)["index_templates"] == []
    assert asking.cluster.get_component_template(name=mine).body.get("component_templates", []) == []
    assert remove(client, it.detector).message.startswith("0 indices")
    assert len(it.elastic.indices(f"{other.detector.metadata.namespace}.*")) == 4


def test_a_healthy_node_is_ready(make):
    it = make()
    it.apply()
    assert wait(it.elastic.client, it.elastic.url, f"{it.detector.metadata.namespace}.*", 30).ready


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"index.blocks.read_only": True}, Reason.READ_ONLY),
        ({"index.blocks.write": True}, Reason.READ_ONLY),
        ({"index.blocks.read_only_allow_delete": True}, Reason.DISK_WATERMARK),
    ],
)
def test_a_blocked_index_is_told(make, settings: dict[str, bool], reason: Reason):
    it = make()
    it.apply()
    index = f"{it.index('sums').alias}.v1"
    it.elastic.client.indices.put_settings(index=index, settings=settings)
    try:
        assert look(it.elastic.client, it.elastic.url, f"{it.index('sums').alias}.v*").reason is reason
    finally:
        it.elastic.client.indices.put_settings(index=index, settings=dict.fromkeys(settings, False))


def test_a_cluster_that_is_read_only_is_told(make):
    it = make()
    client = it.elastic.client
    client.cluster.put_settings(persistent={"cluster.blocks.read_only": True})
    try:
        assert look(client, it.elastic.url, "x*").reason is Reason.READ_ONLY
        assert apply(client, it.detector).reason is Reason.READ_ONLY
    finally:
        client.cluster.put_settings(persistent={"cluster.blocks.read_only": None})
    assert apply(client, it.detector).ready


def wait_disk_known(it: Indexing) -> None:
    """A node whose disk Elasticsearch has not looked at yet takes any shard."""
    it.apply()
    asked = {"index": f"{it.index('sums').alias}.v1", "shard": 0, "primary": True}

    def known() -> bool:
        told = it.elastic.client.cluster.allocation_explain(**asked, include_disk_info=True).body
        return bool(told["cluster_info"].get("nodes"))

    waiting.until(known, "the disk was looked at", 60)


@pytest.mark.parametrize("reason", [Reason.DISK_WATERMARK, Reason.RED])
def test_a_red_cluster_says_why(make, reason: Reason):
    it = make()
    client = it.elastic.client
    if reason is Reason.DISK_WATERMARK:
        held = {
            "cluster.routing.allocation.disk.threshold_enabled": True,
            "cluster.routing.allocation.disk.watermark.low": "999pb",
            "cluster.routing.allocation.disk.watermark.high": "998pb",
            "cluster.routing.allocation.disk.watermark.flood_stage": "1b",
            "cluster.info.update.interval": "10s",
        }
    else:
        held = {"cluster.routing.allocation.enable": "none"}
    client.cluster.put_settings(persistent=held)
    try:
        if reason is Reason.DISK_WATERMARK:
            wait_disk_known(make())
        assert apply(client, it.detector).ready
        verdict = wait(client, it.elastic.url, "x*", 2)
        assert verdict.reason is reason, verdict
    finally:
        client.cluster.put_settings(persistent=dict.fromkeys(held))
    assert wait(client, it.elastic.url, "x*", 60).ready


def test_nobody_there_is_told():
    client = connect("http://127.0.0.1:9", {})
    verdict = wait(client, "http://127.0.0.1:9", "x*", 0)
    assert verdict.reason is Reason.NO_ANSWER
    assert verdict.message.startswith("nothing answers at http://127.0.0.1:9")
    detector = indexed(manifest("bank"), "http://127.0.0.1:9")
    assert apply(client, detector).reason is Reason.NO_ANSWER


class Old(BaseHTTPRequestHandler):
    """A stand-in for an Elasticsearch that is too old, or no Elasticsearch at all: no such one can run here."""

    version = "7.17.0"
    product = "Elasticsearch"

    def do_GET(self) -> None:
        body = json.dumps({"nodes": {"n": {"version": self.version}}}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        if self.product:
            self.send_header("X-elastic-product", self.product)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.mark.parametrize(
    ("product", "message"), [("Elasticsearch", "Elasticsearch is 7.17.0"), ("", "not Elasticsearch 8 or later")]
)
def test_another_version_or_product_is_told(product: str, message: str):
    handler = type("Handler", (Old,), {"product": product})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        verdict = wait(connect(url, {}), url, "x*", 60)
        server.shutdown()
    assert verdict.reason is Reason.WRONG_VERSION
    assert message in verdict.message


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.make(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def secure(authority: Authority) -> Iterator[EmbeddedElasticsearch]:
    node = secure_node(authority)
    try:
        node.start(START_SECONDS)
        yield node
    finally:
        node.close()


def test_a_login_over_tls_is_enough(secure: EmbeddedElasticsearch, authority: Authority):
    ca = authority.ca.read_text()
    login = {"username": USER, "password": PASSWORD}
    detector = indexed(manifest("bank"), secure.url)

    def verdict(secret: dict[str, str]) -> tuple[Reason, Reason]:
        client = connect(secure.url, secret)
        return wait(client, secure.url, "default.bank.*", 0).reason, apply(client, detector).reason

    assert verdict({**login, "ca.crt": ca}) == (Reason.READY, Reason.READY)
    assert verdict(login) == (Reason.NOT_TRUSTED, Reason.NOT_TRUSTED)
    assert verdict({**login, "password": "wrong", "ca.crt": ca}) == (Reason.UNAUTHORIZED, Reason.UNAUTHORIZED)
    assert verdict({"ca.crt": ca}) == (Reason.UNAUTHORIZED, Reason.UNAUTHORIZED)
    assert verdict({"username": "reader", "password": PASSWORD, "ca.crt": ca})[1] is Reason.UNAUTHORIZED


def test_an_api_key_is_enough(secure: EmbeddedElasticsearch, authority: Authority):
    ca = authority.ca.read_text()
    with ApiKeyGate(secure.port, authority) as gate:
        good = connect(gate.url, {"apiKey": API_KEY, "ca.crt": ca})
        assert wait(good, gate.url, "default.*", 30).ready
        assert apply(good, indexed(manifest("payments"), gate.url)).ready
        wrong = connect(gate.url, {"apiKey": "d3Jvbmc6a2V5", "ca.crt": ca})
        assert look(wrong, gate.url, "default.*").reason is Reason.UNAUTHORIZED


def test_the_indexer_logs_in_with_a_secret(make, secure: EmbeddedElasticsearch, authority: Authority, tmp_path):
    it = make()
    ca = authority.ca.read_text()
    for name, value in {"username": USER, "password": PASSWORD, "ca.crt": ca}.items():
        (tmp_path / "es").mkdir(exist_ok=True)
        (tmp_path / "es" / name).write_text(value)
    safe = Indexing(
        indexed(it.detector, secure.url, secretRef={"name": "es"}),
        it.kafka,
        Elastic(secure.url, {"username": USER, "password": PASSWORD, "ca.crt": ca}),
        tmp_path,
    )
    safe.apply()
    safe.write("sums", [(b"k", b'{"id":"k","n":1}')])
    with safe.running("--secrets-dir", str(tmp_path)) as indexer:
        safe.wait_count("sums", 1)
    assert PASSWORD not in indexer.told()
