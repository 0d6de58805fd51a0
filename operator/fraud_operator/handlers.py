"""Kopf's side: what it watches, and how; every handler only says which detector to look at."""

import asyncio
import logging
from typing import Any

import kopf

from fraud_api.crd import PLURAL
from fraud_api.resource import GROUP, VERSION
from fraud_operator import peering
from fraud_operator.clients.kubernetes import login
from fraud_operator.names import MANAGER, PREFIX, Key
from fraud_operator.program import Program
from fraud_operator.settings import Settings

_Seen = tuple[Any, ...]


def register(registry: kopf.OperatorRegistry, program: Program, settings: Settings) -> None:
    """Tell Kopf what to call."""
    seen: dict[Key, _Seen] = {}
    tasks: list[asyncio.Task[None]] = []

    async def startup(settings: kopf.OperatorSettings, **_: Any) -> None:
        configure(settings, program.settings)
        tasks.append(asyncio.create_task(program.run()))

    async def cleanup(**_: Any) -> None:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def detector(event: kopf.RawEvent, body: kopf.Body, **_: Any) -> None:
        key = Key(str(body.metadata.namespace), str(body.metadata.name))
        said = _essence(body)
        # what the operator itself writes is no news
        if event["type"] == "DELETED" or seen.get(key) != said:
            program.queue.add(key)
        if event["type"] == "DELETED":
            seen.pop(key, None)
        else:
            seen[key] = said

    async def alive(**_: Any) -> str:
        return "paused" if program.peers.superior else "working"

    kopf.on.login(registry=registry)(login)
    kopf.on.startup(registry=registry)(startup)
    kopf.on.cleanup(registry=registry)(cleanup)
    kopf.on.probe(registry=registry, id="operator")(alive)
    kopf.on.event(GROUP, VERSION, PLURAL, registry=registry)(detector)


def configure(kopf_settings: kopf.OperatorSettings, settings: Settings) -> None:
    """All of Kopf's settings that are not its defaults, each with its reason."""
    # a connection that is cut without a word would never tell anything again
    kopf_settings.watching.server_timeout = 300
    kopf_settings.watching.client_timeout = 330
    kopf_settings.watching.connect_timeout = 10
    kopf_settings.networking.connect_timeout = 10
    kopf_settings.networking.request_timeout = 30
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
