"""Keeps indices and dashboards as they should be, beside the looks at a detector: no job ever waits for them."""

import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from fraud_api import FraudDetector
from fraud_operator import backends
from fraud_operator.backends import KINDS, Kind
from fraud_operator.clients.backends import View
from fraud_operator.clients.kubernetes import KubernetesError
from fraud_operator.logs import about
from fraud_operator.names import Key
from fraud_operator.ports import Ports
from fraud_operator.reasons import Reason
from fraud_operator.situation import Situation

_NEWS_SECONDS = 1.0
_AGAIN_SECONDS = 10.0
_NO_HURRY_SECONDS = 10.0
"""Nobody fills the indices of a detector that stays down."""

_Place = tuple[Key, Kind]

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Said:
    """How it was, of which generation of which resource, and when somebody began to look."""

    uid: str
    generation: int
    detector: FraudDetector
    at: datetime
    view: View


class Care:
    """Who looks after indices and dashboards; safe for several threads."""

    def __init__(self, ports: Ports) -> None:
        """Nothing is looked at yet."""
        self._ports = ports
        self._lock = threading.Lock()
        self._busy: set[_Place] = set()
        self._said: dict[_Place, _Said] = {}

    def tend(self, seen: Situation, pace: float) -> float:
        """Have everything looked after that is due, in the background.

        Args:
            seen: the detector.
            pace: seconds between looks at it; what is well is looked after as often.

        Returns:
            Seconds until there can be news, or something is due again.
        """
        waits = [float("inf")]
        for kind in KINDS:
            detector = seen.deployed_detector if kind.deployed else seen.detector
            if detector is not None and kind.declared(detector) is not None:
                waits.append(self._tend(kind, seen, detector, pace))
        return min(waits)

    def _tend(self, kind: Kind, seen: Situation, detector: FraudDetector, pace: float) -> float:
        news, again = (_NO_HURRY_SECONDS, pace / 10) if seen.stays_down else (_NEWS_SECONDS, _AGAIN_SECONDS)
        with self._lock:
            place = (seen.key, kind)
            if place in self._busy:
                return news
            said = self._said.get(place)
            if said and (said.uid, said.generation, said.detector) == (seen.uid, seen.generation, detector):
                rest = pace * 0.9 if said.view.ready else again
                left = rest - (seen.now - said.at).total_seconds()
                if left > 0:
                    return left
            self._busy.add(place)
        self._ports.background(lambda: self._work(kind, seen, detector))
        return news

    def _work(self, kind: Kind, seen: Situation, detector: FraudDetector) -> None:
        with about(seen.key):
            view = self._look(seen.key, kind, detector)
        with self._lock:
            if view is not None:
                self._said[seen.key, kind] = _Said(seen.uid, seen.generation, detector, seen.now, view)
            self._busy.discard((seen.key, kind))

    def views(self, key: Key, uid: str, generation: int) -> Mapping[str, View]:
        """How it is, by condition, as far as it is known of this generation."""
        with self._lock:
            said = [(kind, self._said.get((key, kind))) for kind in KINDS]
        return {
            kind.condition: one.view for kind, one in said if one and (one.uid, one.generation) == (uid, generation)
        }

    def busy(self, key: Key) -> bool:
        """Whether somebody is at work for a detector."""
        with self._lock:
            return any((key, kind) in self._busy for kind in KINDS)

    def forget(self, key: Key) -> None:
        """Know no more of a detector that is gone."""
        with self._lock:
            for kind in KINDS:
                self._said.pop((key, kind), None)

    def _look(self, key: Key, kind: Kind, detector: FraudDetector) -> View | None:
        """How it is; None where the API server was too busy to tell: then what was said before holds."""
        try:
            return backends.keep(self._ports, key, detector, kind)
        except KubernetesError as error:
            logger.warning("Kubernetes: %s", error)
            if error.throttled:
                return None
            return View(False, Reason.SECRET_MISSING, f"its Secret can't be read: {error}")
        except Exception:
            # its text is not told: it may be anybody's, and hold anything
            logger.exception("%s could not be looked after", kind.event)
            return View(False, Reason.OPERATOR_ERROR, "the operator failed; its log says where")
