"""Standard output, for programs that may stop reading it."""

import sys


class ReaderGone(Exception):
    """Who read our output wants no more (``| head``), which is no error.

    Not a BrokenPipeError: typer would take that for a failure.
    """


def write(data: bytes) -> None:
    """Write bytes. Raises ReaderGone when nobody reads them."""
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise ReaderGone from None


def line(text: str) -> None:
    """Write a line. Raises ReaderGone when nobody reads it."""
    try:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        raise ReaderGone from None
