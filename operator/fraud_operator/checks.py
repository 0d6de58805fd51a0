"""Has Flink plan a changed detector in a Job, and reads what it says."""

from collections.abc import Mapping
from typing import Any

from fraud_operator import plans
from fraud_operator.clients.kubernetes import CONFIG_MAPS, JOBS, PODS, Cluster, Object
from fraud_operator.names import Key
from fraud_operator.record import Checked


class CheckFailed(Exception):
    """The check itself could not be made; the text says why."""


def check(cluster: Cluster, key: Key, owner: Object, made: Mapping[str, Any], program: str) -> Checked | None:
    """What Flink says of a program; None while it is still asked.

    Raises:
        CheckFailed: the Job ended without an answer; it is deleted, so that the next call tries again.
    """
    job = cluster.get(JOBS, key.namespace, key.check)
    if job is None:
        _start(cluster, key, owner, made, program)
        return None
    if _is_other(job, owner, program):
        cluster.delete(JOBS, key.namespace, key.check)
        return None
    conditions = {one["type"]: one for one in (job.get("status") or {}).get("conditions") or []}
    ended = {"Complete", "Failed"} & {kind for kind, one in conditions.items() if one.get("status") == "True"}
    if not ended:
        return None
    found = plans.result(program, _log(cluster, key, job["metadata"]["uid"]))
    if found is None:
        cluster.delete(JOBS, key.namespace, key.check)
        why = conditions.get("Failed", {}).get("message") or "its log says nothing"
        raise CheckFailed(f"Flink could not be asked about the changed detector: {why}")
    return found


def _is_other(job: Object, owner: Object, program: str) -> bool:
    metadata = job["metadata"]
    owners = [one.get("uid") for one in metadata.get("ownerReferences") or []]
    of_other = (metadata.get("annotations") or {}).get(plans.PROGRAM_ANNOTATION) != program
    return of_other or owner["uid"] not in owners or "deletionTimestamp" in metadata


def _start(cluster: Cluster, key: Key, owner: Object, made: Mapping[str, Any], program: str) -> None:
    config_map, job = plans.check_objects(key, owner, made, program)
    cluster.delete(CONFIG_MAPS, key.namespace, key.check)
    cluster.create(CONFIG_MAPS, key.namespace, dict(config_map))
    cluster.create(JOBS, key.namespace, dict(job))


def _log(cluster: Cluster, key: Key, job: str) -> str:
    """What the pods of this very Job have said; those of a former one of its name may still be there."""
    pods = cluster.find(PODS, key.namespace, f"batch.kubernetes.io/controller-uid={job}")
    ended = [pod for pod in pods if (pod.get("status") or {}).get("phase") in ("Succeeded", "Failed")]
    newest = sorted(ended, key=lambda pod: str(pod["metadata"]["creationTimestamp"]))
    return "\n".join(cluster.log(key.namespace, pod["metadata"]["name"]) for pod in newest)
