"""Secrets as files: ``DIR/<secret>/<key>``, which is what Kubernetes mounts and what a laptop has."""

from pathlib import Path

from fraud_api.kafka_clients import KEYS, PLACE, Credentials, SecretError, check, needs_secret
from fraud_api.streams import KafkaSecurity

MOUNTED = Path("/etc/fraud/secrets")
"""Where the Secrets of a detector are in its pods."""
_LARGEST_BYTES = 1_048_576


def kafka_credentials(security: KafkaSecurity, directory: Path | None) -> Credentials | None:
    """What Kafka clients need of the Secret; None where they need none.

    Raises:
        SecretError: ``directory`` is missing, or the Secret, or a key, or a file can't be read.
    """
    if not needs_secret(security):
        return None
    assert security.secret_ref is not None
    name = security.secret_ref.name
    if directory is None:
        raise SecretError(
            f"{PLACE}: the detector needs Secret {name}; "
            f"give --secrets-dir DIR with its keys as files in DIR/{name} ({', '.join(KEYS)})"
        )
    folder = (directory / name).absolute()
    if not folder.is_dir():
        raise SecretError(f"{PLACE}: there is no directory {folder}; it should have Secret {name}'s keys as files")
    texts = {key: _read(folder / key) for key in KEYS}
    found = Credentials(str(folder), {key: text for key, text in texts.items() if text is not None})
    check(security, found)
    return found


def _read(file: Path) -> str | None:
    try:
        with file.open("rb") as opened:
            content = opened.read(_LARGEST_BYTES + 1)
        if len(content) > _LARGEST_BYTES:
            raise SecretError(f"{PLACE}: {file} is larger than a Secret can be; it should hold one key's value")
        return content.decode("utf-8")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SecretError(
            f"{PLACE}: cannot read {file} ({error.strerror or type(error).__name__}); mend the file or its rights"
        ) from None
    except UnicodeDecodeError:
        raise SecretError(f"{PLACE}: {file} is not UTF-8 text; write it anew") from None
