"""Names of people and companies, made by faker once per run and never per event."""

from typing import Any

from fraud_generator.errors import SettingsError

PEOPLE = 1_000
COMPANIES = 200


def names(seed: int) -> list[str]:
    """Names of people; the same for the same seed and version of faker."""
    faker = _faker(seed)
    return [faker.name() for _ in range(PEOPLE)]


def companies(seed: int) -> list[str]:
    """Names of companies; the same for the same seed and version of faker."""
    faker = _faker(seed)
    return [faker.company() for _ in range(COMPANIES)]


def _faker(seed: int) -> Any:
    # Imported late: it takes longer than the rest of the package, and only one scenario needs it.
    try:
        from faker import Faker
    except ImportError as error:
        raise SettingsError("this scenario needs faker; install the extra 'generator'") from error
    faker = Faker("en_US")
    faker.seed_instance(seed)
    return faker
