"""What has come out so far: counted, de-duplicated, the newest kept for the eye."""

from collections import Counter, deque
from collections.abc import Iterable
from typing import Any

import orjson

from fraud_api import FraudDetector
from fraud_api.rules import Rule
from fraudctl.run.origins import Headers, Origin, SeenOffsets, origin
from fraudctl.run.reasons import Reasons
from fraudctl.run.unknown import Unknown

_NEWEST = 10

Alert = dict[str, Any]


class Tally:
    """Counts of results; one thread adds, another looks.

    Attributes:
        alerts: different alerts so far.
        by_rule: the same by rule.
        dead_letters: different refused records.
        late: different late records.
        reasons: why they were refused.
        unknown: results that are unknown because an expression failed, by rule and function.
        refused: different records that Elasticsearch refused, by their topic.
        newest: the last few alerts, newest last.
        unshown: alerts that no view has taken yet.
    """

    def __init__(self, rules: Iterable[Rule] = ()) -> None:
        """Begin at zero, with the rules there are."""
        self.rules = list(rules)
        self.alerts = 0
        self.by_rule: Counter[str] = Counter()
        self.dead_letters = 0
        self.reasons = Reasons()
        self.late = 0
        self.unknown = Unknown()
        self.refused: Counter[str] = Counter()
        self.newest: deque[Alert] = deque(maxlen=_NEWEST)
        self.unshown: deque[Alert] = deque()
        self._ids: set[str] = set()
        self._seen = {"dead": SeenOffsets(), "late": SeenOffsets(), "refused": SeenOffsets()}

    @classmethod
    def of(cls, detector: FraudDetector) -> "Tally":
        """For a detector's rules."""
        return cls(detector.spec.active_rules())

    def alert(self, value: bytes) -> bool:
        """Count an alert; tells whether it is new."""
        try:
            found = orjson.loads(value)
        except orjson.JSONDecodeError:
            return False
        identity = str(found.get("alert_id"))
        if identity in self._ids:
            return False
        self._ids.add(identity)
        self.alerts += 1
        self.by_rule[str(found.get("rule"))] += 1
        self.newest.append(found)
        self.unshown.append(found)
        return True

    def dead_letter(self, headers: Headers | None) -> tuple[Origin | None, bool]:
        """Count a refused record; tells its origin and whether it is new."""
        found, new = self._from("dead", headers)
        self.dead_letters += new
        if new:
            self.reasons.add(found.stream if found else "", found.reason if found else "no reason")
        return found, new

    def late_record(self, headers: Headers | None) -> bool:
        """Count a late record; tells whether it is new."""
        new = self._from("late", headers)[1]
        self.late += new
        return new

    def refused_record(self, headers: Headers | None) -> tuple[Origin | None, bool]:
        """Count a record that no index takes; tells its origin and whether it is new."""
        found, new = self._from("refused", headers)
        self.refused[found.topic if found else ""] += new
        return found, new

    def _from(self, what: str, headers: Headers | None) -> tuple[Origin | None, bool]:
        found = origin(headers)
        return found, found is None or self._seen[what].add(found.topic, found.partition, found.offset)

    def take(self) -> list[Alert]:
        """Alerts that were not taken before."""
        taken = []
        while self.unshown:
            taken.append(self.unshown.popleft())
        return taken
