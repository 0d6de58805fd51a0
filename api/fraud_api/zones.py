"""Time zones: those that Python and Java both know, and what to write instead of others."""

import re
from collections.abc import Mapping
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from fraud_api.problems import closest

_NOT_IN_JAVA = frozenset({"EST", "MST", "HST", "ROC", "GMT+0", "GMT-0", "Factory", "localtime", "posixrules"})
_COPIES = ("posix/", "right/")
_ABBREVIATIONS: Mapping[str, str] = {
    **dict.fromkeys(("CET", "CEST", "MEZ", "MESZ"), "Europe/Berlin"),
    **dict.fromkeys(("BST", "GMT/BST"), "Europe/London"),
    **dict.fromkeys(("EET", "EEST"), "Europe/Athens"),
    **dict.fromkeys(("WET", "WEST"), "Europe/Lisbon"),
    **dict.fromkeys(("MSK", "MSD"), "Europe/Moscow"),
    **dict.fromkeys(("ET", "EST", "EDT"), "America/New_York"),
    **dict.fromkeys(("CT", "CST", "CDT"), "America/Chicago"),
    **dict.fromkeys(("MT", "MST", "MDT"), "America/Denver"),
    **dict.fromkeys(("PT", "PST", "PDT"), "America/Los_Angeles"),
    **dict.fromkeys(("HST", "HDT"), "Pacific/Honolulu"),
    **dict.fromkeys(("AEST", "AEDT"), "Australia/Sydney"),
    **dict.fromkeys(("NZST", "NZDT"), "Pacific/Auckland"),
    "IST": "Asia/Kolkata",
    "JST": "Asia/Tokyo",
    "SGT": "Asia/Singapore",
    "BRT": "America/Sao_Paulo",
}
_OFFSET = re.compile(r"(?:UTC|GMT)?([+-])0?([0-9]{1,2})(?::?00)?", re.IGNORECASE)


def is_zone(name: str) -> bool:
    """Whether a time zone exists, for the checks here and for the job that runs."""
    if name == "UTC":
        return True
    if name in _NOT_IN_JAVA or name.startswith(_COPIES):
        return False
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def zone_hint(name: str) -> str:
    """What to write instead of a zone that does not exist."""
    abbreviated = _ABBREVIATIONS.get(name.upper())
    if abbreviated:
        return f"write a region, whose clocks change as they do there, such as {abbreviated}"
    offset = _OFFSET.fullmatch(name)
    if offset:
        # the sign of these names is the other way round
        sign = "-" if offset[1] == "+" else "+"
        return (
            f"write a region such as Europe/Berlin, or Etc/GMT{sign}{offset[2]} for what is {offset[1]}{offset[2]}:00"
        )
    meant = "UTC" if name.upper() in ("UTC", "Z", "GMT", "ZULU") else _nearest(name)
    return f"did you mean '{meant}'?" if meant else "names are those of the IANA, such as Europe/Berlin"


def _nearest(name: str) -> str | None:
    """The region that is most like a name, or whose last part is."""
    regions = [zone for zone in available_timezones() if "/" in zone and not zone.startswith((*_COPIES, "Etc/"))]
    cities = {zone.rsplit("/", 1)[1]: zone for zone in sorted(regions, reverse=True)}
    whole = closest(name, regions)
    city = closest(name, cities) if "/" not in name else None
    return cities[city] if city else whole
