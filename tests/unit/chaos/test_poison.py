from chaos.loads import TRANSACTIONS
from chaos.poison import KINDS, poison
from differential.events import Record, stretch

UNDECODED = {"null bytes", "another encoding"}
"""Not looked at here: the interpreter of the documentation begins with text."""
BY_LIMITS = {"huge", "from the far future"}
"""Refused for their size and for the clock, which that interpreter does not have."""


def test_there_are_ten_kinds_and_no_two_records_alike_but_the_empty_ones() -> None:
    assert len(KINDS) == 10
    made = [value for number in range(10) for value in poison(number)]
    assert len(set(made)) == 91


def test_the_documentation_refuses_them() -> None:
    (stream,) = TRANSACTIONS.detector("here", indexed=False).spec.streams
    values = dict(zip(KINDS, poison(1), strict=True))
    plain = [values[kind].decode() for kind in KINDS if kind not in UNDECODED | BY_LIMITS]
    records = [Record(stream.name, 0, place, value) for place, value in enumerate(plain)]
    found = stretch(stream, records, {"amount", "account_id"})
    assert len(found.refused) == len(plain) == 6
    assert len(values["huge"]) > stream.max_record_bytes
    assert b"9999-" in values["from the far future"]
