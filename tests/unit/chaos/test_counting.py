import json

from chaos.counting import Counted, count, missing_and_extra
from harness.kafka import Message
from oracle.events import Event
from oracle.expected import Alert, Rule, of_event

NAMESPACE = "here"
RULE = Rule("transactions", "large", "High", "account")


def wanted(number: int) -> Alert:
    event = Event(1_704_067_200_000 + number, str(number), {})
    return of_event(RULE, "7", event, f"amount {number}", {"amount": number})


def written(alert: Alert, offset: int = 0, **otherwise: object) -> Message:
    document = alert.document(NAMESPACE)
    evidence = {"count": document.pop("count"), "ids": list(alert.ids or ())}
    document |= {"rule_version": "0123abcd", "row": alert.rows[0], "evidence": evidence, **otherwise}
    return Message(alert.key.encode(), json.dumps(document).encode(), {}, 0, offset)


def counted(*messages: Message, known: tuple[Alert, ...] = ()) -> Counted:
    three = [wanted(number) for number in (1, 2, 3)]
    return count(NAMESPACE, messages, three, {one.alert_id(NAMESPACE) for one in (*three, *known)})


def test_all_of_them_once() -> None:
    assert counted(*(written(wanted(number)) for number in (1, 2, 3))) == Counted(3, 0, 0, 0, 0)


def test_what_never_came_is_lost() -> None:
    assert counted(written(wanted(1)), written(wanted(3))) == Counted(3, 1, 0, 0, 0)
    assert counted() == Counted(3, 3, 0, 0, 0)


def test_the_same_again_is_no_double() -> None:
    messages = [written(wanted(number)) for number in (1, 2, 3)]
    again = [written(wanted(2), offset) for offset in (4, 5)]
    assert counted(*messages, *again) == Counted(3, 0, 0, 2, 0)


def test_another_text_under_the_same_id_is_one() -> None:
    messages = [written(wanted(number)) for number in (1, 2, 3)]
    assert counted(*messages, written(wanted(2), rule_version="another")) == Counted(3, 0, 1, 0, 0)


def test_an_alert_that_says_something_else_is_lost() -> None:
    wrong = written(wanted(2), row={"amount": 17})
    assert counted(written(wanted(1)), wrong, written(wanted(3))) == Counted(3, 1, 0, 0, 0)


def test_what_nobody_knows_is_strange_and_what_an_earlier_round_wanted_is_not() -> None:
    messages = [written(wanted(number)) for number in (1, 2, 3, 4)]
    assert counted(*messages) == Counted(3, 0, 0, 0, 1)
    assert counted(*messages, known=(wanted(4),)) == Counted(3, 0, 0, 0, 0)


def test_records_beside_are_compared_one_by_one() -> None:
    assert missing_and_extra([b"", b"", b"a"], [b"", b"a", b"b"]) == (1, 1)
    assert missing_and_extra([], []) == (0, 0)
