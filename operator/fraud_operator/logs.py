"""Logs: a line an event, with the detector that it is about."""

import contextvars
import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from fraud_operator import times
from fraud_operator.names import Key

_KEY: contextvars.ContextVar[Key | None] = contextvars.ContextVar("detector", default=None)

# Kafka's client logs its settings at DEBUG, a password among them; others log every request or probe
_QUIET = {
    "kafka": logging.CRITICAL,
    "urllib3": logging.WARNING,
    "elastic_transport": logging.ERROR,
    "aiohttp": logging.WARNING,
    "kopf.activities": logging.WARNING,
}


class _Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        told: dict[str, object] = {
            "time": times.micro(times.now()),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        key = _KEY.get()
        if key is not None:
            told |= {"namespace": key.namespace, "name": key.name}
        if record.exc_info:
            told["exception"] = self.formatException(record.exc_info)
        return json.dumps(told)


class _Plain(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        key = _KEY.get()
        text = super().format(record)
        return f"[{key}] {text}" if key is not None else text


def configure(log_format: str, level: str) -> None:
    """Log to standard error, as JSON or in plain lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Json() if log_format == "json" else _Plain("%(asctime)s %(levelname)s %(message)s"))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name, least in _QUIET.items():
        logging.getLogger(name).setLevel(least)


@contextmanager
def about(key: Key) -> Iterator[None]:
    """What is logged within is about this detector."""
    token = _KEY.set(key)
    try:
        yield
    finally:
        _KEY.reset(token)
