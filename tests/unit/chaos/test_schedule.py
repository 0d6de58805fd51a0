from dataclasses import dataclass

import pytest
from chaos.faults import BLOCKS, FAULTS, only
from chaos.runner import END_SECONDS
from chaos.schedule import least, plan, seconds

UP_SECONDS = 90


@dataclass(frozen=True)
class Fault:
    name: str
    round_seconds: float
    setup_seconds: float = 10


LONG, SHORT, LATER = Fault("long", 100), Fault("short", 20), Fault("later", 30)
SIDE_BY_SIDE = (((LONG,), (SHORT,)), ((LATER,),))


def test_a_block_takes_as_long_as_its_longest_lane() -> None:
    assert seconds(SIDE_BY_SIDE, {"long": 1, "short": 2, "later": 3}) == 110 + 100
    assert seconds(SIDE_BY_SIDE, {"long": 0, "short": 2, "later": 0}) == 50
    assert seconds((((LONG, SHORT),),), {"long": 1, "short": 1}) == 110 + 30


def test_where_there_is_time_everything_has_all_its_rounds() -> None:
    assert plan(SIDE_BY_SIDE, 5, 10_000) == {"long": 5, "short": 5, "later": 5}
    assert plan(SIDE_BY_SIDE, 1, 10_000) == {"long": 1, "short": 1, "later": 1}
    assert plan(SIDE_BY_SIDE, 0, 10_000) == {"long": 0, "short": 0, "later": 0}


def test_what_is_short_comes_before_a_second_round_of_what_is_long() -> None:
    # 110 for the first block, in which five short ones cost nothing, and what is left for the other
    assert plan(SIDE_BY_SIDE, 5, 110 + 10 + 5 * 30) == {"long": 1, "short": 5, "later": 5}
    assert plan(SIDE_BY_SIDE, 5, 110 + 10 + 4 * 30) == {"long": 1, "short": 5, "later": 4}
    assert plan(SIDE_BY_SIDE, 5, 210 + 10 + 5 * 30) == {"long": 2, "short": 5, "later": 5}


def test_what_does_not_fit_at_all_is_left_out_and_the_rest_is_not() -> None:
    assert plan(SIDE_BY_SIDE, 5, 100) == {"long": 0, "short": 2, "later": 1}
    assert plan(SIDE_BY_SIDE, 5, 20) == {"long": 0, "short": 0, "later": 0}


def test_what_comes_later_keeps_room_for_one_round() -> None:
    assert least({"long": 0, "short": 2, "later": 1}) == {"long": 0, "short": 1, "later": 1}


def test_an_hour_holds_one_round_of_what_takes_minutes_and_five_of_all_else() -> None:
    left = 3600 - UP_SECONDS - END_SECONDS
    rounds = plan(BLOCKS, 5, left)
    assert {name for name, count in rounds.items() if count == 1} == {"taskmanager", "api-server", "elasticsearch-down"}
    assert all(count in (1, 5) for count in rounds.values()), rounds
    # the sum in the schedule's own words
    assert seconds(BLOCKS, rounds) == 3390


def test_faults_are_told_apart_by_name() -> None:
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)


def test_only_some_faults_keep_their_order_and_their_lanes() -> None:
    assert [[[fault.name for fault in lane] for lane in block] for block in only(["upgrade", "poison", "late"])] == [
        [["poison"]],
        [["upgrade"], ["late"]],
    ]
    assert sum(len(lane) for block in only([]) for lane in block) == len(FAULTS)


def test_a_fault_that_does_not_exist_is_named() -> None:
    with pytest.raises(ValueError, match="no fault is called brokers; there are taskmanager, api-server"):
        only(["brokers", "poison"])
