"""How Kibana is logged into, from the values of a Secret."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field

from fraud_services.errors import ServiceError


@dataclass(frozen=True)
class Credentials:
    """The Authorization header, None for a Kibana without security; the authority that its certificate is from."""

    authorization: str | None = field(default=None, repr=False)
    authority: str | None = None


def credentials(secret: Mapping[str, str]) -> Credentials:
    """What a Secret's values mean: ``apiKey``, or ``username`` and ``password``, and optionally ``ca.crt``.

    Raises:
        ServiceError: the Secret holds something else; its values are not told.
    """
    return Credentials(_authorization(secret), secret.get("ca.crt"))


def _authorization(secret: Mapping[str, str]) -> str | None:
    if "apiKey" in secret:
        key = secret["apiKey"]
        if not (key and key.isascii() and key.isprintable()):
            raise ServiceError("apiKey in Kibana's secret is no API key", "it is empty or has characters that none has")
        return f"ApiKey {key}"
    if "username" in secret and "password" in secret:
        login = f"{secret['username']}:{secret['password']}"
        return f"Basic {base64.b64encode(login.encode()).decode()}"
    if secret.keys() - {"ca.crt"}:
        found = ", ".join(sorted(secret))
        raise ServiceError(f"Kibana's secret holds {found}", "it needs apiKey, or username and password")
    return None
