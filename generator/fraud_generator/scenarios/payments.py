"""Orders and their payments.

An order comes up to five minutes before its payment. Planted: payments without an order, unusually
large payments, and bursts of spending in one province.
"""

from datetime import timedelta

from fraud_generator.model import Settings
from fraud_generator.scenarios.base import Event, Stream
from fraud_generator.scenarios.cycles import Cycle, CycleScenario, episodes
from fraud_generator.times import HOUR, MINUTE, SECOND, spaced

PROVINCES = 31
MERCHANTS = 800
CATEGORIES = ("books", "clothing", "electronics", "food", "furniture", "games", "health", "sports", "travel")
ABANDONED_SHARE = 0.02
LEAD = 5 * MINUTE
HEAD = LEAD + 10 * SECOND
"""Payments begin so long after the cycle, so that their orders are in the cycle too."""
BURST_PAYMENTS = 90
BURST_SPAN = 8 * MINUTE
MOST_BURSTS = 25
QUIET = 11 * MINUTE
"""Nobody else pays in a province so long after its burst, or an innocent payment would tip the sum again."""


class Payments(CycleScenario):
    """20,000 records in two hours. Provinces are 1 to 31 (32 to 62 in a second shard, …); 0 is reserved."""

    name = "payments"
    summary = "orders and their payments; missing orders, large payments, bursts in a province"
    streams = (
        Stream("payment", "payment", "orderId", "createTime", "payAmount"),
        Stream("order", "order", "orderId", "createTime", "merchantId"),
    )
    needing_partner = frozenset({"payment"})
    patterns = ("payment-without-order", "large-payment", "province-spend")
    default_count = 20_000
    default_share = 0.04
    bound = timedelta(seconds=10)
    default_disorder = timedelta(seconds=5)
    cycle_ms = 2 * HOUR

    def __init__(self, settings: Settings) -> None:
        """Nothing but a counter lives beyond a cycle: each order and payment is new."""
        super().__init__(settings)
        self._ids = 0
        self._quiet: dict[int, int] = {}

    def harmless(self, stream: str, tag: str, number: int, time_ms: int) -> Event:
        """A small payment in province 0, or an order; a payment's order must have the same tag."""
        if stream == "order":
            return _order(time_ms, tag, CATEGORIES[0], 0)
        return _payment(time_ms, tag, 1.0, 0, 0)

    def fill(self, cycle: Cycle) -> None:
        """Plant, then fill up with paid and a few abandoned orders."""
        self._quiet = {}
        bursts = min(MOST_BURSTS, episodes(cycle.size, self.share / 2, {"burst": 2 * BURST_PAYMENTS})["burst"])
        plan = episodes(cycle.size, self.share / 2, {"missing": 2, "large": 2})
        provinces = cycle.rng.sample(range(PROVINCES), PROVINCES)
        for province in provinces[:bursts]:
            self._plant_burst(cycle, self._province(province))
        self._plant_large(cycle, plan["large"], provinces)
        self._plant_missing(cycle, 2 * plan["missing"])
        self._fill_normal(cycle)

    def _province(self, index: int) -> int:
        return 1 + self.settings.shard * PROVINCES + index

    def _pay(self, cycle: Cycle, time_ms: int, amount: float, province: int, ordered: bool = True) -> Event:
        self._ids += 1
        order_id = f"ORD{self.own(self._ids):010d}"
        event = _payment(time_ms, order_id, amount, cycle.rng.randrange(3), province)
        cycle.events.append(event)
        if ordered:
            created = cycle.time(time_ms - LEAD, time_ms - SECOND)
            cycle.events.append(self._order(cycle, created, order_id))
        return event

    def _order(self, cycle: Cycle, time_ms: int, order_id: str) -> Event:
        return _order(time_ms, order_id, cycle.rng.choice(CATEGORIES), cycle.rng.randint(1, MERCHANTS))

    def _plant_burst(self, cycle: Cycle, province: int) -> None:
        begin = cycle.rng.randrange(cycle.start + HEAD, cycle.end - 25 * MINUTE)
        times = cycle.times(BURST_PAYMENTS, begin, begin + BURST_SPAN)
        amounts = [cycle.rng.randint(150_000, 199_900) / 100 for _ in times]
        events = [self._pay(cycle, *paid, province) for paid in zip(times, amounts, strict=True)]
        self._quiet[province] = times[-1]
        cycle.plant("province-spend", "province", str(province), events)

    def _plant_large(self, cycle: Cycle, number: int, provinces: list[int]) -> None:
        # In turns, evenly over the cycle: the large payments of one province never add up to a burst.
        for index, time_ms in enumerate(cycle.times(number, cycle.start + HEAD, cycle.end - 20 * MINUTE)):
            province = self._calm(cycle, time_ms, self._province(provinces[index % PROVINCES]))
            event = self._pay(cycle, time_ms, cycle.rng.randint(600_000, 900_000) / 100, province)
            cycle.plant("large-payment", "order", event.key, [event])

    def _plant_missing(self, cycle: Cycle, number: int) -> None:
        for time_ms in cycle.times(number, cycle.start + HEAD, cycle.end - 20 * MINUTE):
            event = self._pay(cycle, time_ms, self._amount(cycle), self._any_province(cycle, time_ms), ordered=False)
            cycle.plant("payment-without-order", "order", event.key, [event])

    def _fill_normal(self, cycle: Cycle) -> None:
        paid = int(cycle.left * (1 - ABANDONED_SHARE)) // 2
        for time_ms in cycle.times(paid, cycle.start + HEAD, cycle.end - SECOND):
            self._pay(cycle, time_ms, self._amount(cycle), self._any_province(cycle, time_ms))
        for time_ms in cycle.times(cycle.left, cycle.start, cycle.end - SECOND):
            self._ids += 1
            cycle.events.append(self._order(cycle, time_ms, f"ORD{self.own(self._ids):010d}"))

    def _any_province(self, cycle: Cycle, time_ms: int) -> int:
        return self._calm(cycle, time_ms, self._province(cycle.rng.randrange(PROVINCES)))

    def _calm(self, cycle: Cycle, time_ms: int, province: int) -> int:
        """That province, or another one when it has just had a burst."""
        while 0 < time_ms - self._quiet.get(province, time_ms) < QUIET:
            province = self._province(cycle.rng.randrange(PROVINCES))
        return province

    def _amount(self, cycle: Cycle) -> float:
        return min(round(1 + cycle.rng.lognormvariate(4.2, 0.9), 2), 1_999.0)


def _payment(time_ms: int, order_id: str, amount: float, platform: int, province: int) -> Event:
    value = (
        f'{{"createTime":"{spaced(time_ms)}","orderId":"{order_id}","payAmount":{amount:.2f},'
        f'"payPlatform":{platform},"provinceId":{province}}}'
    )
    return Event(time_ms, "payment", order_id, order_id, value.encode())


def _order(time_ms: int, order_id: str, category: str, merchant: int) -> Event:
    value = (
        f'{{"createTime":"{spaced(time_ms)}","orderId":"{order_id}","category":"{category}","merchantId":{merchant}}}'
    )
    return Event(time_ms, "order", order_id, order_id, value.encode())
