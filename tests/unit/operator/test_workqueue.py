import asyncio
from collections.abc import Awaitable, Callable

import pytest

from fraud_operator import workqueue
from fraud_operator.health import Pulse
from fraud_operator.names import Key
from fraud_operator.workqueue import WorkQueue

A, B = Key("ns", "a"), Key("ns", "b")


def run(queue: WorkQueue, story: Callable[[], Awaitable[None]]) -> None:
    async def both() -> None:
        task = asyncio.create_task(queue.run())
        await story()
        task.cancel()

    asyncio.run(both())


def test_a_detector_is_looked_at_once_at_a_time_and_again_when_asked_meanwhile() -> None:
    looks: list[str] = []
    going = asyncio.Event()

    async def look(key: Key) -> None:
        looks.append("begin")
        await asyncio.sleep(0.05)
        looks.append("end")

    queue = WorkQueue(look, workers=4)

    async def story() -> None:
        queue.add(A)
        await asyncio.sleep(0.02)
        queue.add(A)
        queue.add(A)
        await asyncio.sleep(0.2)
        going.set()

    run(queue, story)
    assert looks == ["begin", "end", "begin", "end"]
    assert not queue.known(A)


def test_it_comes_back_when_it_asked_to() -> None:
    looks = 0

    async def look(key: Key) -> float:
        nonlocal looks
        looks += 1
        return 0.02

    queue = WorkQueue(look, workers=1)

    async def story() -> None:
        queue.add(A)
        await asyncio.sleep(0.2)
        assert queue.known(A)

    run(queue, story)
    assert 3 <= looks <= 12


def test_news_comes_before_the_resync() -> None:
    looks: list[Key] = []

    async def look(key: Key) -> float:
        looks.append(key)
        return 60.0

    queue = WorkQueue(look, workers=1)

    async def story() -> None:
        queue.add(A)
        await asyncio.sleep(0.05)
        queue.add(A)
        await asyncio.sleep(0.05)

    run(queue, story)
    assert looks == [A, A]


def test_no_more_than_so_many_at_once_and_none_while_closed() -> None:
    most = now = 0
    open_ = False

    async def look(key: Key) -> None:
        nonlocal most, now
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.01)
        now -= 1

    queue = WorkQueue(look, workers=2, open_=lambda: open_)

    async def story() -> None:
        nonlocal open_
        for number in range(8):
            queue.add(Key("ns", str(number)))
        await asyncio.sleep(0.05)
        assert most == 0
        open_ = True
        await asyncio.sleep(1.3)

    run(queue, story)
    assert most == 2


def test_a_look_that_fails_stops_nobody() -> None:
    looks: list[Key] = []

    async def look(key: Key) -> None:
        looks.append(key)
        if key == A:
            raise RuntimeError

    queue = WorkQueue(look, workers=1)

    async def story() -> None:
        queue.add(A)
        queue.add(B)
        await asyncio.sleep(0.05)
        assert queue.known(A)

    run(queue, story)
    assert looks == [A, B]


def test_a_queue_that_rests_for_long_lives(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workqueue, "_LONGEST_WAIT_SECONDS", 0.1)
    pulse = Pulse()

    async def look(key: Key) -> float:
        return 1_200.0

    queue = WorkQueue(look, workers=4, pulse=pulse)

    async def story() -> None:
        queue.add(A)
        await asyncio.sleep(0.5)
        assert pulse.missed() == []

    run(queue, story)
