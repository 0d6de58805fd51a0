"""What the operator must remember of a detector besides its status: a ConfigMap in the operator's own namespace.

It outlives the detector: as long as it is there, something of the detector may be left to remove.
"""

import base64
import gzip
import json
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from fraud_operator.clients.kubernetes import CONFIG_MAPS, Object
from fraud_operator.names import DETECTOR_LABEL, MANAGER, NAMESPACE_LABEL, RECORD_LABEL, Key
from fraud_operator.ports import Ports
from fraud_operator.probation import Left, Trial

_FIELD = "record.json.gz"


@dataclass(frozen=True)
class Stable:
    """A deployment that has run well.

    Attributes:
        generation: the resource's generation that it was made from.
        job_id: Flink's id of its job.
        values: what its release was made with.
        counts: records by what became of them when it began.
        left: how it was when it was replaced; None while nothing has replaced it.
    """

    generation: int
    job_id: str
    values: Mapping[str, Any]
    counts: Mapping[str, int] = field(default_factory=dict)
    left: Left | None = None

    @classmethod
    def read(cls, found: Mapping[str, Any]) -> "Stable":
        """Read it back; what a former version does not say keeps its default."""
        left = found.get("left")
        return cls(**{**found, "left": Left(**left) if left else None})


@dataclass(frozen=True)
class Checked:
    """What came of planning a program.

    Attributes:
        program: which (see plans.program_key).
        operators: its operators: id, owner and whether they keep state.
        error: why Flink refuses it; empty when it does not.
        where: the rule, output or stream that is at fault.
    """

    program: str
    operators: tuple[Mapping[str, Any], ...] = ()
    error: str = ""
    where: str = ""


@dataclass(frozen=True)
class Failed:
    """A deployment that did not come to run and was taken back.

    Attributes:
        identity: which (see desired.identity).
        generation: the resource's generation that it was made from.
        message: why.
    """

    identity: str
    generation: int
    message: str


@dataclass(frozen=True)
class Saved:
    """A savepoint.

    Attributes:
        location: where it lies.
        time: when it was taken, as in a resource.
        trigger: why (see fraud_api.status.SavepointTrigger).
    """

    location: str
    time: str
    trigger: str


@dataclass(frozen=True)
class Record:
    """What is remembered of a detector.

    Attributes:
        uid: the resource's uid; another one means that a new resource has taken the name.
        detector: the last valid resource, without its status: what a removal needs.
        topics: topics that the operator has made, with their ids (see topics.Claims).
        stable: the last deployment that ran well.
        trial: the deployment that has replaced it and is on probation.
        operators: operators of the deployed program.
        checked: the last plan.
        failed: the last deployment that was taken back.
        savepoints: those that are kept, the newest first.
        savepoint_nonce: the spec.savepointNonce that was last acted on.
        read_before: records that the consumer group had read before this resource.
        deleted: whether the resource was seen to be deleted, and something of it could not be removed yet.
        kept: where the state of a resource lies that is absent, though nobody saw it deleted; None for all others.
    """

    uid: str = ""
    detector: Mapping[str, Any] = field(default_factory=dict)
    topics: Mapping[str, str] = field(default_factory=dict)
    stable: Stable | None = None
    trial: Trial | None = None
    operators: tuple[Mapping[str, Any], ...] = ()
    checked: Checked | None = None
    failed: Failed | None = None
    savepoints: tuple[Saved, ...] = ()
    savepoint_nonce: int = 0
    read_before: int | None = None
    deleted: bool = False
    kept: str | None = None


def load(ports: Ports, key: Key) -> Record | None:
    """What is remembered of a detector; None for nothing."""
    found = ports.cluster.get(CONFIG_MAPS, ports.home, key.record)
    return decode(found) if found else None


def save(ports: Ports, key: Key, record: Record, known: bool) -> None:
    """Remember; ``known`` tells whether there is a record already."""
    body = encode(key, ports.home, record)
    if known:
        ports.cluster.patch(CONFIG_MAPS, ports.home, key.record, {"binaryData": body["binaryData"]})
    else:
        ports.cluster.create(CONFIG_MAPS, ports.home, body)


def forget(ports: Ports, key: Key) -> None:
    """Remember nothing any more."""
    ports.cluster.delete(CONFIG_MAPS, ports.home, key.record)


def versions(ports: Ports) -> dict[Key, str]:
    """Versions of all that is remembered, also by another operator of this namespace, by detector."""
    found = ports.cluster.find(CONFIG_MAPS, ports.home, f"{RECORD_LABEL}=true", metadata_only=True)
    named = ((Key.recorded(one["metadata"]), one["metadata"]) for one in found)
    return {key: metadata["resourceVersion"] for key, metadata in named if key and key.record == metadata["name"]}


def encode(key: Key, home: str, record: Record) -> Object:
    """A record as a ConfigMap."""
    packed = gzip.compress(json.dumps(asdict(record), sort_keys=True).encode(), mtime=0)
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": key.record,
            "namespace": home,
            "labels": {
                "app.kubernetes.io/name": "fraud-detector-record",
                "app.kubernetes.io/managed-by": MANAGER,
                DETECTOR_LABEL: key.name,
                NAMESPACE_LABEL: key.namespace,
                RECORD_LABEL: "true",
            },
        },
        "binaryData": {_FIELD: base64.b64encode(packed).decode()},
    }


def decode(body: Object) -> Record:
    """A record read back; an unreadable one counts as empty, which costs a check and no data."""
    try:
        found = json.loads(gzip.decompress(base64.b64decode(body["binaryData"][_FIELD])))
        record = Record(
            uid=found["uid"],
            detector=found["detector"],
            topics=_claims(found["topics"]),
            operators=tuple(found["operators"]),
            read_before=found["read_before"],
            deleted=found.get("deleted", False),
            kept=found.get("kept"),
            savepoints=tuple(Saved(**one) for one in found.get("savepoints", ())),
            savepoint_nonce=found.get("savepoint_nonce", 0),
        )
        return replace(
            record,
            stable=Stable.read(found["stable"]) if found["stable"] else None,
            trial=Trial(**found["trial"]) if found.get("trial") else None,
            checked=_checked(found["checked"]) if found["checked"] else None,
            failed=Failed(**found["failed"]) if found["failed"] else None,
        )
    except (KeyError, TypeError, ValueError, AttributeError, EOFError, OSError, RecursionError, zlib.error):
        return Record()


def _claims(found: Mapping[str, str] | list[str]) -> Mapping[str, str]:
    """Claims; records from before have names alone."""
    return dict.fromkeys(found, "") if isinstance(found, list) else {str(name): str(one) for name, one in found.items()}


def _checked(found: Mapping[str, Any]) -> Checked:
    return Checked(found["program"], tuple(found["operators"]), found["error"], found["where"])
