"""How often each fault strikes, so that all of it ends within the hour.

Faults that would disturb each other's measure never meet. Blocks follow one another; the lanes of a block begin
together, once the first detector of each is well, and run side by side; the faults of a lane follow one another. A
fault costs the seconds that its detector takes to be Ready and those of its rounds, a block its longest lane. With five
rounds of what is short and one of what takes minutes:

    block  lanes                                                                                              seconds
    1      taskmanager 90 + 620 | api-server 90 + 400, poison 60 + 5 x 25                                         710
    2      elasticsearch-down 90 + 325, elasticsearch-429 60 + 5 x 55 |
           jobmanager 90 + 5 x 55, upgrade 60 + 5 x 75 | late 90 + 5 x 50                                         800
    3      broker 60 + 5 x 110                                                                                    610
    4      operator 60 + 5 x 100                                                                                  560
    5      namespace 60 + 5 x 130                                                                                 710
                                                                                                                 3390

An hour has 3600: a minute and a half is for `hack/up` on a cluster that is there, and as much for the end. In block 1
the operator is deaf for five minutes, and nobody there needs it before it hears again: TaskManagers come back without
it, and the last of them is killed when it has long been well. In block 2 nobody needs what another one kills. Broker,
operator and namespace are everybody's, so each of these is alone.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol


class Timed(Protocol):
    """What takes time: once for its detector, and for each round."""

    @property
    def name(self) -> str: ...
    @property
    def setup_seconds(self) -> float: ...
    @property
    def round_seconds(self) -> float: ...


Block = Sequence[Sequence[Timed]]
"""Lanes."""
Rounds = Mapping[str, int]
"""How many, by fault."""


def seconds(blocks: Sequence[Block], rounds: Rounds) -> float:
    """What so many rounds take in all."""
    return sum(max(sum(_seconds(fault, rounds[fault.name]) for fault in lane) for lane in block) for block in blocks)


def _seconds(fault: Timed, rounds: int) -> float:
    return fault.setup_seconds + rounds * fault.round_seconds if rounds else 0.0


def plan(blocks: Sequence[Block], wanted: int, left: float) -> dict[str, int]:
    """How many rounds of each fault fit into the seconds that are left.

    First one of each, in order; then what is short gets all that are wanted before what is long gets a second one.
    """
    faults = [fault for block in blocks for lane in block for fault in lane]
    found = {fault.name: 0 for fault in faults}

    def fits(fault: Timed) -> bool:
        return seconds(blocks, found | {fault.name: found[fault.name] + 1}) <= left

    for fault in faults:
        found[fault.name] += wanted > 0 and fits(fault)
    for fault in sorted(faults, key=lambda fault: fault.round_seconds):
        while 0 < found[fault.name] < wanted and fits(fault):
            found[fault.name] += 1
    return found


def least(rounds: Rounds) -> dict[str, int]:
    """One round of each fault that has any."""
    return {name: min(1, count) for name, count in rounds.items()}
