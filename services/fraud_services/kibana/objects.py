"""A detector's saved objects: a data view for each source, a saved search for each table of documents, the dashboard.

Lens panels lie in the dashboard by value, so that a panel comes and goes with it. Ids are made of the detector's
names alone: the same file gives the same bytes, and what a detector once owned can be told from its ids.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from fraud_api import FraudDetector, naming
from fraud_api.backends import Panel, PanelSort
from fraud_api.fields import documents
from fraud_services.kibana import lens
from fraud_services.kibana.defaults import panels, sources
from fraud_services.kibana.layout import Cell, layout
from fraud_services.kibana.questions import Chart, Listing, question

SavedObject = dict[str, Any]

CORE_MIGRATION = "8.8.0"
TYPE_MIGRATIONS = {"index-pattern": "8.0.0", "search": "10.5.0", "dashboard": "10.2.0"}
"""What each type's objects are written like; Kibana refuses what is newer than it knows, 8.19 knows these."""
INDEX_REFERENCE = "kibanaSavedObjectMeta.searchSourceJSON.index"
GENERATED_DAY = ("2024-01-01T00:00:00.000Z", "2024-01-02T00:00:00.000Z")
"""When generated traffic happens; endless traffic goes on from there."""
_SAMPLES = (10, 1000)
"""How many documents a saved search may show, at least and at most."""


@dataclass(frozen=True)
class Owner:
    """Whose objects: everything whose id begins with this is one detector's."""

    prefix: str

    def id(self, kind: str, name: str = "") -> str:
        """The id of an object of the owner's."""
        return f"{self.prefix}{kind}{'-' if name else ''}{name}"


def owner(detector: FraudDetector) -> Owner:
    """Who owns a detector's objects. Ids are unique over all spaces in Kibana, hence the space in the hash."""
    space = detector.spec.kibana.space if detector.spec.kibana else "default"
    whose = f"{space}/{detector.metadata.namespace}/{detector.metadata.name}"
    return Owner(f"fraud-{hashlib.sha256(whose.encode()).hexdigest()[:16]}-")


def saved_objects(detector: FraudDetector) -> list[SavedObject]:
    """Everything to import, what is referred to before what refers to it.

    Raises:
        ValueError: a panel's columns can't be told.
    """
    shown = panels(detector.spec)
    found = [_data_view(detector, source) for source in sources_of(detector, shown)]
    found += [_search(detector, asked) for asked in _asked(detector, shown) if isinstance(asked, Listing)]
    return [*found, _dashboard(detector, shown)]


def ndjson(objects: Sequence[SavedObject]) -> str:
    """Saved objects as Kibana imports them, one a line."""
    return "".join(json.dumps(one, sort_keys=True, ensure_ascii=False) + "\n" for one in objects)


def sources_of(detector: FraudDetector, shown: Sequence[Panel]) -> list[str]:
    """Everything with a data view: what is indexed, and what a panel shows."""
    return list(dict.fromkeys([*sources(detector.spec), *(panel.source for panel in shown)]))


def alias(detector: FraudDetector, source: str) -> str:
    """The alias that a source's documents are read through."""
    return f"{naming.prefix(detector)}.{source}"


def _asked(detector: FraudDetector, shown: Sequence[Panel]) -> list[Chart | Listing]:
    return [question(detector.spec, panel) for panel in shown]


def _object(kind: str, identity: str, attributes: dict[str, Any], references: list[dict[str, str]]) -> SavedObject:
    return {
        "type": kind,
        "id": identity,
        "attributes": attributes,
        "references": references,
        # Kibana shows it as managed: whoever wants another one copies it, and no edit is lost to a reconciliation
        "managed": True,
        "coreMigrationVersion": CORE_MIGRATION,
        "typeMigrationVersion": TYPE_MIGRATIONS[kind],
    }


def _data_view(detector: FraudDetector, source: str) -> SavedObject:
    found = documents(detector.spec, source)
    attributes = {
        "title": alias(detector, source),
        "name": f"{detector.metadata.namespace}/{detector.metadata.name}: {source}",
        # the dashboard may come before the first document
        "allowNoIndex": True,
        "fields": "[]",
        "fieldAttrs": "{}",
        "fieldFormatMap": "{}",
        "runtimeFieldMap": "{}",
        "sourceFilters": "[]",
        "typeMeta": "{}",
    }
    if found and found.time:
        attributes["timeFieldName"] = found.time.exact
    return _object("index-pattern", _data_view_id(detector, source), attributes, [])


def _data_view_id(detector: FraudDetector, source: str) -> str:
    return owner(detector).id("data", source)


def _search(detector: FraudDetector, asked: Listing) -> SavedObject:
    panel = asked.panel
    order = "desc" if panel.sort is PanelSort.DESCENDING else "asc"
    source = {"query": {"query": "", "language": "kuery"}, "filter": [], "indexRefName": INDEX_REFERENCE}
    least, most = _SAMPLES
    attributes = {
        "title": f"{_title(detector)}: {panel.title}",
        "description": "",
        "columns": [field.shown for field in asked.fields],
        "sort": [[asked.newest, order]] if asked.newest else [],
        "grid": {},
        "hideChart": True,
        "isTextBasedQuery": False,
        "timeRestore": False,
        "sampleSize": min(max(panel.top, least), most),
        "kibanaSavedObjectMeta": {"searchSourceJSON": _json(source)},
    }
    data_view = {"type": "index-pattern", "id": _data_view_id(detector, panel.source), "name": INDEX_REFERENCE}
    return _object("search", owner(detector).id("table", panel.name), attributes, [data_view])


def _dashboard(detector: FraudDetector, shown: Sequence[Panel]) -> SavedObject:
    made = [
        _placed(detector, asked, cell)
        for asked, cell in zip(_asked(detector, shown), layout(shown), strict=True)
    ]  # fmt: skip
    start, end = _times(detector)
    attributes = {
        "title": _title(detector),
        "description": f"Made from the FraudDetector {detector.metadata.name} in {detector.metadata.namespace}.",
        "panelsJSON": _json([panel for panel, _ in made]),
        "optionsJSON": _json(
            {
                "useMargins": True,
                "syncColors": True,
                "syncCursor": True,
                "syncTooltips": False,
                "hidePanelTitles": False,
            }
        ),
        "version": 1,
        "timeRestore": True,
        "timeFrom": start,
        "timeTo": end,
        "refreshInterval": {"pause": False, "value": 30_000},
        "kibanaSavedObjectMeta": {
            "searchSourceJSON": _json({"query": {"query": "", "language": "kuery"}, "filter": []})
        },
    }
    return _object("dashboard", owner(detector).id("dashboard"), attributes, [reference for _, reference in made])


def _placed(detector: FraudDetector, asked: Chart | Listing, cell: Cell) -> tuple[dict[str, Any], dict[str, str]]:
    """A panel of the dashboard, and what the dashboard refers to because of it."""
    panel = asked.panel
    placed: dict[str, Any] = {
        "type": "search" if isinstance(asked, Listing) else "lens",
        "title": panel.title,
        "panelIndex": panel.name,
        "gridData": asdict(cell) | {"i": panel.name},
    }
    if isinstance(asked, Listing):
        name = f"panel_{panel.name}"
        reference = {"type": "search", "id": owner(detector).id("table", panel.name), "name": name}
        placed |= {"panelRefName": name, "embeddableConfig": {"enhancements": {}}}
    else:
        data_view = _data_view_id(detector, panel.source)
        reference = lens.reference(data_view)
        placed["embeddableConfig"] = {"enhancements": {}, "attributes": lens.attributes(asked, data_view)}
    return placed, reference | {"name": f"{panel.name}:{reference['name']}"}


def _title(detector: FraudDetector) -> str:
    kibana = detector.spec.kibana
    return (kibana.title if kibana else None) or detector.metadata.name


def _times(detector: FraudDetector) -> tuple[str, str]:
    """What the dashboard shows at first: the last day, or the day that generated traffic happens on."""
    generator = detector.spec.generator
    if generator is None or not generator.enabled:
        return "now-24h", "now"
    start, end = GENERATED_DAY
    return start, "now" if generator.endless else end


def _json(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
