from collections.abc import Callable

from fraud_operator import status
from fraud_operator.reasons import Reason
from fraud_operator.status import Said

READY = Said("True", Reason.RUNNING, "all tasks run")
NOT = Said("False", Reason.RESTARTING, "again")


def always(generation: int) -> Callable[[str], int]:
    return lambda _: generation


def test_the_time_of_a_transition_moves_only_with_the_status() -> None:
    first = status.merged([], {"Ready": READY}, always(1), "t1")
    again = status.merged(first, {"Ready": Said("True", Reason.RUNNING, "other words")}, always(2), "t2")
    flipped = status.merged(again, {"Ready": NOT}, always(2), "t3")
    assert [one[0]["lastTransitionTime"] for one in (first, again, flipped)] == ["t1", "t1", "t3"]
    assert again[0]["observedGeneration"] == 2
    assert again[0]["message"] == "other words"


def test_conditions_of_others_stay() -> None:
    theirs = {"type": "IndicesReady", "status": "True"}
    assert theirs in status.merged([theirs], {"Ready": READY}, always(1), "t")


def test_a_long_message_is_cut() -> None:
    (made,) = status.merged([], {"Ready": Said("False", Reason.INVALID_SPEC, "x" * 10_000)}, always(1), "t")
    assert len(made["message"]) == 4096


def test_a_patch_has_what_changed_and_nothing_else() -> None:
    before = {"phase": "Running", "job": {"id": "a", "restarts": 1}, "records": {"in": 1}}
    after = {"phase": "Running", "job": {"id": "a", "restarts": 2}, "records": None}
    assert status.patch(before, after) == {"job": {"restarts": 2}, "records": None}
    assert status.patch(before, {"phase": "Running"}) == {}
    assert status.patch({}, {"job": None}) == {}
