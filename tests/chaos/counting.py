"""What came of a round: alerts against those of the oracle, and what lies beside them. Pure."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from harness import agreement
from harness.kafka import Message
from oracle.expected import Alert


@dataclass(frozen=True)
class Counted:
    """Alerts of a round.

    Attributes:
        expected: how many the oracle wants.
        lost: how many of these were never written as the oracle has them.
        doubled: ids of these under which two different things were written.
        again: how often one was written another time, word for word: delivery is at least once.
        strange: ids that were written and that no oracle knows.
    """

    expected: int
    lost: int
    doubled: int
    again: int
    strange: int


def count(namespace: str, messages: Sequence[Message], wanted: Sequence[Alert], known: Collection[str]) -> Counted:
    """Compare what lies in the topic with what a round must have written.

    Args:
        namespace: the detector's.
        messages: everything in the topic of alerts.
        wanted: what the oracle wants of this round.
        known: ids that it wants of any round so far.
    """
    written: dict[str, list[Message]] = {}
    for message in messages:
        written.setdefault(str(message.json()["alert_id"]), []).append(message)
    mine = [(one, written.get(one.alert_id(namespace), [])) for one in wanted]
    variants = [(len(found), len({(message.key, message.value) for message in found})) for _, found in mine]
    return Counted(
        expected=len(wanted),
        lost=sum(not any(_right(namespace, message, one) for message in found) for one, found in mine),
        doubled=sum(different > 1 for _, different in variants),
        again=sum(all_of_it - different for all_of_it, different in variants),
        strange=len(written.keys() - set(known)),
    )


def _right(namespace: str, message: Message, wanted: Alert) -> bool:
    return not agreement.alerts(namespace, [message], [wanted])


def missing_and_extra(found: Iterable[bytes | None], wanted: Iterable[bytes | None]) -> tuple[int, int]:
    """How many records of a topic are missing, and how many are too much."""
    there, must = Counter(found), Counter(wanted)
    return (must - there).total(), (there - must).total()
