"""Strikes: block after block, lane beside lane, round after round, and always within the time."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from chaos.faults import Fault
from chaos.place import Place
from chaos.results import Result, Round
from chaos.schedule import Rounds, least, plan, seconds
from harness.clock import Clock
from harness.cluster import OPERATOR_NAMESPACE, Cluster
from harness.kafka import Broker
from harness.kind import KEPT, keep
from harness.steady import LOT, PAUSE_SECONDS, Steady

END_SECONDS = 90.0
"""For what comes behind the last round."""
_OUTLASTING_SECONDS = 180.0
"""So much longer than a round should take there is steady traffic."""
_SHOWN = 1_000

Block = Sequence[Sequence[Fault]]
Tell = Callable[[str], None]


@dataclass(frozen=True)
class Campaign:
    """All faults on one cluster.

    Attributes:
        hour: when everything has to be over.
        wanted: rounds a fault.
        tell: how it goes.
        stop: set when somebody has interrupted it: everything ends as soon as it has healed what it did.
    """

    cluster: Cluster
    kafka: Broker
    hour: Clock
    wanted: int
    tell: Tell
    stop: threading.Event = field(default_factory=threading.Event)

    def run(self, blocks: Sequence[Block], write: Callable[[Mapping[str, Result]], None]) -> Mapping[str, Result]:
        """Strike; ``write`` gets all results after each block."""
        results = {fault.name: Result(fault.what) for block in blocks for lane in block for fault in lane}
        for number, block in enumerate(blocks):
            left = self.hour.left() - END_SECONDS
            rounds = plan(blocks[number:], self.wanted, left)
            # what comes later shall have its first round, however slow this one is
            until = Clock(time.time() + left - seconds(blocks[number + 1 :], least(rounds)))
            together = threading.Barrier(len(block))
            with ThreadPoolExecutor(len(block)) as lanes:
                self._await([lanes.submit(self._lane, lane, rounds, until, results, together) for lane in block])
            write(results)
        return results

    def _await(self, lanes: Sequence["Future[None]"]) -> None:
        try:
            for lane in lanes:
                lane.result()
        except BaseException:
            self.stop.set()
            raise

    def _lane(
        self,
        lane: Sequence[Fault],
        rounds: Rounds,
        until: Clock,
        results: Mapping[str, Result],
        together: threading.Barrier,
    ) -> None:
        for number, fault in enumerate(lane):
            result = results[fault.name]
            may = rounds[fault.name] and not until.forbids(fault.name, fault.setup_seconds + fault.round_seconds)
            place = self._place(fault, result) if may and not self.stop.is_set() else None
            if number == 0:
                # who comes up needs the operator: nobody strikes before all have
                together.wait()
            if place:
                self._strike(fault, place, rounds[fault.name], until, result)
            lacking = self.wanted - len(result.rounds)
            if lacking and not result.failure:
                result.left_out = f"{lacking} of {self.wanted} rounds left out: the clock"
            self.tell(f"{fault.name}: {result.failure or result.left_out or 'done'}")

    def _place(self, fault: Fault, result: Result) -> Place | None:
        place = None
        try:
            place = Place(fault.load, fault.indexed, self.cluster, self.kafka, self.hour, self.stop)
            place.come_up()
        except Exception as error:
            result.failure = _said(error)
        return place

    def _strike(self, fault: Fault, place: Place, rounds: int, until: Clock, result: Result) -> None:
        try:
            while not result.failure and place.round < rounds and not until.forbids(fault.name, fault.round_seconds):
                place.round += 1
                result.rounds.append(one_round(place, fault))
                self.tell(f"{fault.name} {place.round}: {result.rounds[-1]}")
        except Exception as error:
            # whatever it is, it is this fault's; the others go on
            result.failure = _said(error)
        try:
            if result.problems():
                self._keep(fault, place)
            place.leave()
        except Exception as error:
            self.tell(f"{fault.name}: not tidied up: {_said(error)}")

    def _keep(self, fault: Fault, place: Place) -> None:
        for namespace in (place.namespace, OPERATOR_NAMESPACE):
            keep(self.cluster, namespace, KEPT / "chaos" / fault.name / namespace)


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:_SHOWN]


def one_round(place: Place, fault: Fault) -> Round:
    """One strike amid steady traffic."""
    events = int(LOT / PAUSE_SECONDS * (fault.round_seconds + _OUTLASTING_SECONDS))
    batch = fault.load.batch(place.round, events, place.namespace)
    steady = Steady(place.kafka, place.applied.detector, batch.records)
    try:
        fault.strike(place)
        took = place.recovered()
    finally:
        steady.finish()
    return place.settled(batch, took)
