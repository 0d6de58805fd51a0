"""From a scenario's name and settings to its batches."""

from collections.abc import Iterator

from fraud_generator.faults import with_faults
from fraud_generator.model import Batch, Settings
from fraud_generator.scenarios import make


def generate(scenario: str, settings: Settings) -> Iterator[Batch]:
    """All batches of a run: events in order of arrival, faults on request, closing records at the end.

    The same name and settings give the same batches. Raises SettingsError at once, not at the first
    batch, for a wrong name or settings that the scenario cannot meet.
    """
    made = make(scenario, settings)

    def batches() -> Iterator[Batch]:
        yield from with_faults(made.batches(), made)
        if settings.closing and not settings.endless:
            yield made.closing()

    return batches()
