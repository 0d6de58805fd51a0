"""The Helm release of a detector: made, read and removed in the operator's own namespace.

Helm does whatever a release's record says, with the operator's rights. So records lie where no tenant and no Flink pod
can write, and each is looked through before Helm may act on it.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import yaml

from fraud_operator import former, helm_record, times
from fraud_operator.clients import patience
from fraud_operator.clients.helm import HelmError, throttled
from fraud_operator.clients.kubernetes import CONFIG_MAPS, KubernetesError, Object
from fraud_operator.names import Key
from fraud_operator.ports import Ports

_PLACE = ("namespaceOverride", "instanceOverride")
"""Values that say where the objects go; the same for every deployment of a detector."""


FORMER = 0
"""The revision of a release that a version before 0.2 has made: Helm's own begin with 1."""
_BUSY, _AGAIN_SECONDS = 429, 10.0
_HINT = "; if a version before 0.2 has made it, set adoptFormer in the operator's chart"


class ReleaseError(Exception):
    """Helm could not do it, or must not; the text says why, on one line."""


@dataclass(frozen=True)
class Release:
    """The newest revision of a release.

    Attributes:
        revision: its number.
        status: in Helm's words: deployed, failed, pending-upgrade, uninstalling, ...
        values: what it was made with.
        manifest: its objects as YAML.
        deployed: when.
        description: what Helm says of it.
    """

    revision: int
    status: str
    values: Mapping[str, Any]
    manifest: str = ""
    deployed: datetime | None = None
    description: str = ""

    @property
    def interrupted(self) -> bool:
        """Whether Helm was killed while it worked on it, unless it still does."""
        return self.status.startswith("pending-")

    @property
    def throttled(self) -> bool:
        """Whether Helm failed only because the API server was too busy for it."""
        return self.status == "failed" and throttled(self.description)

    @property
    def former(self) -> bool:
        """Whether it lies beside the detector: what it says is looked at, and never deployed again."""
        return self.revision == FORMER

    @property
    def job_id(self) -> str:
        """Flink's id of the job that it runs."""
        return str(self.values.get("job", {}).get("id", ""))

    @property
    def savepoint(self) -> str:
        """What that job started from; empty for nothing."""
        return str(self.values.get("job", {}).get("savepoint", ""))

    @property
    def restored_from(self) -> str:
        """The spec.restoreFrom that was last acted on; empty for none."""
        return str(self.values.get("job", {}).get("restoredFrom", ""))

    @property
    def running(self) -> bool:
        """Whether it has pods at all."""
        return bool(self.values.get("running", True))


def newest(ports: Ports, key: Key) -> Release | None:
    """The newest revision of a detector's release; None where there is none."""
    found = _revisions(ports, key, "status!=uninstalled")
    if found:
        last = max(found, key=lambda one: int(one["metadata"]["labels"].get("version", 0)))
        body = ports.cluster.get(CONFIG_MAPS, ports.home, last["metadata"]["name"])
        return decode(body["data"]["release"]) if body else None
    old = former.release(ports.cluster, key) if ports.adopt_former else None
    # Helm can't be asked to repair it where it lies: it counts as whole until it is made anew
    return Release(FORMER, "deployed", old["config"], deployed=_deployed(old)) if old else None


def versions(ports: Ports) -> dict[str, str]:
    """What tells Helm's records of each release from those of another time, by the release's name."""
    found: dict[str, list[str]] = defaultdict(list)
    for one in ports.cluster.find(CONFIG_MAPS, ports.home, "owner=helm", metadata_only=True):
        metadata = one["metadata"]
        found[str(metadata["labels"].get("name"))].append(f"{metadata['name']}={metadata['resourceVersion']}")
    return {name: ",".join(sorted(told)) for name, told in found.items()}


def install(ports: Ports, key: Key, values: Mapping[str, Any], *, dry_run: bool = False) -> None:
    """Make or change a release, with exactly these values; with ``dry_run`` only see whether it would do.

    Raises:
        ReleaseError: Helm could not, or its record is not what the operator has made.
        KubernetesError: the API server was too busy, for Helm or for what is asked here.
    """
    _audit(ports, key)
    wanted = placed(key, values)
    old = ports.adopt_former and former.exists(ports.cluster, key)
    try:
        _inspect(ports.helm.rehearse(key.release, wanted, adopt=old), key)
        if not dry_run:
            ports.helm.upgrade(key.release, wanted, adopt=old)
    except HelmError as error:
        raise _told(error) from None
    if old and not dry_run:
        former.forget(ports.cluster, key)


def placed(key: Key, values: Mapping[str, Any]) -> dict[str, Any]:
    """Values that put the objects of a detector into its namespace, wherever the release is."""
    return dict(values) | dict(zip(_PLACE, (key.namespace, key.instance), strict=True))


def uninstall(ports: Ports, key: Key) -> None:
    """Remove a release; fine where there is none.

    Raises:
        ReleaseError: Helm could not, or its record is not what the operator has made.
        KubernetesError: the API server was too busy, for Helm or for what is asked here.
    """
    _audit(ports, key)
    try:
        ports.helm.uninstall(key.release)
    except HelmError as error:
        raise _told(error) from None
    if ports.adopt_former and former.exists(ports.cluster, key):
        former.remove(ports.cluster, key)


def forget(ports: Ports, key: Key, revision: int) -> None:
    """Drop Helm's record of a revision that it did not finish; the objects stay, the next upgrade takes them over."""
    ports.cluster.delete(CONFIG_MAPS, ports.home, f"sh.helm.release.v1.{key.release}.v{revision}")


def decode(text: str) -> Release:
    """Read Helm's own encoding: base64 of gzip of JSON."""
    found = helm_record.unpack(text)
    info = found.get("info") or {}
    values: Mapping[str, Any] = found.get("config") or {}
    return Release(
        revision=int(found["version"]),
        status=str(info.get("status", "unknown")),
        values={name: value for name, value in values.items() if name not in _PLACE},
        manifest=str(found.get("manifest") or ""),
        deployed=_deployed(found),
        description=str(info.get("description") or ""),
    )


def _revisions(ports: Ports, key: Key, besides: str = "") -> list[Object]:
    selector = ",".join(part for part in ("owner=helm", f"name={key.release}", besides) if part)
    return ports.cluster.find(CONFIG_MAPS, ports.home, selector, metadata_only=True)


def _told(error: HelmError) -> Exception:
    """What Helm's failure means: one that the API server was too busy for is nobody's fault."""
    if throttled(str(error)):
        return KubernetesError(_BUSY, f"Helm: {error}", again=patience.spread(_AGAIN_SECONDS))
    hint = _HINT if "invalid ownership metadata" in str(error) else ""
    return ReleaseError(f"{error}{hint}")


def _audit(ports: Ports, key: Key) -> None:
    """Helm compares with old revisions and deletes what they name: every one must be the operator's own work."""
    for one in _revisions(ports, key):
        name = one["metadata"]["name"]
        body = ports.cluster.get(CONFIG_MAPS, ports.home, name)
        why = helm_record.wrong(body, ports.home, key) if body else ""
        if why:
            raise ReleaseError(
                f"ConfigMap {ports.home}/{name}, Helm's record of the release, {why}: somebody else has written it."
                f" Find out who may write there, then delete it"
            )


def _inspect(made: Mapping[str, Any], key: Key) -> None:
    """What the chart makes of a resource is looked through as well: nothing that a resource says may get past it."""
    try:
        why = "has hooks" if made.get("hooks") else helm_record.foreign(str(made["manifest"]), key)
    except (yaml.YAMLError, KeyError, TypeError, AttributeError):
        why = "can't be read"
    if why:
        raise ReleaseError(f"what the chart makes of this resource {why}: nothing was done")


def _deployed(found: Mapping[str, Any]) -> datetime | None:
    return times.read((found.get("info") or {}).get("last_deployed"))
