"""Clicks on advertisements: addresses and users that click too much, users from too many addresses."""

from collections.abc import Iterator, Sequence

from oracle.events import HOUR, MINUTE, SECOND, Event, Streams, by, local, read, tumbling
from oracle.expected import Alert, Expected, Row, Rule, of_window
from oracle.velocity import first_hits

MAX_CLICKS_PER_ADDRESS = 40
MIN_CLICKS = 10
MAX_CLICK_RATE = 0.5
MAX_ADDRESSES = 8
FLOOD = Rule("ad-clicks", "ip-click-flood", "High", "address")
CLICK_RATE = Rule("ad-clicks", "user-click-rate", "Medium", "user")
ADDRESSES = Rule("ad-clicks", "user-many-addresses", "Medium", "user")
COLUMNS = ("eventType", "uid", "timestamp", "ip", "impressionId")


def expected(streams: Streams) -> Expected:
    """The alerts of the three rules, and each minute's clicks and displays."""
    clicks, displays = (_read(streams[name]) for name in ("clicks", "displays"))
    alerts = []
    for address, own in by(clicks, "ip").items():
        alerts += first_hits(FLOOD, address, own, 10 * MINUTE, HOUR, _flood)
    alerts += _click_rates(clicks, displays)
    alerts += _many_addresses(clicks)
    return Expected(alerts, appended={"activitystats": _statistics(clicks, displays)})


def _read(records: Sequence[bytes]) -> list[Event]:
    return read(records, "impressionId", "timestamp", lambda seconds: seconds * SECOND)


def _flood(click: Event, window: Sequence[Event]) -> tuple[str, Row] | None:
    if len(window) <= MAX_CLICKS_PER_ADDRESS:
        return None
    reason = f"{len(window)} clicks from {click['ip']} within 10 minutes, more than {MAX_CLICKS_PER_ADDRESS}"
    return reason, {name: click[name] for name in COLUMNS} | {"clicks": len(window)}


def _click_rates(clicks: Sequence[Event], displays: Sequence[Event]) -> Iterator[Alert]:
    clicked = set(map(id, clicks))
    for user, own in by([*clicks, *displays], "uid").items():
        for window, within in tumbling(own, 30 * MINUTE).items():
            count = sum(id(event) in clicked for event in within)
            shown = len(within) - count
            if count >= MIN_CLICKS and count > shown * MAX_CLICK_RATE:
                reason = f"{count} clicks on {shown} displays, a rate above {MAX_CLICK_RATE}"
                row = {"uid": user, "clicks": count, "displays": shown}
                yield of_window(CLICK_RATE, user, window, within, reason, row)


def _many_addresses(clicks: Sequence[Event]) -> Iterator[Alert]:
    for user, own in by(clicks, "uid").items():
        for window, within in tumbling(own, HOUR).items():
            addresses = len({event["ip"] for event in within})
            if addresses > MAX_ADDRESSES:
                reason = f"clicks from {addresses} addresses within an hour, more than {MAX_ADDRESSES}"
                yield of_window(ADDRESSES, user, window, within, reason, {"uid": user, "addresses": addresses})


def _statistics(clicks: Sequence[Event], displays: Sequence[Event]) -> list[Row]:
    clicked, shown = tumbling(clicks, MINUTE), tumbling(displays, MINUTE)
    return [
        _minute(window, len(clicked.get(window, [])), len(shown.get(window, [])))
        for window in sorted({*clicked, *shown})
    ]


def _minute(window: tuple[int, int], clicks: int, displays: int) -> Row:
    start, end = window
    return {
        "window_start": local(start),
        "window_end": local(end),
        "clicks": clicks,
        "displays": displays,
        "click_rate": clicks / displays if displays else None,
    }
