"""The operator as a whole: a queue of detectors, and who looks at them."""

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from fraud_operator import metrics, peering, times
from fraud_operator.clients.backends import Dashboards, Indices
from fraud_operator.clients.flink import Flink
from fraud_operator.clients.helm import Helm
from fraud_operator.clients.kafka import Kafka
from fraud_operator.clients.kubernetes import Kubernetes, KubernetesError
from fraud_operator.health import Pulse
from fraud_operator.logs import about
from fraud_operator.names import Key
from fraud_operator.ports import Ports
from fraud_operator.reconcile import Reconciler
from fraud_operator.settings import Settings
from fraud_operator.workqueue import WorkQueue

_PEERS_SECONDS = 5.0
_DEAD_SECONDS = 300.0
"""Longer than the API server, with all repetitions, can keep a loop waiting."""

T = TypeVar("T")

logger = logging.getLogger(__name__)


class Program:
    """Everything that runs beside Kopf's watching.

    Attributes:
        settings: what the operator was told.
        queue: which detector is looked at when.
        peers: other operators.
        rank: this operator's rank among them.
        stopped: set when the operator can't go on and its process is to end.
    """

    def __init__(self, settings: Settings) -> None:
        """Log in to Kubernetes; nothing runs yet."""
        cluster = Kubernetes()
        home = settings.namespace
        helm = Helm(settings.helm, settings.chart, settings.helm_concurrency, home)
        self.settings = settings
        self._listed = False
        self.rank = peering.priority(times.now())
        self.peers = peering.Peers(cluster, settings.peering, settings.namespaces, settings.identity, self.rank)
        self.stopped = threading.Event()
        self._pulse = Pulse()
        self._answered = Pulse()
        self.queue = WorkQueue(self._look, settings.workers, self._may_act, self._pulse)
        # those who wait for an Elasticsearch that does not answer hold up nobody else
        beside = ThreadPoolExecutor(settings.workers, thread_name_prefix="backends")
        self._ports = Ports(
            cluster,
            home,
            helm,
            Kafka(),
            Indices(),
            Dashboards(),
            Flink,
            background=beside.submit,
            sleep=time.sleep,
            adopt_former=settings.adopt_former,
        )
        self._reconciler = Reconciler(self._ports, settings, self._may_act)
        # the queue's own pool, with one for each of the other loops: Kopf's threads are for Kopf
        self._threads = ThreadPoolExecutor(settings.workers + 2, thread_name_prefix="look")

    def _may_act(self) -> bool:
        return self.peers.superior is None

    def deleted(self, key: Key, uid: str) -> None:
        """A resource was seen to be deleted."""
        self._reconciler.deleted(key, uid)

    async def run(self) -> None:
        """Look at detectors when they are due, at all of them from time to time, at peers all the time."""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._watch_peers())
                tasks.create_task(self._resync())
                tasks.create_task(self.queue.run())
        except Exception:
            # without its loops it would go on watching and do nothing
            logger.critical("the operator can't go on and ends", exc_info=True)
            self.stopped.set()

    def dead(self) -> list[str]:
        """What has shown no sign of life for too long, in words; nothing for an operator that lives."""
        return self._pulse.missed()

    def unready(self) -> list[str]:
        """Why it can't do its work, in words; nothing for an operator that is ready."""
        if not self._listed:
            return ["the API server has not listed detectors yet; the log says why"]
        return self._answered.missed() + self._pulse.missed()

    async def _watch_peers(self) -> None:
        while True:
            self._pulse.beat("the watch for other operators", _DEAD_SECONDS)
            before = self.peers.superior
            await self._in_thread(lambda: self.peers.look(times.now()))
            metrics.WORKING.set(0 if self.peers.superior else 1)
            if self.peers.superior != before:
                logger.warning("waits for operator %s" if self.peers.superior else "works again", self.peers.superior)
            await asyncio.sleep(_PEERS_SECONDS)

    async def _resync(self) -> None:
        """Find what no event told of: detectors that are new or changed, and what is left of those that are gone."""
        while True:
            self._goes_on()
            try:
                for key in await self._in_thread(self._all_keys):
                    if not self.queue.known(key) or self._reconciler.disturbed(key):
                        self.queue.add(key)
                self._listed = True
                self._answered.beat("an answer of the API server", 2 * self.settings.resync_seconds + 30)
            except KubernetesError as error:
                logger.warning("detectors can't be listed: %s", error)
            metrics.count_phases(self._reconciler.phases())
            await asyncio.sleep(self.settings.resync_seconds if self._listed else _PEERS_SECONDS)

    def _goes_on(self) -> None:
        self._pulse.beat("the resync", self.settings.resync_seconds + _DEAD_SECONDS)

    def _all_keys(self) -> list[Key]:
        return self._reconciler.census(self._goes_on)

    async def _look(self, key: Key) -> float | None:
        return await self._in_thread(lambda: self._reconcile(key))

    def _reconcile(self, key: Key) -> float | None:
        with about(key), metrics.RECONCILE_SECONDS.time():
            try:
                wait = self._reconciler.reconcile(key)
            except Exception as error:
                metrics.RECONCILIATIONS.labels("error").inc()
                logger.exception("a look failed")
                return 5.0 if isinstance(error, KubernetesError) else 60.0
            metrics.RECONCILIATIONS.labels("gone" if wait is None else "done").inc()
            return wait

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)
