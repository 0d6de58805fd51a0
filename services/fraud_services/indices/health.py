"""Whether Elasticsearch can take documents, and what is wrong if not."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from elastic_transport import TransportError
from elasticsearch import ApiError, Elasticsearch

from fraud_services.indices.verdicts import DISK_FULL, Obstacle, Reason, Verdict, verdict_of

OLDEST, NEWEST = 8, 9
"""Major versions that this client speaks with."""
_POLL_SECONDS = 1.0
_ANSWER_SECONDS = 5.0
_HOPELESS = frozenset({Reason.UNAUTHORIZED, Reason.NOT_TRUSTED, Reason.WRONG_VERSION})
_FLOODED = "read_only_allow_delete"


def wait(
    client: Elasticsearch,
    url: str,
    pattern: str,
    seconds: float,
    sleep: Callable[[float], None] = time.sleep,
) -> Verdict:
    """Wait until Elasticsearch is yellow or green and indices can be written to.

    Args:
        client: whom to ask.
        url: its address, for messages.
        pattern: the indices that matter, such as ``bank.fraud.*``.
        seconds: how long; what waiting can't mend (credentials, version) ends it at once.
        sleep: stands in for the clock in tests.
    """
    deadline = time.monotonic() + seconds
    while True:
        verdict = look(client, url, pattern)
        if verdict.ready or verdict.reason in _HOPELESS or time.monotonic() >= deadline:
            return verdict
        sleep(_POLL_SECONDS)


def look(client: Elasticsearch, url: str, pattern: str) -> Verdict:
    """How things stand right now."""
    asking = client.options(request_timeout=_ANSWER_SECONDS)
    try:
        _check_version(asking)
        _check_color(asking)
        _check_blocks(asking, pattern)
    except (ApiError, TransportError, Obstacle) as error:
        return verdict_of(error, url)
    return Verdict(Reason.READY, "Elasticsearch takes documents")


def _check_version(client: Elasticsearch) -> None:
    # not info(): a node may lack its root page, and the privilege for this is asked for below anyhow
    nodes = client.nodes.info(node_id="_local", filter_path="nodes.*.version").body.get("nodes", {})
    for version in {node["version"] for node in nodes.values()}:
        if not OLDEST <= int(version.partition(".")[0]) <= NEWEST:
            raise Obstacle(Reason.WRONG_VERSION, f"Elasticsearch is {version}; versions {OLDEST} and {NEWEST} will do")


def _check_color(client: Elasticsearch) -> None:
    health = client.cluster.health().body
    if health["status"] != "red":
        return
    if _disk_holds_back(client):
        raise Obstacle(
            Reason.DISK_WATERMARK,
            "Elasticsearch's disk is past its watermark: it puts no new index there; free some space",
        )
    count = health["unassigned_shards"] + health["initializing_shards"]
    raise Obstacle(Reason.RED, f"Elasticsearch is red: {count} shards are not there; see its cluster allocation")


def _disk_holds_back(client: Elasticsearch) -> bool:
    try:
        told: Mapping[str, Any] = client.cluster.allocation_explain().body
    except ApiError:  # nothing is unassigned any more
        return False
    nodes = told.get("node_allocation_decisions", [])
    return any(
        decider["decider"] == "disk_threshold" and decider["decision"] == "NO"
        for node in nodes
        for decider in node.get("deciders", [])
    )


def _check_blocks(client: Elasticsearch, pattern: str) -> None:
    told = client.cluster.get_settings(flat_settings=True).body
    settings = {**told.get("persistent", {}), **told.get("transient", {})}
    if any(settings.get(f"cluster.blocks.{block}") == "true" for block in ("read_only", _FLOODED)):
        raise Obstacle(Reason.READ_ONLY, "the whole cluster is set read-only (cluster.blocks.read_only)")
    found = client.indices.get_settings(
        index=pattern, name="index.blocks.*", flat_settings=True, allow_no_indices=True
    ).body
    for index, held in sorted(found.items()):
        blocks = {name for name, value in held["settings"].items() if value == "true"}
        if f"index.blocks.{_FLOODED}" in blocks:
            raise Obstacle(Reason.DISK_WATERMARK, DISK_FULL)
        if blocks & {"index.blocks.read_only", "index.blocks.write"}:
            raise Obstacle(Reason.READ_ONLY, f"index {index} is set read-only ({', '.join(sorted(blocks))})")
