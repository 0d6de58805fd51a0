import json

from unit.operator.driver import SETTINGS, transactions

from fraud_operator import desired
from fraud_operator.names import Key
from fraud_operator.settings import Image, Settings

KEY = Key("default", "transactions")
SASL = {"security": {"protocol": "SASL_SSL", "secretRef": {"name": "kafka-login"}}}


def test_values_say_only_what_the_operator_adds() -> None:
    made = desired.values(transactions(), SETTINGS)
    assert made.pop("detector")["spec"]["parameters"][0]["value"] == "900"
    assert made == {
        "running": True,
        "job": {"parallelism": 1},
        "images": {
            "job": {"repository": "fraud-job", "tag": "1", "pullPolicy": "IfNotPresent"},
            "tools": {"repository": "fraud-tools", "tag": "1", "pullPolicy": "IfNotPresent"},
            "pullSecrets": [],
        },
        "generator": {"enabled": True},
        "secrets": [],
        "networkPolicy": {"restFrom": desired.values(transactions(), Settings())["networkPolicy"]["restFrom"]},
        "indexer": {"enabled": True, "secrets": []},
    }


def test_only_the_operators_own_namespace_reaches_flink() -> None:
    made = desired.values(transactions(), Settings(namespace="fraud-system"))
    (peer,) = made["networkPolicy"]["restFrom"]
    assert peer["namespaceSelector"] == {"matchLabels": {"kubernetes.io/metadata.name": "fraud-system"}}
    assert peer["podSelector"] == {"matchLabels": {"app.kubernetes.io/name": "fraud-operator"}}
    elsewhere = desired.values(transactions(), Settings(namespace="other"))
    assert desired.identity(made) != desired.identity(elsewhere)
    assert desired.job_identity(made) == desired.job_identity(elsewhere), "the job goes on"


def test_secrets_go_by_name() -> None:
    made = desired.values(transactions(kafka=SASL), SETTINGS)
    assert made["secrets"] == ["kafka-login"]
    assert "password" not in json.dumps(made).lower()


def test_without_elasticsearch_nothing_is_said_of_an_indexer() -> None:
    assert "indexer" not in desired.values(transactions(elasticsearch=None), SETTINGS)


def test_elasticsearchs_secret_is_the_indexers() -> None:
    where = {"url": "https://search:9200", "secretRef": {"name": "search-login"}}
    made = desired.values(transactions(elasticsearch=where), SETTINGS)
    assert made["indexer"]["secrets"] == ["search-login"]
    assert made["secrets"] == []


def test_another_dashboard_is_no_new_deployment() -> None:
    one, other = (
        desired.values(transactions(kibana={"url": "http://kibana:5601", "title": title}), SETTINGS) for title in "ab"
    )
    assert desired.identity(one) == desired.identity(other)


def test_pull_secrets_of_both_sides_are_used_once() -> None:
    settings = Settings(pull_secrets=("a", "b"))
    made = desired.values(transactions(flink={"imagePullSecrets": ["b", "c"]}), settings)
    assert made["images"]["pullSecrets"] == ["a", "b", "c"]


def test_another_digest_is_another_deployment() -> None:
    one, other = (
        desired.values(transactions(), Settings(job_image=Image("fraud-job", digest=f"sha256:{digit * 64}")))
        for digit in "ab"
    )
    assert one["images"]["job"] == {
        "repository": "fraud-job",
        "digest": f"sha256:{'a' * 64}",
        "pullPolicy": "IfNotPresent",
    }
    assert desired.job_identity(one) != desired.job_identity(other)


def test_what_only_the_operator_acts_on_is_no_new_deployment() -> None:
    one = desired.values(transactions(), SETTINGS)
    other = desired.values(transactions(deletionPolicy="Delete"), SETTINGS)
    assert desired.identity(one) == desired.identity(other)


def test_what_pods_see_is_a_new_deployment() -> None:
    one = desired.identity(desired.values(transactions(), SETTINGS))
    others = [
        desired.values(transactions(950), SETTINGS),
        desired.values(transactions(suspend=True), SETTINGS),
        desired.values(transactions(restartNonce=1), SETTINGS),
        desired.values(transactions(flink={"parallelism": 2}), SETTINGS),
        desired.values(
            transactions(), Settings(job_image=Image("fraud-job", "2"), tools_image=Image("fraud-tools", "1"))
        ),
    ]
    assert len({one, *map(desired.identity, others)}) == 6


def test_what_stands_beside_the_job_is_no_other_job() -> None:
    others = [
        desired.values(transactions(generator=None), SETTINGS),
        desired.values(transactions(elasticsearch={"url": "http://other:9200"}), SETTINGS),
        desired.values(
            transactions(), Settings(job_image=Image("fraud-job", "1"), tools_image=Image("fraud-tools", "2"))
        ),
    ]
    one = desired.values(transactions(), SETTINGS)
    assert {desired.job_identity(other) for other in others} == {desired.job_identity(one)}
    assert len({desired.identity(made) for made in [one, *others]}) == 4
    assert desired.job_identity(desired.values(transactions(950), SETTINGS)) != desired.job_identity(one)


def test_ids_belong_to_one_deployment() -> None:
    made = desired.values(transactions(), SETTINGS)
    first = desired.deployment(KEY, "uid", made, "", "")
    assert desired.deployment(KEY, "uid", made, "", "") == first
    assert len(first["job"]["id"]) == 32
    assert first["job"]["clusterId"] == f"fd-transactions-{first['job']['id'][:8]}"
    assert KEY.is_cluster_id(first["job"]["clusterId"])
    assert desired.identity(first) == desired.identity(made)
    followers = [
        desired.deployment(KEY, "uid", made, first["job"]["id"], ""),
        desired.deployment(KEY, "uid", made, "", "file:///state/savepoints/x"),
        desired.deployment(KEY, "other", made, "", ""),
    ]
    assert len({one["job"]["id"] for one in [first, *followers]}) == 4


def test_a_detector_at_rest_keeps_its_ids() -> None:
    made = desired.values(transactions(suspend=True), SETTINGS)
    former = {"id": "a" * 32, "clusterId": "fd-transactions-aaaaaaaa", "savepoint": "file:///old"}
    at_rest = desired.suspended(made, former, "file:///new")
    assert at_rest["running"] is False
    assert at_rest["job"] == {
        "parallelism": 1,
        "id": "a" * 32,
        "clusterId": "fd-transactions-aaaaaaaa",
        "savepoint": "file:///new",
    }


def test_parameters_alone_are_told_from_the_rest() -> None:
    one, other = (desired.values(transactions(limit), SETTINGS) for limit in (900, 950))
    assert desired.only_parameters(one, other)
    assert not desired.only_parameters(one, desired.values(transactions(restartNonce=1), SETTINGS))


def test_savepoints_carry_the_jobs_id() -> None:
    assert desired.savepoint_directory(transactions(), "abc") == "file:///state/savepoints/abc"
    storage = {"type": "S3", "uri": "s3://bucket/flink/"}
    made = transactions(flink={"checkpoints": {"storage": storage}})
    assert desired.savepoint_directory(made, "abc") == "s3://bucket/flink/default/transactions/savepoints/abc"


def test_names_of_neighbours_are_not_taken() -> None:
    assert not KEY.is_cluster_id("fd-transactions-eu-aaaaaaaa")
    assert not Key("default", "transactions-eu").is_cluster_id("fd-transactions-aaaaaaaa")


def test_numbers_are_compared_as_helm_keeps_them() -> None:
    assert desired.identity({"rate": 1000.0, "share": 0.5}) == desired.identity({"rate": 1000, "share": 0.5, "x": None})
