"""Why records were refused, counted: what differs from record to record is left out of a reason."""

import re
from collections import Counter
from collections.abc import Mapping

OTHERS = "other reasons"
_MOST_KINDS = 200
_VARIES = (
    (re.compile(r"(near byte )\d+"), r"\1…"),
    (re.compile(r"(, found )[-+.\deE…]+$"), r"\1…"),
    (re.compile(r"[-+.\deE]+( looks like )"), r"…\1"),
    (re.compile(r"(record of )\d+( bytes)"), r"\1…\2"),
)


class Reasons:
    """Counts of reasons; so many different ones are told apart, and all others counted together."""

    def __init__(self) -> None:
        """None yet."""
        self._counts: Counter[str] = Counter()

    def add(self, stream: str, reason: str) -> None:
        """Count a refused record."""
        for pattern, short in _VARIES:
            reason = pattern.sub(short, reason)
        kind = f"{stream}: {reason}" if stream else reason
        known = kind in self._counts or len(self._counts) < _MOST_KINDS
        self._counts[kind if known else OTHERS] += 1

    def most(self, count: int) -> Mapping[str, int]:
        """The most frequent ones, and all others as one."""
        shown = dict(self._counts.most_common(count))
        rest = self._counts.total() - sum(shown.values())
        if rest:
            shown[OTHERS] = shown.get(OTHERS, 0) + rest
        return shown
