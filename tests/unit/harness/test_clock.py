from harness.clock import VARIABLE, Clock


def test_without_an_end_everything_may_begin() -> None:
    clock = Clock.of({})
    assert not clock.ends
    assert not clock.forbids("a year", 365 * 86_400)


def test_what_does_not_fit_is_said_in_minutes() -> None:
    clock = Clock(1_000.0, now=lambda: 880.0)
    assert clock.ends
    assert not clock.forbids("a test", 120)
    assert clock.forbids("a test", 240) == "the clock: a test may take 4 minutes, and 2 are left"


def test_after_the_end_nothing_is_left() -> None:
    clock = Clock.of({VARIABLE: "1"})
    assert clock.forbids("a test", 60) == "the clock: a test may take 1 minutes, and 0 are left"
