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
from fraud_operator.settings import Settings

_NEWS_SECONDS = 1.0
_AGAIN_SECONDS = 10.0

_Place = tuple[Key, Kind]

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Said:
    """How it was, of which generation of which resource, and when somebody began to look."""

    uid: str
    generation: int
    at: datetime
    view: View


class Care:
    """Who looks after indices and dashboards; safe for several threads."""

    def __init__(self, ports: Ports, settings: Settings) -> None:
        """Nothing is looked at yet."""
        self._ports = ports
        self._rest = settings.resync_seconds * 0.9
        self._lock = threading.Lock()
        self._busy: set[_Place] = set()
        self._said: dict[_Place, _Said] = {}

    def tend(self, key: Key, uid: str, generation: int, detector: FraudDetector) -> float:
        """Have everything looked after that is due, in the background.

        Returns:
            Seconds until there can be news, or something is due again.
        """
        kinds = [kind for kind in KINDS if kind.declared(detector) is not None]
        for kind in kinds:
            if self._claim((key, kind), uid, generation):
                self._start(key, kind, uid, generation, detector)
        return min((self._due((key, kind), uid, generation) for kind in kinds), default=float("inf"))

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

    def _claim(self, place: _Place, uid: str, generation: int) -> bool:
        with self._lock:
            if place in self._busy or self._seconds(place, uid, generation) > 0:
                return False
            self._busy.add(place)
            return True

    def _due(self, place: _Place, uid: str, generation: int) -> float:
        with self._lock:
            waits = 0.0 if place in self._busy else self._seconds(place, uid, generation)
            return max(_NEWS_SECONDS, waits)

    def _seconds(self, place: _Place, uid: str, generation: int) -> float:
        """How long what was said is good for."""
        said = self._said.get(place)
        if said is None or (said.uid, said.generation) != (uid, generation):
            return 0.0
        rest = self._rest if said.view.ready else _AGAIN_SECONDS
        return rest - (self._ports.clock() - said.at).total_seconds()

    def _start(self, key: Key, kind: Kind, uid: str, generation: int, detector: FraudDetector) -> None:
        began = self._ports.clock()

        def work() -> None:
            with about(key):
                view = self._look(key, kind, detector)
            with self._lock:
                self._said[key, kind] = _Said(uid, generation, began, view)
                self._busy.discard((key, kind))

        self._ports.background(work)

    def _look(self, key: Key, kind: Kind, detector: FraudDetector) -> View:
        try:
            return backends.keep(self._ports, key, detector, kind)
        except KubernetesError as error:
            logger.warning("Kubernetes: %s", error)
            return View(False, Reason.SECRET_MISSING, f"its Secret can't be read: {error}")
        except Exception:
            # its text is not told: it may be anybody's, and hold anything
            logger.exception("%s could not be looked after", kind.event)
            return View(False, Reason.OPERATOR_ERROR, "the operator failed; its log says where")
