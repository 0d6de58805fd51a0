"""Templates, indices and aliases of a detector, made as they should be; done twice, the second time does nothing."""

from collections.abc import Mapping
from typing import Any

from elasticsearch import BadRequestError, Elasticsearch, NotFoundError

from fraud_api import FraudDetector
from fraud_services.indices import templates
from fraud_services.indices.fields import Fields
from fraud_services.indices.model import Index, indices_of
from fraud_services.indices.names import version_of
from fraud_services.indices.templates import Version
from fraud_services.indices.verdicts import Obstacle, Reason, Verdict, judged

Existing = Mapping[str, Mapping[str, Any]]
"""What Elasticsearch tells of indices: aliases, mappings and settings by name."""


def apply(client: Elasticsearch, detector: FraudDetector) -> Verdict:
    """Make everything that the indexer needs. Nothing is deleted, and what others own is left alone."""
    wanted = indices_of(detector)
    return judged(detector, lambda: _apply_all(client, detector, wanted))


def written_version(client: Elasticsearch, detector: FraudDetector, index: Index) -> Version | None:
    """The version that documents go to; None until :func:`apply` has made that of this very declaration."""
    found = _index_template(client, index)
    told = (found or {}).get("_meta")
    if not templates.is_ours(told, detector) or told is None or told.get("fingerprint") != index.fingerprint:
        return None
    return Version(told["version"], index.fields)


def _apply_all(client: Elasticsearch, detector: FraudDetector, wanted: list[Index]) -> str:
    for index in wanted:
        _apply(client, detector, index)
    return f"{len(wanted)} indices are as they should be"


def _apply(client: Elasticsearch, detector: FraudDetector, index: Index) -> None:
    existing = _existing(client, detector, index)
    version = templates.next_version(index, _found_version(client, detector, index, existing))
    fields_and_settings = _body(templates.component(detector, index, version))
    client.cluster.put_component_template(name=templates.component_name(index), **fields_and_settings)
    client.indices.put_index_template(name=index.alias, **_body(templates.template(detector, index, version)))
    _check_not_overruled(client, index, version)
    current = {name: held for name, held in existing.items() if version_of(name, index.alias) == version.number}
    if index.first(version.number) not in current:
        _create_first(client, index, version)
    _renew(client, index, current, version.fields)
    _move_alias(client, index, version)


def _existing(client: Elasticsearch, detector: FraudDetector, index: Index) -> Existing:
    """The index's own indices. Raises Obstacle when one of them, or the alias's name, is somebody else's."""
    found: Existing = client.indices.get(index=f"{index.alias},{index.alias}.v*", ignore_unavailable=True).body
    for name, held in found.items():
        if name == index.alias:
            raise Obstacle(Reason.NOT_OURS, f"there is an index called {name}: the detector needs the name as an alias")
        if not templates.is_ours(held["mappings"].get("_meta"), detector):
            raise Obstacle(Reason.NOT_OURS, f"index {name} is not this detector's: delete or rename it")
    return found


def _found_version(client: Elasticsearch, detector: FraudDetector, index: Index, existing: Existing) -> Version | None:
    """What the templates say, or the newest index where they are gone."""
    template, component = _index_template(client, index), _component_template(client, index)
    for what, found in ((index.alias, template), (templates.component_name(index), component)):
        if found is not None and not templates.is_ours(found.get("_meta"), detector):
            raise Obstacle(Reason.NOT_OURS, f"template {what} is not this detector's: delete or rename it")
    if component is not None:
        return Version(component["_meta"]["version"], component["template"]["mappings"]["properties"])
    numbers = {name: version_of(name, index.alias) or 0 for name in existing}
    if not numbers:
        return None
    newest = max(numbers, key=lambda name: numbers[name])
    return Version(numbers[newest], existing[newest]["mappings"].get("properties", {}))


def _index_template(client: Elasticsearch, index: Index) -> Mapping[str, Any] | None:
    try:
        found = client.indices.get_index_template(name=index.alias).body["index_templates"]
    except NotFoundError:
        return None
    return next((one["index_template"] for one in found), None)


def _component_template(client: Elasticsearch, index: Index) -> Mapping[str, Any] | None:
    try:
        found = client.cluster.get_component_template(name=templates.component_name(index)).body["component_templates"]
    except NotFoundError:
        return None
    return next((one["component_template"] for one in found), None)


def _check_not_overruled(client: Elasticsearch, index: Index, version: Version) -> None:
    name = index.first(version.number)
    told = client.indices.simulate_index_template(name=name).body
    if told["template"].get("mappings", {}).get("_meta", {}).get("fingerprint") != index.fingerprint:
        raise Obstacle(
            Reason.OVERRULED,
            f"another index template with a priority above {templates.PRIORITY} matches {name}: narrow its pattern",
        )


def _create_first(client: Elasticsearch, index: Index, version: Version) -> None:
    name = index.first(version.number)
    try:
        if index.data_stream:
            client.indices.create_data_stream(name=name)
        else:
            client.indices.create(index=name, wait_for_active_shards=0)
    except BadRequestError as error:
        if error.message != "resource_already_exists_exception":
            raise


def _renew(client: Elasticsearch, index: Index, current: Existing, properties: Fields) -> None:
    """Let indices that are there already have new fields and another number of replicas."""
    for name, held in current.items():
        if held["mappings"].get("properties") != properties:
            client.indices.put_mapping(index=name, properties=dict(properties))
        if held["settings"]["index"]["number_of_replicas"] != str(index.replicas):
            client.indices.put_settings(index=name, settings={"number_of_replicas": index.replicas})


def _move_alias(client: Elasticsearch, index: Index, version: Version) -> None:
    """Let the alias name the indices of this version and no others."""
    held = client.indices.get_alias(index=f"{index.alias}.v*", allow_no_indices=True).body
    actions = []
    for name, told in held.items():
        wanted = version_of(name, index.alias) == version.number
        if wanted != (index.alias in told["aliases"]):
            actions.append({"add" if wanted else "remove": {"index": name, "alias": index.alias}})
    if actions:
        client.indices.update_aliases(actions=actions)


def _body(body: Mapping[str, Any]) -> dict[str, Any]:
    """A body as the client's arguments."""
    return {key.removeprefix("_"): value for key, value in body.items()}
