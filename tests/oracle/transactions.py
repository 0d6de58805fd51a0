"""Card transactions: above 900 is fraud, and all go on unchanged."""

from oracle.events import Streams, read, written
from oracle.expected import Expected, Rule, of_event, plain

LIMIT = 900
RULE = Rule("transactions", "large-amount", "High", "account")
COLUMNS = ("transaction_id", "account_id", "amount", "merchant_id", "timestamp")


def expected(streams: Streams) -> Expected:
    """An alert for every amount above the limit, and the records split at it."""
    records = streams["transactions"]
    events = read(records, "transaction_id", "timestamp", written)
    large = [event["amount"] > LIMIT for event in events]
    alerts = [
        of_event(
            RULE,
            str(event["account_id"]),
            event,
            f"amount {plain(event['amount'])} is above {LIMIT}",
            {name: event[name] for name in COLUMNS},
        )
        for event, flagged in zip(events, large, strict=True)
        if flagged
    ]
    split = {
        "fraud": [record for record, flagged in zip(records, large, strict=True) if flagged],
        "legit": [record for record, flagged in zip(records, large, strict=True) if not flagged],
    }
    return Expected(alerts, unchanged=split)
