"""Secrets that detectors name, read at the moment they are needed and kept nowhere."""

import base64
from collections.abc import Mapping

from fraud_operator.clients.kubernetes import SECRETS, Cluster, KubernetesError

Secret = Mapping[str, bytes]
"""The keys of a Secret."""


class SecretUnavailable(Exception):
    """A Secret is not there, or may not be read; the text has its name and what to do."""


def read(cluster: Cluster, namespace: str, name: str) -> Secret:
    """A Secret's values by key. Raises SecretUnavailable."""
    try:
        found = cluster.get(SECRETS, namespace, name)
    except KubernetesError as error:
        if not error.forbidden:
            raise
        raise SecretUnavailable(
            f"the operator may not read Secret {name}: name it in rbac.secretNames of its chart"
        ) from None
    if found is None:
        raise SecretUnavailable(f"there is no Secret {name} in namespace {namespace}")
    return {key: base64.b64decode(value) for key, value in (found.get("data") or {}).items()}
