"""What an answer means for a document, and which offsets may be committed."""

from concurrent.futures import Future

import pytest

from fraud_services.indexer.answers import Fate, fate
from fraud_services.indexer.bulk import Stopped
from fraud_services.indexer.commits import Ledger, Sent


@pytest.mark.parametrize(
    ("what", "status", "kind", "expected"),
    [
        ("create", 201, None, Fate.DONE),
        ("delete", 404, None, Fate.DONE),
        ("create", 409, "version_conflict_engine_exception", Fate.KNOWN),
        ("index", 429, "es_rejected_execution_exception", Fate.AGAIN),
        ("index", 503, "unavailable_shards_exception", Fate.AGAIN),
        ("index", 403, "cluster_block_exception", Fate.AGAIN),
        ("index", 404, "index_not_found_exception", Fate.AGAIN),
        ("index", 400, "validation_exception", Fate.AGAIN),
        ("index", 400, "document_parsing_exception", Fate.REFUSED),
        ("index", 400, "strict_dynamic_mapping_exception", Fate.REFUSED),
        ("index", 500, "something_exception", Fate.UNSURE),
    ],
)
def test_fates(what: str, status: int, kind: str | None, expected: Fate):
    item = {"status": status} | ({"error": {"type": kind, "reason": "r"}} if kind else {})
    assert fate({what: item})[0] is expected


def test_a_reason_has_its_cause():
    error = {"type": "document_parsing_exception", "reason": "r", "caused_by": {"type": "t", "reason": "deeper"}}
    assert fate({"index": {"status": 400, "error": error}})[1] == "document_parsing_exception: r (deeper)"


def sent(end: int, place: tuple[str, int] = ("t", 0)) -> Sent:
    return Sent(Future(), {place: end})


def test_offsets_are_committed_in_order():
    ledger, first, second = Ledger(), sent(10), sent(20)
    ledger.add(first)
    ledger.add(second)
    second.outcome.set_result(None)
    ledger.settle()
    assert (ledger.take(), ledger.on_the_way) == ({}, 2)
    first.outcome.set_result(None)
    ledger.settle()
    assert (ledger.take(), ledger.on_the_way) == ({("t", 0): 20}, 0)
    assert ledger.take() == {}


def test_partitions_that_went_to_others_are_not_committed():
    ledger, mine, lost = Ledger(), sent(10, ("t", 0)), sent(20, ("t", 1))
    for one in (mine, lost):
        ledger.add(one)
    mine.outcome.set_result(None)
    ledger.settle()
    ledger.forget([("t", 0), ("t", 1)])
    lost.outcome.set_result(None)
    ledger.settle()
    assert ledger.take() == {}


def test_what_was_not_settled_is_not_committed():
    ledger, one = Ledger(), sent(10)
    ledger.add(one)
    one.outcome.set_exception(Stopped())
    with pytest.raises(Stopped):
        ledger.settle()
    assert ledger.take() == {}
