"""What Flink's complaints become."""

import pytest
from py4j import protocol

from fraud_job.flink import java_message


class Throwable:
    """As much of a Java exception as is looked at."""

    def __init__(self, message: str | None, cause: "Throwable | None" = None) -> None:
        self.message = message
        self.cause = cause

    def getMessage(self) -> str | None:  # noqa: N802
        return self.message

    def getCause(self) -> "Throwable | None":  # noqa: N802
        return self.cause


class Py4JError(Exception):
    """Carries a Java exception."""

    def __init__(self, thrown: Throwable) -> None:
        super().__init__("An error occurred")
        self.java_exception = thrown


def test_the_innermost_message_counts() -> None:
    thrown = Throwable("SQL validation failed", Throwable("No match found\nfor function NOSUCH", Throwable(None)))
    assert java_message(Py4JError(thrown)) == "No match found for function NOSUCH"


def test_a_page_of_keywords_is_left_out() -> None:
    thrown = Throwable('Encountered "at" at line 1, column 48.\nWas expecting one of:\n    "ABS" ...\n    "ARRAY" ...')
    assert java_message(Py4JError(thrown)) == (
        'Encountered "at" at line 1, column 48. If it is a name, put it in backquotes.'
    )


@pytest.mark.parametrize(
    ("trace", "message"),
    [
        ("org.apache.flink.table.api.TableException: too long: 4\n\tat a.b.C(D.java:1)\n\tat e", "too long: 4"),
        ("a.b.Outer: x\n    at a.b(C.java)\nCaused by: a.b.Inner: why\nand how\n\tat d\n\t... 3 more", "why and how"),
        ("java.lang.NullPointerException\n\tat a", "java.lang.NullPointerException"),
        ("no trace at all", "no trace at all"),
        ("", ""),
    ],
)
def test_traces_are_cut_to_their_cause(trace: str, message: str) -> None:
    assert java_message(RuntimeError(trace)) == message


def test_a_jvm_that_is_gone_is_told_in_our_own_words() -> None:
    gone = protocol.Py4JError("An error occurred while calling o233.get")
    for error in (gone, protocol.Py4JNetworkError("Answer from Java side is empty")):
        assert java_message(error) == "Flink's Java process ended unexpectedly"
