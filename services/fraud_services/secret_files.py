"""Secrets as files, ``DIR/NAME/KEY``: mounted by Kubernetes, laid down by hand on a laptop."""

from collections.abc import Mapping
from pathlib import Path

from fraud_api.base import SecretRef
from fraud_services.errors import ServiceError


def read_secret(directory: Path | None, reference: SecretRef | None) -> Mapping[str, str]:
    """A Secret's values by key; none without a reference.

    Raises:
        ServiceError: the Secret is not there, or can't be read.
    """
    if reference is None:
        return {}
    if directory is None:
        raise ServiceError(f"secret '{reference.name}' is referred to", "say where it is: --secrets-dir DIR")
    place = directory / reference.name
    try:
        files = [path for path in place.iterdir() if path.is_file() and not path.name.startswith(".")]
        return {path.name: path.read_text().strip("\r\n") for path in files}
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not text"
        raise ServiceError(f"secret '{reference.name}' can't be read: {place}: {reason}") from None
