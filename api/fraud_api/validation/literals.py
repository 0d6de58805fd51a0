"""Time zones and networks that are written out: those that don't exist are told before anything runs."""

import ipaddress

from sqlglot import exp

from fraud_api.problems import Place
from fraud_api.validation.report import Report
from fraud_api.zones import is_zone, zone_hint

_ZONED = frozenset({"LOCAL_HOUR", "LOCAL_WEEKDAY"})


def check_literals(report: Report, place: Place, tree: exp.Expr) -> None:
    """Report second arguments of our functions that mean nothing."""
    for call in tree.find_all(exp.Anonymous):
        written = _text(report, call.expressions[1]) if len(call.expressions) == 2 else None
        if written is None:
            continue
        if call.name.upper() in _ZONED:
            check_time_zone(report, place, written)
        elif call.name.upper() == "IN_NETWORK":
            _network(report, place, written)


def _text(report: Report, argument: exp.Expr) -> str | None:
    """What a literal or a parameter says; None for what differs from event to event."""
    if isinstance(argument, exp.Placeholder):
        return next((one.value for one in report.spec.parameters if one.name == argument.name), None)
    return argument.name if isinstance(argument, exp.Literal) and argument.is_string else None


def check_time_zone(report: Report, place: Place, name: str) -> None:
    """Report a time zone that does not exist."""
    if not is_zone(name):
        report.add(place, f"unknown time zone '{name}'", zone_hint(name))


def _network(report: Report, place: Place, written: str) -> None:
    try:
        ipaddress.ip_network(written, strict=False)
    except ValueError:
        report.add(place, f"'{written}' is no network", "write it like 10.0.0.0/8 or 2001:db8::/32")
