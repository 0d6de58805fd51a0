"""The campaign without a cluster: what is planned, what is told, and that one fault's trouble is its own."""

import time
from collections.abc import Mapping
from unittest.mock import Mock

import pytest
from chaos import runner
from chaos.faults import Fault
from chaos.place import Place
from chaos.results import Result, Round
from chaos.runner import END_SECONDS, Campaign
from harness.clock import Clock

RIGHT = Round(to_ready=1, in_all=2, expected=3, lost=0, doubled=0, again=0, strange=0)
LOST = Round(to_ready=1, in_all=2, expected=3, lost=1, doubled=0, again=0, strange=0)


def fault(name: str, round_seconds: float = 10) -> Fault:
    return Fault(name, name, Mock(), round_seconds, setup_seconds=10)


class Places:
    """Stands in for places, and remembers what became of them."""

    def __init__(self) -> None:
        self.made: list[Mock] = []
        self.kept: list[str] = []

    def make(self, *_: object) -> Mock:
        self.made.append(Mock(spec=Place, round=0, namespace=f"n{len(self.made)}"))
        return self.made[-1]

    def keep(self, _: object, namespace: str, directory: object) -> None:
        self.kept.append(namespace)


@pytest.fixture
def places(monkeypatch: pytest.MonkeyPatch) -> Places:
    found = Places()
    monkeypatch.setattr(runner, "Place", found.make)
    monkeypatch.setattr(runner, "keep", found.keep)
    monkeypatch.setattr(runner, "one_round", lambda place, fault: RIGHT)
    return found


def run(blocks: runner.Block, minutes: float, wanted: int = 3) -> tuple[Mapping[str, Result], list[int]]:
    """All results, and how many rounds there were each time that they were written."""
    seen: list[int] = []
    hour = Clock(time.time() + minutes * 60)
    campaign = Campaign(Mock(), Mock(), hour, wanted, lambda line: None)
    return campaign.run(blocks, lambda found: seen.append(sum(len(one.rounds) for one in found.values()))), seen


def test_every_fault_has_its_rounds_and_all_is_written_after_each_block(places: Places) -> None:
    found, seen = run((((fault("a"), fault("b")), (fault("c"),)), ((fault("d"),),)), minutes=10)
    assert all(len(one.rounds) == 3 and not one.left_out for one in found.values())
    assert seen == [9, 12]
    assert all(place.come_up.called and place.leave.called for place in places.made)
    assert places.kept == []


def test_what_the_clock_leaves_out_is_said_and_time_that_was_saved_is_used(places: Places) -> None:
    left = (END_SECONDS + 45) / 60
    found, _ = run((((fault("a"),),), ((fault("b"),),)), minutes=left)
    # there was time for one round of each; the first took none
    assert [len(one.rounds) for one in found.values()] == [1, 3]
    assert found["a"].left_out == "2 of 3 rounds left out: the clock"
    assert not found["b"].left_out


def test_nothing_begins_after_the_end(places: Places) -> None:
    found, _ = run((((fault("a"),),),), minutes=0)
    assert not places.made
    assert found["a"].left_out == "3 of 3 rounds left out: the clock"


def test_a_slow_fault_leaves_the_next_one_its_first_round(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(place: Place, fault: Fault) -> Round:
        time.sleep(0.3 if fault.name == "slow" else 0)
        return RIGHT

    monkeypatch.setattr(runner, "one_round", slow)
    # planned: five rounds of 0.1 s and one of the other; each takes 0.3 s
    quick = Fault("quick", "", Mock(), 0.1, setup_seconds=0)
    lame = Fault("slow", "", Mock(), 0.1, setup_seconds=0)
    found, _ = run((((lame,),), ((quick,),)), minutes=(END_SECONDS + 0.75) / 60, wanted=5)
    assert len(found["slow"].rounds) < 5
    assert found["slow"].left_out
    assert found["quick"].rounds


def test_a_fault_that_fails_is_kept_and_the_others_go_on(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(place: Place, fault: Fault) -> Round:
        if fault.name == "a" and place.round == 2:
            raise AssertionError("it does not come back")
        return RIGHT

    monkeypatch.setattr(runner, "one_round", failing)
    found, _ = run((((fault("a"), fault("b")),),), minutes=10)
    assert found["a"].problems() == ["round 2: AssertionError: it does not come back"]
    assert not found["a"].left_out
    assert len(found["b"].rounds) == 3
    assert places.kept == ["n0", "fraud-system"]
    assert places.made[0].leave.called


def test_a_place_that_can_not_be_made_is_its_fault_s_failure(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "Place", Mock(side_effect=OSError("no cluster")))
    found, _ = run((((fault("a"),),),), minutes=10)
    assert found["a"].failure == "OSError: no cluster"


def test_what_was_lost_is_kept_and_does_not_end_the_rounds(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "one_round", lambda place, fault: LOST)
    found, _ = run((((fault("a"),),),), minutes=10)
    assert len(found["a"].problems()) == 3
    assert places.kept == ["n0", "fraud-system"]


def test_after_an_interruption_nothing_begins(places: Places) -> None:
    campaign = Campaign(Mock(), Mock(), Clock(time.time() + 600), 3, lambda line: None)
    with pytest.raises(KeyboardInterrupt):
        campaign._await([Mock(result=Mock(side_effect=KeyboardInterrupt))])
    assert campaign.stop.is_set()
    assert not campaign.run((((fault("a"),),),), lambda found: None)["a"].rounds
    assert not places.made


def test_nobody_strikes_before_the_detectors_beside_it_are_up(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []

    def make(*_: object) -> Mock:
        place = places.make()
        slow = len(places.made) == 1

        def come_up() -> None:
            time.sleep(0.2 if slow else 0)
            order.append("up")
            if slow:
                raise AssertionError("it does not come up")

        place.come_up.side_effect = come_up
        return place

    def one_round(place: Place, fault: Fault) -> Round:
        order.append("strike")
        return RIGHT

    monkeypatch.setattr(runner, "Place", make)
    monkeypatch.setattr(runner, "one_round", one_round)
    found, _ = run((((fault("a"),), (fault("b"),)),), minutes=10, wanted=1)
    assert order == ["up", "up", "strike"]
    assert sorted(one.failure for one in found.values()) == ["", "AssertionError: it does not come up"]
    assert all(place.leave.called for place in places.made)
