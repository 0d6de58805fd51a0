"""Names of people and companies, made by faker once per run and never per event."""

from functools import lru_cache
from typing import Any

from fraud_generator.errors import SettingsError

PEOPLE = 500
COMPANIES = 200


@lru_cache(maxsize=1)
def names(seed: int) -> tuple[str, ...]:
    """Names of people; the same for the same seed and version of faker."""
    faker = _faker(seed)
    return tuple(faker.name() for _ in range(PEOPLE))


@lru_cache(maxsize=1)
def companies(seed: int) -> tuple[str, ...]:
    """Names of companies; the same for the same seed and version of faker."""
    faker = _faker(seed)
    return tuple(faker.company() for _ in range(COMPANIES))


def _faker(seed: int) -> Any:
    # Imported late: it takes longer than the rest of the package, and only one scenario needs it.
    try:
        from faker import Faker
    except ImportError as error:
        raise SettingsError("this scenario needs faker; install the extra 'generator'") from error
    faker = Faker("en_US")
    faker.seed_instance(seed)
    return faker
