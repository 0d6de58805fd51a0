"""Clicks and displays of advertisements.

About one display in ten is clicked. Planted: an address that clicks far too much, users who click
nearly everything, and a user id that is used from many addresses.
"""

from datetime import timedelta

from fraud_generator.model import Settings
from fraud_generator.scenarios.base import Event, Stream
from fraud_generator.scenarios.cycles import MARGIN, Cycle, CycleScenario, episodes
from fraud_generator.times import HOUR, MINUTE, SECOND

USERS = 600
NETWORKS = 60
CLICK_SHARE = 1 / 11

# Whatever chance does, these gaps keep normal traffic away from the rules: at most 8 clicks of a user
# in 30 minutes (rule: 10) and at most 14 of an address in 10 minutes (rule: more than 40).
USER_GAP = 240 * SECOND
ADDRESS_GAP = 45 * SECOND

FLOOD_USERS = 90
FLOOD_DISPLAYS = 3
EAGER_CLICKS = 28
ROAMING_CLICKS = 18
ROAMING_DISPLAYS = 5


class AdClicks(CycleScenario):
    """20,000 events in 130 minutes; times are whole epoch seconds."""

    name = "ad-clicks"
    summary = "clicks and displays of advertisements; click fraud"
    streams = (
        Stream("clicks", "clicks", "impressionId", "uid", "timestamp"),
        Stream("displays", "displays", "impressionId", "uid", "timestamp"),
    )
    patterns = ("ip-click-flood", "user-click-rate", "user-many-addresses")
    default_count = 20_000
    default_share = 0.05
    bound = timedelta(seconds=5)
    default_disorder = timedelta(seconds=3)
    cycle_ms = 130 * MINUTE

    def __init__(self, settings: Settings) -> None:
        """Lay out the normal users and their one to three addresses, some shared by several users."""
        super().__init__(settings)
        self._ids = 0
        self._users = USERS
        self._addresses = NETWORKS
        networks = [self._address(index) for index in range(NETWORKS)]
        self._homes = [self._home(networks) for _ in range(USERS)]
        self._last_click: dict[str, int] = {}

    def _home(self, networks: list[str]) -> list[str]:
        own = [self._new_address() for _ in range(self.rng.randint(1, 2))]
        return [*own, self.rng.choice(networks)] if self.rng.random() < 0.5 else own

    def _address(self, index: int) -> str:
        # Multiplying by an odd number shuffles the 24 bits without ever meeting the same address twice.
        high, low = divmod(self.own(index) + 1, 1 << 24)
        low = low * 0x9E3779 % (1 << 24)
        return f"{81 + high}.{low >> 16}.{low >> 8 & 255}.{low & 255}"

    def _new_address(self) -> str:
        self._addresses += 1
        return self._address(self._addresses)

    def _new_user(self) -> str:
        self._users += 1
        return self._user(self._users)

    def _user(self, index: int) -> str:
        return f"u-{self.own(index):07d}"

    def _event(self, kind: str, time_ms: int, user: str, address: str) -> Event:
        self._ids += 1
        event_id = f"{kind[0]}-{self.own(self._ids):09d}"
        return _render(kind, time_ms, user, address, event_id)

    def harmless(self, stream: str, tag: str, number: int, time_ms: int) -> Event:
        """One click or display of a user who does nothing else."""
        return _render(stream.removesuffix("s"), time_ms, tag, f"192.0.2.{number % 256}", f"{stream[0]}-{tag}")

    def fill(self, cycle: Cycle) -> None:
        """Plant, then fill up with normal traffic."""
        flood = FLOOD_USERS * (1 + FLOOD_DISPLAYS)
        roaming = ROAMING_CLICKS * (1 + ROAMING_DISPLAYS)
        costs = {"flood": flood, "eager": 2 * EAGER_CLICKS + 2, "roaming": roaming}
        plan = episodes(cycle.size, self.share, costs)
        for _ in range(plan["flood"]):
            self._plant_flood(cycle)
        for _ in range(plan["eager"]):
            self._plant_eager(cycle)
        for _ in range(plan["roaming"]):
            self._plant_roaming(cycle)
        self._fill_normal(cycle)

    def _plant_flood(self, cycle: Cycle) -> None:
        """One address, many users with one click each: no user stands out, the address does."""
        begin = cycle.rng.randrange(cycle.start + MINUTE, cycle.end - 20 * MINUTE)
        times = cycle.times(FLOOD_USERS * (1 + FLOOD_DISPLAYS), begin, begin + 8 * MINUTE)
        users = [self._new_user() for _ in range(FLOOD_USERS)]
        address, clicks = self._new_address(), []
        for index, time_ms in enumerate(times):
            turn, place = divmod(index, FLOOD_USERS)
            kind = "click" if turn == place % (1 + FLOOD_DISPLAYS) else "display"
            event = self._event(kind, time_ms, users[place], address)
            cycle.events.append(event)
            if kind == "click":
                clicks.append(event)
        cycle.plant("ip-click-flood", "address", address, clicks)

    def _plant_eager(self, cycle: Cycle) -> None:
        """A user who clicks nearly every display within one aligned half hour, below the flood's rate."""
        begin = cycle.window(30 * MINUTE, MINUTE)
        times = cycle.times(2 * EAGER_CLICKS + 2, begin + MARGIN, begin + 30 * MINUTE - MARGIN)
        user, addresses, clicks = self._new_user(), [self._new_address(), self._new_address()], []
        for index, time_ms in enumerate(times):
            kind = "click" if index % 2 and index < 2 * EAGER_CLICKS else "display"
            event = self._event(kind, time_ms, user, cycle.rng.choice(addresses))
            cycle.events.append(event)
            if kind == "click":
                clicks.append(event)
        cycle.plant("user-click-rate", "user", user, clicks)

    def _plant_roaming(self, cycle: Cycle) -> None:
        """A user seen from many addresses in one aligned hour, whose click-through rate stays low."""
        begin = cycle.window(HOUR, MINUTE)
        times = cycle.times(ROAMING_CLICKS * (1 + ROAMING_DISPLAYS), begin + MARGIN, begin + HOUR - MARGIN)
        user, address, clicks = self._new_user(), "", []
        for index, time_ms in enumerate(times):
            step = index % (1 + ROAMING_DISPLAYS)
            address = self._new_address() if step == 0 else address
            kind = "click" if step == ROAMING_DISPLAYS // 2 else "display"
            event = self._event(kind, time_ms, user, address)
            cycle.events.append(event)
            if kind == "click":
                clicks.append(event)
        cycle.plant("user-many-addresses", "user", user, clicks)

    def _fill_normal(self, cycle: Cycle) -> None:
        rng = cycle.rng
        for time_ms in cycle.times(cycle.left, cycle.start, cycle.end - SECOND):
            index = rng.randrange(USERS)
            user, address = self._user(index), rng.choice(self._homes[index])
            clicks = rng.random() < CLICK_SHARE and self._may_click(time_ms, user, address)
            cycle.events.append(self._event("click" if clicks else "display", time_ms, user, address))

    def _may_click(self, time_ms: int, user: str, address: str) -> bool:
        last = self._last_click
        if time_ms - last.get(user, 0) < USER_GAP or time_ms - last.get(address, 0) < ADDRESS_GAP:
            return False
        last[user] = last[address] = time_ms
        return True


def _render(kind: str, time_ms: int, user: str, address: str, event_id: str) -> Event:
    second = time_ms // SECOND
    value = f'{{"eventType":"{kind}","uid":"{user}","timestamp":{second},"ip":"{address}","impressionId":"{event_id}"}}'
    return Event(second * SECOND, f"{kind}s", user, event_id, value.encode())
