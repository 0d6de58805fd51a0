"""Accounts that spend more than 3,000 within five minutes by the clock."""

from oracle.events import MINUTE, Streams, by, read, tumbling, written
from oracle.expected import Expected, Rule, of_window, plain

MAX_SPEND = 3_000
WINDOW = 5 * MINUTE
RULE = Rule("accounts", "account-spend", "High", "account")


def expected(streams: Streams) -> Expected:
    """An alert for every account and window whose amounts add up to more than the limit."""
    events = read(streams["account_transactions"], "txn_id", "txn_time", written)
    alerts = []
    for account, own in by(events, "account_id").items():
        for window, within in tumbling(own, WINDOW).items():
            spend = sum(event["txn_amount"] for event in within)
            if spend > MAX_SPEND:
                reason = f"{plain(spend)} spent in {len(within)} transactions within 5 minutes, more than {MAX_SPEND}"
                row = {"account_id": account, "spend": spend, "transactions": len(within)}
                alerts.append(of_window(RULE, account, window, within, reason, row))
    return Expected(alerts)
