"""Payments and the orders they pay for."""

from collections.abc import Sequence

from oracle.events import HOUR, MINUTE, Event, Streams, by, read, written
from oracle.expected import Alert, Expected, Row, Rule, of_event, plain
from oracle.velocity import first_hits

PARTNER_WITHIN = 15 * MINUTE
LARGE_PAYMENT = 5_000
PROVINCE_LIMIT = 100_000
SPEND_WITHIN = 10 * MINUTE
WITHOUT_ORDER = Rule("payments", "payment-without-order", "High", "order")
LARGE = Rule("payments", "large-payment", "Medium", "order")
PROVINCE = Rule("payments", "province-spend", "High", "province")
COLUMNS = ("createTime", "orderId", "payAmount", "payPlatform", "provinceId")


def expected(streams: Streams) -> Expected:
    """The alerts of the three rules, and each payment with its order."""
    payments = read(streams["payment"], "orderId", "createTime", written)
    orders = by(read(streams["order"], "orderId", "createTime", written), "orderId")
    pairs = [(payment, order) for payment in payments for order in _partners(payment, orders.get(payment.id, []))]
    paired = {id(payment) for payment, _ in pairs}
    alerts = [_lonely(payment) for payment in payments if id(payment) not in paired]
    alerts += [_large(payment) for payment in payments if payment["payAmount"] > LARGE_PAYMENT]
    for province, own in by(payments, "provinceId").items():
        alerts += first_hits(PROVINCE, str(province), own, SPEND_WITHIN, HOUR, _too_much)
    return Expected(alerts, appended={"sink": [_both(*pair) for pair in pairs]})


def _partners(payment: Event, orders: Sequence[Event]) -> list[Event]:
    return [order for order in orders if abs(order.time - payment.time) <= PARTNER_WITHIN]


def _row(payment: Event) -> Row:
    return {name: payment[name] for name in COLUMNS}


def _lonely(payment: Event) -> Alert:
    reason = f"payment of {plain(payment['payAmount'])} without an order within 15 minutes"
    return of_event(WITHOUT_ORDER, payment["orderId"], payment, reason, {"payment": _row(payment)})


def _large(payment: Event) -> Alert:
    reason = f"payment of {plain(payment['payAmount'])} is above {LARGE_PAYMENT}"
    return of_event(LARGE, payment["orderId"], payment, reason, _row(payment))


def _too_much(payment: Event, window: Sequence[Event]) -> tuple[str, Row] | None:
    spend = sum(event["payAmount"] for event in window)
    if spend <= PROVINCE_LIMIT:
        return None
    reason = f"{plain(spend)} spent in province {payment['provinceId']} within 10 minutes, more than {PROVINCE_LIMIT}"
    return reason, _row(payment) | {"spend": spend}


def _both(payment: Event, order: Event) -> Row:
    return {
        "orderId": payment["orderId"],
        "payTime": payment["createTime"],
        "orderTime": order["createTime"],
        "payAmount": payment["payAmount"],
        "payPlatform": payment["payPlatform"],
        "provinceId": payment["provinceId"],
        "category": order["category"],
        "merchantId": order["merchantId"],
    }
