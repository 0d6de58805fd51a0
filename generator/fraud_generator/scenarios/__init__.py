"""The scenarios by name."""

from fraud_generator.errors import SettingsError
from fraud_generator.model import Settings
from fraud_generator.scenarios.accounts import Accounts
from fraud_generator.scenarios.ad_clicks import AdClicks
from fraud_generator.scenarios.bank import Bank
from fraud_generator.scenarios.base import Scenario
from fraud_generator.scenarios.payments import Payments
from fraud_generator.scenarios.transactions import Transactions

SCENARIOS: dict[str, type[Scenario]] = {
    scenario.name: scenario for scenario in (AdClicks, Payments, Transactions, Bank, Accounts)
}
"""All scenarios by their name."""


def scenario_class(name: str) -> type[Scenario]:
    """The scenario of that name. Raises SettingsError, listing the names, when there is none."""
    found = SCENARIOS.get(name)
    if found is None:
        raise SettingsError(f"no scenario is called {name!r}; there are {', '.join(SCENARIOS)}")
    return found


def make(name: str, settings: Settings) -> Scenario:
    """A scenario ready for one run. Raises SettingsError for a wrong name or settings it cannot meet."""
    return scenario_class(name)(settings)
