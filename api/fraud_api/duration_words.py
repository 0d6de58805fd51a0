"""Durations as people write them elsewhere, and how they are written here."""

import re

_UNITS = {
    **dict.fromkeys(("ms", "milli", "millis", "millisecond", "milliseconds"), 1),
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), 1_000),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), 60_000),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), 3_600_000),
    **dict.fromkeys(("d", "day", "days"), 86_400_000),
    **dict.fromkeys(("w", "wk", "week", "weeks"), 604_800_000),
}
_SHORT = (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1))
_PART = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,6})?)\s*([a-z]+)")
_ISO = re.compile(r"^p(?=.*[0-9])|t(?=[0-9])")


def duration_hint(written: str) -> str | None:
    """The duration that was probably meant; None where there is no telling."""
    text = written.strip().lower()
    if re.fullmatch(r"[0-9]{1,6}", text):
        return f"write {text}s, {text}m, {text}h or {text}d"
    if re.fullmatch(r"[0-9]+ *M", written.strip()):
        return "write m for minutes, 30d for a month"
    text = _ISO.sub("", text)
    parts = _PART.findall(text)
    if not parts or re.sub(r"[\s,]|\band\b", "", _PART.sub("", text)) or any(unit not in _UNITS for _, unit in parts):
        return None
    return f"did you mean {_written(round(sum(float(number) * _UNITS[unit] for number, unit in parts)))}?"


def _written(milliseconds: int) -> str:
    pieces = []
    for unit, size in _SHORT:
        count, milliseconds = divmod(milliseconds, size)
        pieces += [f"{count}{unit}"] if count else []
    return "".join(pieces) or "0s"
