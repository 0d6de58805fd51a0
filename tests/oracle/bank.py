"""Bank customers: who turns risky, who is blocked, and everybody's record."""

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal

from oracle.events import DAY, MINUTE, Event, Streams, by, iso, local, read, tumbling
from oracle.expected import Alert, Expected, Row, Rule, plain

LARGE = 3_000
LARGE_ABROAD = 1_000
HIGH_RISK = 3
BLOCKED_FOR = 30 * DAY
REMEMBERED_FOR = 365 * DAY
RULE = Rule("bank", "customer-turns-high", "Critical", "customer")


def expected(streams: Streams, namespace: str) -> Expected:
    """Alerts and the block list, each customer's record and each minute's figures."""
    events = read(streams["bank_transactions"], "transaction_id", "timestamp", int)
    customers = by(events, "customer_id")
    turned = [(alert, event) for own in customers.values() for alert, event in _turns(own)]
    return Expected(
        [alert for alert, _ in turned],
        latest={
            "customer-risk": {customer: _record(customer, own) for customer, own in customers.items()},
            "fraud-dashboard": {local(start): _minute(start, own) for (start, _), own in _minutes(events).items()},
        },
        blocked={alert.entity: _blocked(alert, event, namespace) for alert, event in turned},
    )


def is_fraud(event: Event) -> bool:
    """The bank's verdict on one transaction."""
    abroad = event["country"] != event["home_country"]
    return event["amount"] > LARGE or (abroad and event["amount"] > LARGE_ABROAD)


def _turns(ordered: list[Event]) -> Iterator[tuple[Alert, Event]]:
    """The steps of a customer from below High to High, each told of at the last fraud of its instant.

    All transactions of one instant count at once; a year without any makes a customer a new one.
    """
    known: list[Event] = []
    for time in sorted({event.time for event in ordered}):
        if known and time - known[-1].time > REMEMBERED_FOR:
            known = []
        before = sum(map(is_fraud, known))
        known += [event for event in ordered if event.time == time]
        frauds = sum(map(is_fraud, known))
        if before < HIGH_RISK <= frauds:
            last = max((event for event in known if event.time == time and is_fraud(event)), key=lambda one: one.turn)
            yield _alert(last, frauds, tuple(known)), last


def _alert(event: Event, frauds: int, known: tuple[Event, ...]) -> Alert:
    customer, name, amount = event["customer_id"], event["customer_name"], event["amount"]
    reason = (
        f"{name} has {frauds} fraudulent transactions, the last of {plain(amount)}: "
        f"risk is High from {HIGH_RISK} on"
    )  # fmt: skip
    row = {
        "transaction_id": event["transaction_id"], "customer_id": customer, "customer_name": name, "amount": amount,
        "fraud": 1, "frauds": frauds,
    }  # fmt: skip
    return Alert(RULE, customer, event.id, event.time, reason, (row,), count=len(known), newest=known)


def _blocked(alert: Alert, event: Event, namespace: str) -> Row:
    return {
        "who": alert.entity,
        "entity_type": "customer",
        "why": alert.reason,
        "when": iso(event.time),
        "until": iso(event.time + BLOCKED_FOR),
        "amount": event["amount"],
        "rule": RULE.name,
        "alert_id": alert.alert_id(namespace),
    }


def _record(customer: str, events: list[Event]) -> Row:
    frauds = sum(is_fraud(event) for event in events)
    return {
        "customer_id": customer,
        "Name": max(event["customer_name"] for event in events),
        "Total_Txns": len(events),
        "Fraud_Txns": frauds,
        "Avg_Amount": _average([event["amount"] for event in events]),
        "Risk_Level": "High" if frauds >= HIGH_RISK else "Moderate" if frauds else "Low",
    }


def _average(amounts: list[Decimal]) -> Decimal:
    """As SQL has it: an average of DECIMAL has six decimals, and is then cut to two; both times half goes up."""
    six = (sum(amounts, Decimal(0)) / len(amounts)).quantize(Decimal("0.000001"), ROUND_HALF_UP)
    return six.quantize(Decimal("0.01"), ROUND_HALF_UP)


def _minutes(events: list[Event]) -> dict[tuple[int, int], list[Event]]:
    return tumbling(events, MINUTE)


def _minute(start: int, events: list[Event]) -> Row:
    frauds = [event for event in events if is_fraud(event)]
    return {
        "minute": local(start),
        "transactions": len(events),
        "frauds": len(frauds),
        "amount": sum(event["amount"] for event in events),
        "fraud_amount": sum((event["amount"] for event in frauds), Decimal(0)),
    }
