"""Account transactions, some of which arrive up to a minute late.

Planted: accounts that spend far more than 3,000 within one aligned five-minute window. In some of them
only an event that arrives after the window's end, yet in time to count, makes the sum pass.
"""

from datetime import timedelta

from fraud_generator.model import Settings
from fraud_generator.scenarios.base import Event, Stream
from fraud_generator.scenarios.cycles import MARGIN, Cycle, CycleScenario, episodes
from fraud_generator.times import HOUR, MINUTE, SECOND, iso

ACCOUNTS = 2_000
TYPES = ("purchase", "transfer", "withdrawal", "payment")
WINDOW = 5 * MINUTE
NORMAL_LIMIT = 1_400
"""No account's normal transactions add up to more in any window."""
LATE_SHARE = 0.15
PARTS = 6
BLOCKED = float("inf")


class Accounts(CycleScenario):
    """20,000 transactions in two hours; most arrive in order, some up to 55 seconds late."""

    name = "accounts"
    summary = "account transactions, up to a minute late; accounts that spend too much in five minutes"
    streams = (Stream("account_transactions", "account_transactions", "txn_id", "account_id", "txn_amount"),)
    patterns = ("account-spend",)
    default_count = 20_000
    default_share = 0.03
    max_share = 0.25
    bound = timedelta(seconds=60)
    default_disorder = timedelta(seconds=55)
    cycle_ms = 2 * HOUR

    def __init__(self, settings: Settings) -> None:
        """Start with nothing spent."""
        super().__init__(settings)
        self._ids = 0
        self._spent: dict[tuple[str, int], float] = {}

    def delay(self) -> int:
        """Nothing for most events, up to the whole disorder for a share of them."""
        return super().delay() if self.rng.random() < LATE_SHARE else 0

    def harmless(self, stream: str, tag: str, number: int, time_ms: int) -> Event:
        """A purchase of 1.00."""
        return _render(time_ms, f"X-{tag}", tag, 1.0, TYPES[0])

    def fill(self, cycle: Cycle) -> None:
        """Plant episodes and near misses, then fill up with small amounts."""
        first = cycle.start // WINDOW
        self._spent = {at: spent for at, spent in self._spent.items() if at[1] >= first}
        number = episodes(cycle.size, self.share, {"spend": PARTS})["spend"]
        for index in range(number):
            if index % 3 == 2:
                self._plant_late(cycle)
            else:
                self._plant(cycle)
        for _ in range(min(number // 3 + 1, cycle.left // PARTS) if number else 0):
            self._near_miss(cycle)
        self._fill_normal(cycle)

    def _place(self, cycle: Cycle) -> tuple[str, int]:
        """An account and the start of an aligned window that nothing was spent in, now taken."""
        while True:
            account, begin = self._account(cycle), cycle.window(WINDOW, 2 * MINUTE)
            if (account, begin // WINDOW) not in self._spent:
                self._spent[account, begin // WINDOW] = BLOCKED
                return account, begin

    def _parts(self, cycle: Cycle, low: int, high: int, number: int) -> list[float]:
        """Amounts of two decimals that add up to something within [low, high], as whole cents do."""
        total = cycle.rng.randint(low * 100, high * 100)
        share = total // number
        first = [share + cycle.rng.randint(-share // 4, share // 4) for _ in range(number - 1)]
        return [cents / 100 for cents in [*first, total - sum(first)]]

    def _plant(self, cycle: Cycle) -> None:
        account, begin = self._place(cycle)
        times = cycle.times(PARTS, begin + MARGIN, begin + WINDOW - MARGIN)
        amounts = self._parts(cycle, 4_500, 8_000, PARTS)
        events = [self._add(cycle, *paid, account) for paid in zip(times, amounts, strict=True)]
        cycle.plant("account-spend", "account", account, events)

    def _plant_late(self, cycle: Cycle) -> None:
        """The last event tips the sum and arrives when later windows have begun."""
        account, begin = self._place(cycle)
        times = cycle.times(PARTS - 1, begin + MARGIN, begin + WINDOW - 4 * MARGIN)
        amounts = self._parts(cycle, 2_000, 2_600, PARTS - 1)
        events = [self._add(cycle, *paid, account) for paid in zip(times, amounts, strict=True)]
        last = cycle.time(begin + WINDOW - MARGIN, begin + WINDOW - SECOND)
        delay = int(self.disorder_ms * cycle.rng.uniform(0.8, 0.99))
        events.append(self._add(cycle, last, cycle.rng.randint(2_500, 4_000), account, delay))
        cycle.plant("account-spend", "account", account, events)

    def _near_miss(self, cycle: Cycle) -> None:
        account, begin = self._place(cycle)
        times = cycle.times(PARTS, begin + MARGIN, begin + WINDOW - MARGIN)
        for paid in zip(times, self._parts(cycle, 2_500, 2_900, PARTS), strict=True):
            self._add(cycle, *paid, account)

    def _fill_normal(self, cycle: Cycle) -> None:
        for time_ms in cycle.times(cycle.left, cycle.start, cycle.end - SECOND):
            amount = min(round(1 + cycle.rng.lognormvariate(3.7, 0.9), 2), 400.0)
            account = self._account(cycle)
            while self._spent.get((account, time_ms // WINDOW), 0.0) + amount > NORMAL_LIMIT:
                account = self._account(cycle)
            at = account, time_ms // WINDOW
            self._spent[at] = self._spent.get(at, 0.0) + amount
            self._add(cycle, time_ms, amount, account)

    def _account(self, cycle: Cycle) -> str:
        return f"A{self.own(cycle.rng.randrange(ACCOUNTS)):06d}"

    def _add(self, cycle: Cycle, time_ms: int, amount: float, account: str, delay: int | None = None) -> Event:
        self._ids += 1
        event_id = f"X{self.own(self._ids):010d}"
        event = _render(time_ms, event_id, account, amount, cycle.rng.choice(TYPES))
        event = event._replace(delay_ms=delay)
        cycle.events.append(event)
        return event


def _render(time_ms: int, event_id: str, account: str, amount: float, kind: str) -> Event:
    value = (
        f'{{"txn_id":"{event_id}","account_id":"{account}","txn_amount":{amount:.2f},'
        f'"txn_type":"{kind}","txn_time":"{iso(time_ms)}"}}'
    )
    return Event(time_ms, "account_transactions", account, event_id, value.encode())
