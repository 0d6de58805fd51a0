"""How Kibana is logged into, from the keys of a Secret: files ``DIR/NAME/KEY`` under the secrets directory."""

import base64
from dataclasses import dataclass, field
from pathlib import Path

from fraud_api.backends import Kibana


class CredentialsError(Exception):
    """A Secret that is missing or does not say who to log in as; tells its place and never its values."""


@dataclass(frozen=True)
class Credentials:
    """The Authorization header, None for a Kibana without security; the authority that its certificate is from."""

    authorization: str | None = field(default=None, repr=False)
    authority: str | None = None


def read_credentials(kibana: Kibana, secrets_dir: Path | None) -> Credentials:
    """The credentials that a detector's ``kibana.secretRef`` names.

    Raises:
        CredentialsError: there is no such Secret, or it has neither apiKey nor username and password.
    """
    if kibana.secret_ref is None:
        return Credentials()
    name = kibana.secret_ref.name
    if secrets_dir is None:
        raise CredentialsError(f"kibana.secretRef names Secret '{name}', but there is no secrets directory")
    directory = secrets_dir / name
    if not directory.is_dir():
        raise CredentialsError(f"Secret '{name}' is not there: no directory {directory}")
    return Credentials(_authorization(directory, name), _key(directory, "ca.crt"))


def _authorization(directory: Path, name: str) -> str:
    api_key = _key(directory, "apiKey")
    if api_key:
        if not (api_key.isascii() and api_key.isprintable()):
            raise CredentialsError(f"apiKey of Secret '{name}' is no API key: it has characters that none has")
        return f"ApiKey {api_key}"
    username, password = _key(directory, "username"), _key(directory, "password")
    if not username or password is None:
        raise CredentialsError(f"Secret '{name}' needs apiKey, or username and password")
    return f"Basic {base64.b64encode(f'{username}:{password}'.encode()).decode()}"


def _key(directory: Path, key: str) -> str | None:
    try:
        text = (directory / key).read_text()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise CredentialsError(f"can't read {directory / key}: {type(error).__name__}") from None
    # an editor's or echo's line end is not a part of a password, and not allowed in a header
    return text.rstrip("\r\n")
