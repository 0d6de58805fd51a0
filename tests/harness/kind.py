"""One kind cluster with operator and backends for a whole suite, and what a failed test keeps of it."""

import math
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from harness.clock import Clock
from harness.cluster import HOST_KAFKA, ROOT, Cluster
from harness.kafka import Broker

NAME = "fraud"
LAB = ROOT / "hack" / "lab" / "lab"
KEPT = Path(os.environ.get("FRAUD_E2E_LOGS", ROOT / "e2e-logs"))
NODE_SECONDS = 15 * 60.0
"""The node image from nothing, on a quiet machine with two cores."""
PLATFORM_SECONDS = 8 * 60.0
TEST_SECONDS = 4 * 60.0
OUT_OF_TIME = 124
"""The exit code of `timeout`."""


@pytest.fixture(scope="session")
def clock() -> Clock:
    return Clock.of()


@pytest.fixture(scope="session")
def cluster(clock: Clock) -> Iterator[Cluster]:
    """The cluster `fraud`: made when it is not there, and then removed at the end."""
    path = subprocess.run([LAB, "env"], text=True, check=True, capture_output=True).stdout
    tools = path.split("=", 1)[1].split(":")[0]
    kind = f"{tools}/kind"
    there = shutil.which(kind) and subprocess.run(
        [kind, "get", "clusters"], text=True, check=False, capture_output=True
    )
    was_there = bool(there) and NAME in there.stdout.split()
    engine_was_there = _quietly("docker", "info") == 0
    try:
        if clock.ends:
            _have_node_image(clock)
        try:
            _make_cluster(clock)
            yield Cluster(f"{tools}/kubectl", f"kind-{NAME}")
        finally:
            if not was_there:
                subprocess.run([LAB, "down"], check=True)
    finally:
        if not engine_was_there:
            subprocess.run([LAB, "stop"], check=True)


def _have_node_image(clock: Clock) -> None:
    """Skip where no node image can be had within the time, or none at all: that is a matter of the machine."""
    rest = PLATFORM_SECONDS + TEST_SECONDS
    if why := clock.forbids("a cluster", rest):
        pytest.skip(why)
    if _quietly(LAB, "docker"):
        pytest.skip("no Docker engine can be started here")
    if _quietly(LAB, "public") == 0 or _quietly(LAB, "made") == 0:
        return
    if why := clock.forbids("a cluster from nothing", NODE_SECONDS + rest):
        pytest.skip(why)
    if code := _within(clock.left() - rest, LAB, "node"):
        pytest.skip(f"the node image could not be made: exit code {code}")


def _make_cluster(clock: Clock) -> None:
    up = (ROOT / "hack" / "up", "cluster", "images", "backends", "operator")
    code = _within(clock.left() - TEST_SECONDS, *up)
    if code == OUT_OF_TIME:
        pytest.skip("the clock: the cluster was not there in time")
    assert code == 0, "hack/up failed; its output says why"


def _within(seconds: float, *command: str | Path) -> int:
    """Run a program and all that it starts for so long; its exit code."""
    limit = ("timeout", "--kill-after=30", f"{seconds:.0f}") if seconds < math.inf else ()
    environ = {**os.environ, "PYTHON": sys.executable}
    return subprocess.run([*limit, *command], check=False, env=environ).returncode


def _quietly(*command: str | Path) -> int:
    return subprocess.run([*command], check=False, capture_output=True).returncode if shutil.which(command[0]) else 127


@pytest.fixture(scope="session")
def kafka(cluster: Cluster) -> Broker:
    """The demo Kafka, through its port on this machine."""
    return Broker(HOST_KAFKA)


def keep(cluster: Cluster, namespace: str, directory: Path) -> None:
    """Resources, events and logs of a namespace as files."""
    directory.mkdir(parents=True, exist_ok=True)
    kinds = "frauddetectors,all,configmaps,pvc,networkpolicies,poddisruptionbudgets"
    for name, arguments in {
        "resources.yaml": ("get", kinds, "-o", "yaml"),
        "events.txt": ("get", "events", "--sort-by=.lastTimestamp"),
        "pods.txt": ("describe", "pods"),
    }.items():
        (directory / name).write_text(cluster.kubectl("-n", namespace, *arguments, check=False))
    for pod in cluster.core.list_namespaced_pod(namespace).items:
        name = pod.metadata.name
        for suffix, more in (("log", ()), ("previous.log", ("--previous",))):
            said = cluster.kubectl("-n", namespace, "logs", name, "--all-containers", *more, check=False)
            (directory / f"{name}.{suffix}").write_text(said)
