"""Bank transactions at home and abroad.

A transaction is fraudulent when it is above 3,000, or abroad and above 1,000. Planted: customers with
four or more such transactions (risk High) and a smaller group with one or two (Moderate).
"""

from datetime import timedelta
from typing import NamedTuple

import orjson

from fraud_generator.model import Settings
from fraud_generator.people import companies, names
from fraud_generator.scenarios.base import Event, Stream
from fraud_generator.scenarios.cycles import Cycle, CycleScenario
from fraud_generator.times import MINUTE, SECOND

CUSTOMERS = 400
COUNTRIES = ("AT", "BE", "BR", "CH", "DE", "DK", "ES", "FR", "GB", "IT", "NL", "PL", "PT", "SE", "US")
ABROAD_SHARE = 0.06
NEAR_SHARE = 0.02
ORDINARY = 8
"""Ordinary transactions of each planted customer."""
UNIT = (("high", 4), ("high", 6), ("moderate", 2))
"""Planted customers come in groups of these; with how many fraudulent transactions."""


class Customer(NamedTuple):
    """Who spends; the name is JSON text already."""

    customer_id: str
    name: str
    home: str


class Bank(CycleScenario):
    """10,000 transactions in 10,000 seconds. ``fraud_share`` is the share of fraudulent transactions."""

    name = "bank"
    summary = "bank transactions at home and abroad; customers whose risk turns High"
    streams = (Stream("bank_transactions", "bank_transactions", "transaction_id", "customer_id", "amount"),)
    patterns = ("customer-turns-high",)
    default_count = 10_000
    default_share = 0.03
    max_share = 0.25
    bound = timedelta(seconds=5)
    default_disorder = timedelta(seconds=3)
    cycle_ms = 10_000 * SECOND

    def __init__(self, settings: Settings) -> None:
        """Name the customers and the merchants."""
        super().__init__(settings)
        self._ids = self._customers = 0
        self._names = [orjson.dumps(name).decode() for name in names(settings.seed)]
        self._merchants = [orjson.dumps(name).decode() for name in companies(settings.seed)]
        self._ordinary = [self._new_customer() for _ in range(CUSTOMERS)]

    def _new_customer(self) -> Customer:
        number = self.own(self._customers)
        self._customers += 1
        return Customer(f"C{number:05d}", self._names[number % len(self._names)], self.rng.choice(COUNTRIES))

    def harmless(self, stream: str, tag: str, number: int, time_ms: int) -> Event:
        """A transaction of 1.00 at home."""
        return _render(time_ms, f"T-{tag}", Customer(tag, '"Nobody"', "DE"), 1.0, '"None"', "DE")

    def fill(self, cycle: Cycle) -> None:
        """Plant customers who are new in this cycle, because risk counts all that a customer ever did."""
        frauds = sum(number for _, number in UNIT)
        units = round(cycle.size * self.share / frauds)
        if self.share > 0 and cycle.size >= 2 * (frauds + ORDINARY * len(UNIT)):
            units = max(units, 1)
        for group, number in UNIT * min(units, cycle.size // (frauds + ORDINARY * len(UNIT))):
            self._plant(cycle, group, number)
        for time_ms in cycle.times(cycle.left, cycle.start, cycle.end - SECOND):
            self._spend(cycle, time_ms, cycle.rng.choice(self._ordinary))

    def _plant(self, cycle: Cycle, group: str, number: int) -> None:
        customer = self._new_customer()
        times = cycle.times(number, cycle.start, cycle.end - 10 * MINUTE)
        events = [self._defraud(cycle, time_ms, customer) for time_ms in times]
        pattern = "customer-turns-high" if group == "high" else "moderate"
        cycle.plant(pattern, "customer", customer.customer_id, events)
        for time_ms in cycle.times(ORDINARY, cycle.start, cycle.end - SECOND):
            self._spend(cycle, time_ms, customer)

    def _defraud(self, cycle: Cycle, time_ms: int, customer: Customer) -> Event:
        if cycle.rng.random() < 0.5:
            return self._add(cycle, time_ms, customer, cycle.rng.uniform(3_100, 9_000), customer.home)
        return self._add(cycle, time_ms, customer, cycle.rng.uniform(1_100, 2_900), self._abroad(customer))

    def _spend(self, cycle: Cycle, time_ms: int, customer: Customer) -> None:
        """An ordinary amount; some come near the thresholds without passing them."""
        abroad = cycle.rng.random() < ABROAD_SHARE
        limit = 1_000 if abroad else 3_000
        amount = min(1 + cycle.rng.lognormvariate(4, 1), limit * 0.8)
        if cycle.rng.random() < NEAR_SHARE:
            amount = limit * cycle.rng.uniform(0.9, 0.99)
        self._add(cycle, time_ms, customer, amount, self._abroad(customer) if abroad else customer.home)

    def _abroad(self, customer: Customer) -> str:
        return self.rng.choice([country for country in COUNTRIES if country != customer.home])

    def _add(self, cycle: Cycle, time_ms: int, customer: Customer, amount: float, country: str) -> Event:
        self._ids += 1
        merchant = cycle.rng.choice(self._merchants)
        event = _render(time_ms, f"T{self.own(self._ids):09d}", customer, amount, merchant, country)
        cycle.events.append(event)
        return event


def _render(time_ms: int, event_id: str, customer: Customer, amount: float, merchant: str, country: str) -> Event:
    value = (
        f'{{"transaction_id":"{event_id}","customer_id":"{customer.customer_id}",'
        f'"customer_name":{customer.name},"amount":{amount:.2f},"merchant":{merchant},'
        f'"country":"{country}","home_country":"{customer.home}","timestamp":{time_ms}}}'
    )
    return Event(time_ms, "bank_transactions", customer.customer_id, event_id, value.encode())
