"""Pacing, stopping, files, several processes."""

import threading
from itertools import pairwise
from pathlib import Path

import orjson
import pytest
from unit.generator.rules import data

from fraud_generator import FileTarget, NullTarget, Progress, Settings, SettingsError, SinkError, run
from fraud_generator.pacing import Pacer


class Clock:
    """Time that passes only by sleeping, and a bit with every look."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        self.now += 1e-6
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds * 1.1


@pytest.mark.parametrize(("rate", "count"), [(1_000, 5_000), (50_000, 200_000), (3, 20)])
def test_rate_is_steady(rate: float, count: int) -> None:
    clock, seen = Clock(), []
    done = run(
        "transactions", Settings(count=count, closing=False), NullTarget(),
        rate=rate, clock=clock, sleep=clock.sleep, progress=seen.append, every=1.0,
    )  # fmt: skip
    assert done.sent == count
    assert done.rate == pytest.approx(rate, rel=0.02)
    steps = [(b.sent - a.sent) / (b.seconds - a.seconds) for a, b in pairwise(seen)]
    assert all(step == pytest.approx(rate, rel=0.05 if rate > 100 else 0.5) for step in steps)


def test_pieces_are_small() -> None:
    pacer = Pacer(1_000, Clock(), lambda seconds: None)
    assert [len(piece) for piece in pacer.slices(range(25))] == [10, 10, 5]
    assert [len(piece) for piece in Pacer(None, Clock(), lambda seconds: None).slices(range(25))] == [25]


def test_a_short_delay_is_made_up_for_and_a_long_one_is_not() -> None:
    clock = Clock()
    pacer = Pacer(100, clock, clock.sleep)
    clock.now += 5
    before = clock.now
    pacer.wait(100, lambda: False)
    assert clock.now - before < 0.1
    clock.now += 60
    pacer.wait(100, lambda: False)
    before = clock.now
    pacer.wait(100, lambda: False)
    assert clock.now - before == pytest.approx(1.0, abs=0.1)


def test_flat_out_never_sleeps() -> None:
    def refuse(seconds: float) -> None:
        raise AssertionError("slept")

    assert run("accounts", Settings(count=100), NullTarget(), sleep=refuse).sent == 102


def test_stop_by_event_ends_an_endless_run() -> None:
    stop = threading.Event()

    def progress(now: Progress) -> None:
        if now.sent > 5_000:
            stop.set()

    done = run("transactions", Settings(endless=True), NullTarget(), stop=stop, progress=progress, every=0.0)
    assert done.stopped
    assert 5_000 < done.sent < 20_000


def test_stop_interrupts_a_long_wait() -> None:
    clock = Clock()
    done = run(
        "transactions", Settings(endless=True), NullTarget(),
        rate=0.001, stop=lambda: clock.now > 101, clock=clock, sleep=clock.sleep,
    )  # fmt: skip
    assert (done.sent, done.stopped) == (1, True)
    assert clock.now < 102


@pytest.mark.parametrize("arguments", [{"rate": 0}, {"rate": -1}, {"processes": 0}, {"processes": 3}])
def test_refuses_what_cannot_work(arguments: dict) -> None:
    with pytest.raises(SettingsError):
        run("transactions", Settings(count=1), NullTarget(), **arguments)


def test_several_processes_share_the_work() -> None:
    seen: list[Progress] = []
    done = run("transactions", Settings(count=20_001), NullTarget(), processes=2, progress=seen.append, every=0.01)
    assert (done.sent, done.acknowledged, done.stopped) == (20_003, 20_003, False)
    assert seen


def test_several_processes_stop_together() -> None:
    stop = threading.Event()
    threading.Timer(1.0, stop.set).start()
    done = run("transactions", Settings(endless=True), NullTarget(), processes=2, rate=2_000, stop=stop)
    assert done.stopped
    assert done.sent < 20_000


def lines(path: Path) -> list[bytes]:
    return path.read_bytes().splitlines()


def test_directory_has_a_file_for_each_stream_and_the_labels(tmp_path: Path) -> None:
    out = tmp_path / "new" / "payments"
    run("payments", Settings(count=2_000), FileTarget(out))
    traffic = data("payments", count=2_000)
    assert sorted(path.name for path in out.iterdir()) == ["labels.jsonl", "order.jsonl", "payment.jsonl"]
    for stream in ("order", "payment"):
        assert lines(out / f"{stream}.jsonl") == [r.value for r in traffic.records if r.stream == stream]
    assert [orjson.loads(line) for line in lines(out / "labels.jsonl")] == traffic.labels


def test_one_file_for_one_stream(tmp_path: Path) -> None:
    run("bank", Settings(count=500), FileTarget(tmp_path / "bank.jsonl", tmp_path / "truth.jsonl"))
    assert len(lines(tmp_path / "bank.jsonl")) == 502
    assert len(lines(tmp_path / "truth.jsonl")) == len(data("bank", count=500).labels)
    with pytest.raises(SettingsError, match="clicks, displays"):
        run("ad-clicks", Settings(), FileTarget(tmp_path / "clicks.jsonl"))


def test_a_tombstone_is_a_line(tmp_path: Path) -> None:
    run("accounts", Settings(count=300, poison=0.1, oversized=0), FileTarget(tmp_path / "a.jsonl"))
    assert b"null" in lines(tmp_path / "a.jsonl")
    assert len(lines(tmp_path / "a.jsonl")) == len(data("accounts", count=300, poison=0.1, oversized=0).records)


def test_files_want_one_process(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="only send to Kafka"):
        run("bank", Settings(), FileTarget(tmp_path), processes=2)


def test_full_disk_and_forbidden_places(tmp_path: Path) -> None:
    with pytest.raises(SinkError, match="No space left"):
        run("bank", Settings(count=10), FileTarget(Path("/dev/full")))
    (tmp_path / "file").touch()
    with pytest.raises(SinkError, match="cannot write"):
        run("bank", Settings(count=10), FileTarget(tmp_path / "file" / "below"))
