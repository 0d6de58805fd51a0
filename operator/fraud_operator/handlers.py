"""Kopf's side: what it watches, and how; every handler only says which detector to look at, or that one was deleted."""

import asyncio
import logging
from collections.abc import Iterator
from typing import Any

import kopf

from fraud_api.crd import PLURAL
from fraud_api.resource import GROUP, VERSION
from fraud_operator import peering
from fraud_operator.clients import patience
from fraud_operator.clients.kubernetes import login
from fraud_operator.names import DETECTOR_LABEL, MANAGER, PREFIX, Key
from fraud_operator.program import Program
from fraud_operator.settings import Settings

_Seen = tuple[Any, ...]

_BACKOFFS = (1, 1, 2, 3, 5, 8, 13, *[20] * 12)
"""Some five minutes in seconds; Kopf waits for as long as the API server asks where that is more."""


class _Backoffs:
    """How long Kopf waits before each further try of a request: every time others, so that not all come together."""

    def __iter__(self) -> Iterator[float]:
        return map(patience.spread, _BACKOFFS)


class _News:
    """Tells events that say something new from those that don't."""

    def __init__(self) -> None:
        self._seen: dict[Key, _Seen] = {}

    def tells(self, event: kopf.RawEvent, place: Key, said: _Seen) -> bool:
        """Whether an event of an object says anything that its last one did not."""
        if event["type"] == "DELETED":
            self._seen.pop(place, None)
            return True
        before = self._seen.get(place)
        self._seen[place] = said
        return before != said


def register(registry: kopf.OperatorRegistry, program: Program, settings: Settings) -> None:
    """Tell Kopf what to call."""
    detectors, deployments = _News(), _News()
    tasks: list[asyncio.Task[None]] = []

    async def startup(settings: kopf.OperatorSettings, **_: Any) -> None:
        configure(settings, program.settings)
        tasks.append(asyncio.create_task(program.run()))

    async def cleanup(**_: Any) -> None:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def detector(event: kopf.RawEvent, body: kopf.Body, **_: Any) -> None:
        key = _place(body)
        if event["type"] == "DELETED":
            program.deleted(key, str(body.metadata.get("uid")))
        # what the operator itself writes is no news
        if detectors.tells(event, key, _essence(body)):
            program.queue.add(key)

    async def deployment(event: kopf.RawEvent, body: kopf.Body, **_: Any) -> None:
        place = _place(body)
        # pods that come and go: the next look for its own sake may be a minute away
        key = Key.labelled(body.metadata)
        if key and deployments.tells(event, place, _readiness(body)):
            program.queue.add(key)

    kopf.on.login(registry=registry)(login)
    kopf.on.startup(registry=registry)(startup)
    kopf.on.cleanup(registry=registry)(cleanup)
    kopf.on.event(GROUP, VERSION, PLURAL, registry=registry)(detector)
    ours = {DETECTOR_LABEL: kopf.PRESENT}
    kopf.on.event("apps", "v1", "deployments", labels=ours, registry=registry)(deployment)


def configure(kopf_settings: kopf.OperatorSettings, settings: Settings) -> None:
    """All of Kopf's settings that are not its defaults, each with its reason."""
    # a connection that is cut without a word would never tell anything again
    kopf_settings.watching.server_timeout = 300
    kopf_settings.watching.client_timeout = 330
    kopf_settings.watching.connect_timeout = 10
    kopf_settings.networking.connect_timeout = 10
    kopf_settings.networking.request_timeout = 30
    # an API server that is too busy for a minute would end the operator
    kopf_settings.networking.error_backoffs = _Backoffs()
    # Kopf itself looks at labels only here, after the API server has sent all Deployments of the cluster
    kopf_settings.watching.label_selectors["apps", "v1", "deployments"] = DETECTOR_LABEL
    # a crowd of events of one moment is handled in turn
    kopf_settings.queueing.worker_limit = 16
    kopf_settings.execution.max_workers = settings.workers
    # Events are told by the operator itself; Kopf would also post its own log
    kopf_settings.posting.enabled = False
    kopf_settings.posting.level = logging.WARNING
    # nothing of Kopf's is written to resources as things are; were it, it would be under our name. But not under
    # that of our own finalizer, which Kopf would take away at once: no handler here needs one
    kopf_settings.persistence.finalizer = f"{PREFIX}/kopf"
    kopf_settings.persistence.progress_storage = kopf.AnnotationsProgressStorage(prefix=PREFIX)
    kopf_settings.persistence.diffbase_storage = kopf.AnnotationsDiffBaseStorage(prefix=PREFIX)
    # a killed operator is missed after this time; one that ends says so
    kopf_settings.peering.name = settings.peering or MANAGER
    kopf_settings.peering.standalone = not settings.peering
    kopf_settings.peering.lifetime = peering.LIFETIME_SECONDS
    kopf_settings.peering.stealth = True
    # without rights for the whole cluster there is nothing to scan
    kopf_settings.scanning.disabled = bool(settings.namespaces)


def _place(body: kopf.Body) -> Key:
    return Key(str(body.metadata.namespace), str(body.metadata.name))


def _essence(body: kopf.Body) -> _Seen:
    """What of a resource matters to anybody but the operator itself."""
    metadata = body.metadata
    return (
        metadata.get("uid"),
        metadata.get("generation"),
        metadata.get("deletionTimestamp"),
        tuple(sorted(dict(metadata.annotations).items())),
        tuple(metadata.get("finalizers") or ()),
    )


def _readiness(body: kopf.Body) -> _Seen:
    """What of a Deployment tells that its pods have come or gone."""
    return (body.metadata.get("generation"), body.status.get("readyReplicas", 0))
