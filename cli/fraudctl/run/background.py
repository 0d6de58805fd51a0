"""Slow work beside the main thread, which stays free for the view and for Ctrl-C."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")

_POLL_SECONDS = 0.1


def in_background(work: Callable[[], T]) -> "Future[T]":
    """Do the work in a thread that does not keep the process alive."""
    future: Future[T] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:  # handed to who waits
            future.set_exception(error)

    threading.Thread(target=run, name="background", daemon=True).start()
    return future


def wait_for(work: Callable[[], T], tick: Callable[[], None]) -> T:
    """Do the work in the background and call ``tick`` until it is done; what ``tick`` raises ends the wait."""
    future = in_background(work)
    while not future.done():
        tick()
        threading.Event().wait(_POLL_SECONDS)
    return future.result()
