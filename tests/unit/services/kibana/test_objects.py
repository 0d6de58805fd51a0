"""Saved objects: what is made of the five detectors, byte for byte, and what holds for every one."""

import json
from collections.abc import Iterator, Mapping
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from golden.renew import DASHBOARDS, dashboard, dashboards
from harness.detectors import MANIFESTS, manifest
from harness.elastic import indexed
from harness.kibana import CORE, KNOWN, VIEW
from harness.kibana_schema import problems

from fraud_api import FraudDetector
from fraud_api.backends import Panel
from fraud_api.fields import documents
from fraud_services.indices import indices_of
from fraud_services.kibana.layout import COLUMNS, layout
from fraud_services.kibana.objects import ndjson, owner, saved_objects

NAMES = sorted(path.stem for path in MANIFESTS.glob("*.yaml"))
every_detector = pytest.mark.parametrize("name", NAMES)


def panels_of(objects: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return json.loads(objects[-1]["attributes"]["panelsJSON"])


def renamed(detector: FraudDetector, **metadata: str) -> FraudDetector:
    return detector.model_copy(update={"metadata": detector.metadata.model_copy(update=metadata)})


@pytest.mark.parametrize(("detector", "golden"), dashboards(), ids=lambda path: path.name)
def test_golden(detector: Path, golden: Path) -> None:
    assert dashboard(detector) == golden.read_text()


def test_no_golden_file_is_left_over() -> None:
    assert set(DASHBOARDS.iterdir()) == {golden for _, golden in dashboards()}


@every_detector
def test_kibanas_schemas_accept_them(name: str) -> None:
    for one in saved_objects(manifest(name)):
        assert problems(one) == []


@every_detector
def test_versions_are_known_to_the_pinned_kibana(name: str) -> None:
    for one in saved_objects(manifest(name)):
        version, known = one["typeMigrationVersion"], KNOWN[one["type"]]
        assert list(map(int, version.split("."))) <= list(map(int, known.split(".")))
        assert one["coreMigrationVersion"] == CORE


@every_detector
def test_what_is_referred_to_comes_before(name: str) -> None:
    seen: set[tuple[str, str]] = set()
    for one in saved_objects(manifest(name)):
        assert {(ref["type"], ref["id"]) for ref in one["references"]} <= seen
        seen.add((one["type"], one["id"]))


@every_detector
def test_every_panel_finds_what_it_refers_to(name: str) -> None:
    objects = saved_objects(manifest(name))
    references = {ref["name"]: ref for ref in objects[-1]["references"]}
    shown = panels_of(objects)
    for panel in shown:
        if panel["type"] == "search":
            assert references[f"{panel['panelIndex']}:{panel['panelRefName']}"]["type"] == "search"
            continue
        (inner,) = panel["embeddableConfig"]["attributes"]["references"]
        outer = references[f"{panel['panelIndex']}:{inner['name']}"]
        assert (outer["type"], outer["id"]) == (inner["type"], inner["id"])
    assert len(references) == len(shown)


@every_detector
def test_accessors_are_columns(name: str) -> None:
    for panel in panels_of(saved_objects(manifest(name))):
        if panel["type"] != "lens":
            continue
        state = panel["embeddableConfig"]["attributes"]["state"]
        (layer,) = state["datasourceStates"]["formBased"]["layers"].values()
        assert sorted(layer["columnOrder"]) == sorted(layer["columns"])
        assert [layer["columns"][one]["isBucketed"] for one in layer["columnOrder"]][-1] is False
        assert {layer["columns"][one]["isBucketed"] for one in layer["columnOrder"][:-1]} <= {True}
        for accessor in set(_accessors(state["visualization"])):
            assert accessor in layer["columns"]


def _accessors(drawn: Any) -> list[str]:
    if isinstance(drawn, list):
        return [found for one in drawn for found in _accessors(one)]
    if not isinstance(drawn, dict):
        return []
    names = ("accessor", "accessors", "columnId", "primaryGroups", "metrics")
    found = []
    for key, value in drawn.items():
        if key.lower().endswith("accessor") or key in names:
            found += value if isinstance(value, list) else [value]
        else:
            found += _accessors(value)
    return [one for one in found if isinstance(one, str)]


@every_detector
def test_panels_fill_the_grid_and_do_not_overlap(name: str) -> None:
    cells = [panel["gridData"] for panel in panels_of(saved_objects(manifest(name)))]
    taken = [{(x, y) for x in range(c["x"], c["x"] + c["w"]) for y in range(c["y"], c["y"] + c["h"])} for c in cells]
    assert all(not one & other for one, other in combinations(taken, 2))
    whole = set().union(*taken)
    assert len(whole) == COLUMNS * (max(y for _, y in whole) + 1)


def test_the_same_file_gives_the_same_bytes() -> None:
    assert ndjson(saved_objects(manifest("bank"))) == ndjson(saved_objects(manifest("bank")))


def test_ids_are_the_detectors_own() -> None:
    bank = manifest("bank")
    kibana = bank.spec.kibana
    assert kibana
    elsewhere = bank.spec.model_copy(update={"kibana": kibana.model_copy(update={"space": "fraud"})})
    others = [
        bank,
        renamed(bank, namespace="other"),
        renamed(bank, name="other"),
        bank.model_copy(update={"spec": elsewhere}),
    ]
    ids = [{one["id"] for one in saved_objects(detector)} for detector in others]
    assert all(not one & other for one, other in combinations(ids, 2))
    for detector, found in zip(others, ids, strict=True):
        assert all(one.startswith(owner(detector).prefix) for one in found)


def test_a_data_view_reads_the_alias_and_knows_its_time() -> None:
    views = {one["attributes"]["title"]: one["attributes"] for one in saved_objects(manifest("bank"))[:4]}
    times = {title: attributes.get("timeFieldName") for title, attributes in views.items()}
    assert times == {
        "default.bank.alerts": "event_time",
        "default.bank.blocked": "when",
        "default.bank.customer-risk": None,
        "default.bank.fraud-dashboard": "minute",
    }
    assert all(attributes["allowNoIndex"] for attributes in views.values())


def test_a_dashboard_opens_on_the_time_of_its_traffic() -> None:
    def times(detector: FraudDetector) -> tuple[str, str]:
        attributes = saved_objects(detector)[-1]["attributes"]
        return attributes["timeFrom"], attributes["timeTo"]

    bank = manifest("bank")
    real = bank.model_copy(update={"spec": bank.spec.model_copy(update={"generator": None})})
    assert times(real) == ("now-24h", "now")
    assert times(bank) == ("2024-01-01T00:00:00.000Z", "2024-01-02T00:00:00.000Z")
    assert times(manifest("transactions")) == ("2024-01-01T00:00:00.000Z", "now")


def test_the_fraud_desks_dashboard() -> None:
    objects = saved_objects(manifest("bank"))
    assert objects[-1]["attributes"]["title"] == "Fraud Monitoring"
    kinds = [
        panel["embeddableConfig"].get("attributes", {}).get("visualizationType", panel["type"])
        for panel in panels_of(objects)
    ]
    assert kinds == ["lnsMetric", "lnsPie", "lnsXY", "lnsDatatable", "lnsHeatmap", "lnsXY", "search"]


def test_text_of_any_kind_survives() -> None:
    bank = manifest("bank")
    assert bank.spec.kibana
    title = "Größe \"x\" {y} \\ 'z' ☂"
    kibana = bank.spec.kibana.model_copy(update={"title": title})
    objects = saved_objects(bank.model_copy(update={"spec": bank.spec.model_copy(update={"kibana": kibana})}))
    lines = ndjson(objects).split("\n")
    assert lines[-1] == ""
    assert [json.loads(line) for line in lines[:-1]] == objects
    assert objects[-1]["attributes"]["title"] == title


def test_no_panels_at_all_lay_out_to_nothing() -> None:
    assert layout([]) == []


def test_shelves_are_filled_in_order() -> None:
    def panel(kind: str, **more: Any) -> Panel:
        return Panel.model_validate({"name": "p", "title": "P", "type": kind, "from": "alerts", **more})

    cells = layout([panel("Metric"), panel("Metric"), panel("Line"), panel("Pie", by=["rule"]), panel("Table")])
    assert [(cell.x, cell.y, cell.w) for cell in cells] == [
        (0, 0, 12),
        (12, 0, 12),
        (24, 0, 24),
        (0, 14, 48),
        (0, 28, 48),
    ]


@every_detector
def test_data_views_fit_the_indices(name: str) -> None:
    detector = indexed(manifest(name), "http://elasticsearch:9200")
    views = {one["attributes"]["title"]: one["attributes"] for one in saved_objects(detector) if one["type"] == VIEW}
    found = {index.alias: index for index in indices_of(detector)}
    assert views.keys() == found.keys()
    for title, attributes in views.items():
        time = attributes.get("timeFieldName")
        if time is not None:
            assert found[title].fields[time]["type"] == "date"
        # when a row was written is not when anything happened: no time axis
        assert time == found[title].time_field or (time is None and found[title].time is None)


@every_detector
def test_panels_name_fields_that_are_indexed(name: str) -> None:
    detector = indexed(manifest(name), "http://elasticsearch:9200")
    paths = {index.what: set(_paths(index.fields)) for index in indices_of(detector)}
    for source, known in paths.items():
        found = documents(detector.spec, source)
        assert found
        for field in found.fields.values():
            assert {field.shown, field.exact} <= known
        assert {found.newest} <= {None, *known}


def _paths(fields: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    for name, field in fields.items():
        yield f"{prefix}{name}"
        yield from _paths(field.get("properties", {}) | field.get("fields", {}), f"{prefix}{name}.")
