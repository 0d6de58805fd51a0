import json

import pytest
from unit.operator.driver import SETTINGS, edited, transactions

from fraud_operator import desired, plans
from fraud_operator.names import Key
from fraud_operator.settings import Image, Settings

KEY = Key("default", "transactions")
DIGEST = "sha256:" + "0a" * 32
OWNER = {"apiVersion": "frauddetector.io/v1alpha1", "kind": "FraudDetector", "name": "transactions", "uid": "u"}


def deployed(detector):
    return desired.document(detector)


def test_parameters_are_no_other_program() -> None:
    assert plans.same_but_parameters(transactions(950), deployed(transactions()))


@pytest.mark.parametrize(
    "other",
    [
        {"parameters": [{"name": "limit", "type": "INT", "value": "900"}]},
        {"outputs": []},
        {"flink": {"parallelism": 2}},
        {"kafka": {"bootstrapServers": "elsewhere:9092"}},
    ],
    ids=["a type", "an output", "parallelism", "brokers"],
)
def test_all_else_is_another_program(other) -> None:
    assert not plans.same_but_parameters(edited(transactions(), **other), deployed(transactions()))


def test_what_nobody_reads_is_the_same_program() -> None:
    assert plans.same_but_parameters(transactions(restartNonce=3), deployed(transactions()))
    assert plans.same_but_parameters(transactions(), deployed(transactions(generator=None)))


def test_an_unreadable_deployment_is_another_program() -> None:
    assert not plans.same_but_parameters(transactions(), {"kind": "of a version to come"})


def operator(number: int, owner: str, stateful: bool = True):
    return {"id": number, "owner": owner, "stateful": stateful}


def test_who_changes_loses_its_state() -> None:
    before = [operator(1, "rule a"), operator(2, "rule b"), operator(3, "rule gone"), operator(4, "rule c", False)]
    after = [operator(9, "rule a"), operator(2, "rule b"), operator(5, "rule new"), operator(6, "rule c", False)]
    assert plans.lost_state(before, after) == ["rule a"]


def test_more_state_is_no_loss() -> None:
    assert plans.lost_state([operator(1, "rule a")], [operator(1, "rule a"), operator(2, "rule a")]) == []


def test_a_plan_is_read_from_among_other_lines() -> None:
    log = 'WARNING: something\n{"operators": [{"id": 1, "owner": "rule a", "stateful": true, "type": "x"}]}\n{broken'
    found = plans.result("p", log)
    assert found is not None
    assert found.operators == ({"id": 1, "owner": "rule a", "stateful": True},)
    assert not found.error


def test_a_refusal_is_read() -> None:
    found = plans.result("p", json.dumps({"error": "no column", "where": "rule a"}))
    assert found is not None
    assert (found.error, found.where) == ("no column", "rule a")


@pytest.mark.parametrize("log", ["", "Killed", '{"jobId": "x"}', '{"error": "OutOfMemory"}'])
def test_silence_is_no_answer(log: str) -> None:
    assert plans.result("p", log) is None


def test_the_check_runs_the_image_of_the_digest() -> None:
    settings = Settings(job_image=Image("r.example/job", "1", DIGEST))
    _, job = plans.check_objects(KEY, OWNER, desired.values(transactions(), settings), "program")
    assert job["spec"]["template"]["spec"]["containers"][0]["image"] == f"r.example/job@{DIGEST}"


def test_the_check_passes_the_restricted_level() -> None:
    config, job = plans.check_objects(KEY, OWNER, desired.values(transactions(), SETTINGS), "program")
    assert json.loads(config["data"]["detector.json"])["kind"] == "FraudDetector"
    pod = job["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert container["image"] == "fraud-job:1"
    assert pod["securityContext"]["runAsNonRoot"]
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert not container["securityContext"]["allowPrivilegeEscalation"]
    assert pod["automountServiceAccountToken"] is False
    assert job["metadata"]["ownerReferences"] == [OWNER]
    assert job["metadata"]["annotations"][plans.PROGRAM_ANNOTATION] == "program"
