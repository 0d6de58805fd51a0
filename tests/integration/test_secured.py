"""Brokers that want a login or a certificate, and where the secrets must never be seen."""

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from harness.detectors import isolated, manifest
from harness.kafka import Broker
from harness.runs import DONE, MISTAKE, Run, objects
from harness.secured import CANARY, PASSWORD, USER, SecuredKafka, write_secret

from fraudctl.runtime.cache import cache_root
from fraudctl.runtime.rest import FlinkRest, RestError

pytestmark = [pytest.mark.integration, pytest.mark.timeout(1_200)]

LISTENERS = {"PLAIN": "SASL_PLAINTEXT", "SCRAM": "SASL_SSL", "MUTUAL": "SSL"}
SEEN_BY_REST = (
    "/jobs/overview", "/jobmanager/config", "/jobmanager/environment", "/jobmanager/logs", "/jobmanager/log",
    "/taskmanagers", "/config",
)  # fmt: skip
SEEN_OF_A_JOB = ("", "/config", "/plan", "/exceptions", "/checkpoints", "/checkpoints/config", "/accumulators")


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecuredKafka]:
    made = SecuredKafka.start(tmp_path_factory.mktemp("authority"))
    yield made
    made.kafka.close()


def secret(listener: str, secured: SecuredKafka) -> dict[str, str]:
    """What the Secret for a listener has in it."""
    authority = secured.authority
    login = {"username": f"{USER}\n", "password": f"{PASSWORD}\n"}  # as echo and editors write them
    if listener == "PLAIN":
        return login
    trust = {"ca.crt": authority.ca.read_text()}
    if listener == "SCRAM":
        return login | trust | {"sasl.mechanism": "SCRAM-SHA-512\n"}
    return trust | {"user.crt": authority.certificate(USER).read_text(), "user.key": authority.key(USER).read_text()}


def canary(listener: str, secured: SecuredKafka) -> bytes:
    if listener == "MUTUAL":
        return secured.authority.key(USER).read_text().splitlines()[5].encode()
    return CANARY.encode()


def detector_file(tmp_path: Path, bootstrap: str, protocol: str) -> tuple[Path, str]:
    """The detector of transactions in a namespace of its own, for a secured broker; and that namespace."""
    made = isolated(manifest("transactions"), bootstrap)
    document = made.model_dump(mode="json", by_alias=True, exclude_none=True)
    document["spec"]["kafka"]["security"] = {"protocol": protocol, "secretRef": {"name": "kafka-login"}}
    del document["metadata"]["annotations"]
    file = tmp_path / "detector.json"
    file.write_text(json.dumps(document))
    return file, made.metadata.namespace


def places_with(needle: bytes, contents: Iterable[tuple[str, bytes]]) -> list[str]:
    return [place for place, content in contents if needle in content]


def files(*roots: Path) -> Iterator[tuple[str, bytes]]:
    for root in roots:
        for path in root.rglob("*"):
            try:
                if path.is_file():
                    yield str(path), path.read_bytes()
            except FileNotFoundError:
                continue  # a run tidies up


def processes(scratch: Path) -> Iterator[tuple[str, bytes]]:
    """Command lines and environments of what a run has started."""
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            command, environ = (entry / "cmdline").read_bytes(), (entry / "environ").read_bytes()
        except OSError:
            continue
        if str(scratch).encode() in command + environ:
            yield f"{entry}/cmdline", command
            yield f"{entry}/environ", environ


def answers(rest: FlinkRest) -> Iterator[tuple[str, bytes]]:
    """Whatever Flink's REST interface tells."""
    jobs = [job["jid"] for job in rest.get("/jobs/overview")["jobs"]]
    paths = [*SEEN_BY_REST, *(f"/jobs/{job}{more}" for job in jobs for more in SEEN_OF_A_JOB)]
    paths += [f"/taskmanagers/{one['id']}/logs" for one in rest.get("/taskmanagers")["taskmanagers"]]
    for job in jobs:
        for vertex in rest.get(f"/jobs/{job}")["vertices"]:
            paths += [f"/jobs/{job}/vertices/{vertex['id']}{more}" for more in ("", "/metrics", "/subtasks/metrics")]
    for path in paths:
        try:
            yield path, json.dumps(rest.get(path), ensure_ascii=False).encode()
        except RestError:
            continue  # not JSON, or not of this kind of cluster


def rest_of(scratch: Path) -> FlinkRest:
    commands = [content for place, content in processes(scratch) if place.endswith("cmdline")]
    found = {match[1] for command in commands if (match := re.search(rb"--rest-port\0([0-9]+)", command))}
    return FlinkRest(int(found.pop()))


@pytest.mark.parametrize("listener", LISTENERS)
def test_a_run_on_a_secured_broker_finds_its_alerts_and_shows_no_secret(
    listener: str, secured: SecuredKafka, fraudctl: Any, scratch: Path, tmp_path: Path
) -> None:
    address = secured.address(listener)
    file, namespace = detector_file(tmp_path, address, LISTENERS[listener])
    secrets = write_secret(tmp_path / "secrets", "kafka-login", secret(listener, secured))
    output = tmp_path / "out"
    known = ["--kafka", address, "--secrets-dir", str(secrets), "--json"]
    run: Run = fraudctl("run", str(file), *known, "--output", str(output), "--for", "40s", "--rate", "300")
    run.await_event("alert")

    started = dict(processes(scratch))
    needle = canary(listener, secured)
    seen = dict(answers(rest_of(scratch)))
    assert len(seen) > 15
    assert places_with(needle, seen.items()) == []
    assert any(b"fraud_generator.detector" in command for command in started.values())
    assert places_with(needle, started.items()) == []
    # the plan, the checkpoints, Flink's and everybody's logs
    written = dict(files(scratch))
    assert any(b"bootstrapServers" in content for content in written.values())
    assert places_with(needle, written.items()) == []

    assert run.end() == DONE, run.errors
    summary = run.summary
    sent = Broker(secured.kafka.bootstrap).count(f"{namespace}.queueing.transactions")
    alerts, fraud, legit = (len(objects(output / f"{name}.jsonl")) for name in ("alerts", "fraud", "legit"))
    assert summary["records_in"] == summary["accepted"] == fraud + legit == sent > 3_000
    assert summary["alerts"] == alerts == fraud > 50
    assert places_with(needle, files(output, cache_root() / "logs")) == []
    assert needle.decode() not in "".join(run.lines + run.errors)

    asked = ["--detector", str(file), "--secrets-dir", str(secrets), "--from-beginning", "-n", "3"]
    tail = fraudctl("tail", f"{namespace}.transactions.alerts", *asked)
    assert tail.end() == DONE, tail.errors
    assert [json.loads(line)["rule"] for line in tail.lines] == ["large-amount"] * 3


def test_a_wrong_password_is_told(secured: SecuredKafka, fraudctl: Any, tmp_path: Path) -> None:
    address = secured.address("PLAIN")
    file, _ = detector_file(tmp_path, address, "SASL_PLAINTEXT")
    secrets = write_secret(tmp_path / "secrets", "kafka-login", {"username": USER, "password": f"{CANARY}-not"})
    run = fraudctl("run", str(file), "--kafka", address, "--secrets-dir", str(secrets))
    assert run.end() == MISTAKE
    assert "Authentication failed" in run.errors[-1]
    assert CANARY not in "".join(run.lines + run.errors)


def test_an_authority_that_is_not_trusted_is_told(secured: SecuredKafka, fraudctl: Any, tmp_path: Path) -> None:
    address = secured.address("SCRAM")
    file, _ = detector_file(tmp_path, address, "SASL_SSL")
    values = secret("SCRAM", secured)
    del values["ca.crt"]
    secrets = write_secret(tmp_path / "secrets", "kafka-login", values)
    run = fraudctl("run", str(file), "--kafka", address, "--secrets-dir", str(secrets))
    assert run.end() == MISTAKE
    assert "certificate verify failed" in run.errors[-1]
