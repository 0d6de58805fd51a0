"""What a panel asks of its documents, before anything is said in Kibana's or Elasticsearch's words.

Both are made from this, so the aggregation that tests run is the one that the panel shows.
"""

from dataclasses import dataclass

from fraud_api import FraudDetectorSpec
from fraud_api.backends import Panel, PanelFunction, PanelSort, PanelType
from fraud_api.base import milliseconds
from fraud_api.fields import DocumentField, Documents, FieldKind, documents

ADDITIVE = (PanelFunction.COUNT, PanelFunction.SUM)
"""Functions whose value of a whole is the sum of its parts': slices and stacks mean something."""
_UNITS = (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1))


@dataclass(frozen=True)
class Terms:
    """One group for each value of a field.

    Attributes:
        field: whose values.
        size: how many groups at most.
        by_value: whether they are ordered by what the panel shows; else by the field itself.
        descending: the direction of that order.
    """

    field: DocumentField
    size: int
    by_value: bool
    descending: bool


@dataclass(frozen=True)
class Buckets:
    """One group for each stretch of time; ``interval`` is None where Kibana is to choose."""

    field: DocumentField
    interval: str | None
    keep_empty: bool


Group = Terms | Buckets


@dataclass(frozen=True)
class Chart:
    """Groups of documents and one value for each.

    Attributes:
        panel: the panel.
        groups: in the panel's order; the time in front where the panel is over time.
        column: what the function works on, None for documents as a whole.
        time: which document is the last, for the function Last.
    """

    panel: Panel
    groups: tuple[Group, ...]
    column: DocumentField | None
    time: DocumentField | None

    def nested(self) -> list[tuple[int, Group]]:
        """The groups with their places, from the outermost to the innermost.

        Times are innermost, so that the top values are those of the whole time and not of each bucket.
        """
        return sorted(enumerate(self.groups), key=lambda placed: isinstance(placed[1], Buckets))


@dataclass(frozen=True)
class Listing:
    """Single documents, sorted by the path ``newest`` where there is one."""

    panel: Panel
    fields: tuple[DocumentField, ...]
    newest: str | None


Question = Chart | Listing


def question(spec: FraudDetectorSpec, panel: Panel) -> Question:
    """What a valid panel of a detector asks.

    Raises:
        ValueError: its source's columns can't be told.
    """
    found = documents(spec, panel.source)
    if found is None:
        raise ValueError(f"panel {panel.name}: the columns of '{panel.source}' can't be told")
    if panel.type is PanelType.TABLE and not panel.by:
        names = panel.columns or list(found.fields)
        return Listing(panel, tuple(found.fields[name] for name in names), found.newest)
    column = found.fields[panel.column] if panel.column else None
    return Chart(panel, tuple(_groups(panel, found)), column, found.time)


def interval(duration: str) -> str:
    """A duration in the one unit that Elasticsearch and Kibana want: ``1h30m`` is ``90m``."""
    length = milliseconds(duration)
    unit, size = next((unit, size) for unit, size in _UNITS if length % size == 0)
    return f"{length // size}{unit}"


def _groups(panel: Panel, found: Documents) -> list[Group]:
    over_time = panel.type is PanelType.TIME_SERIES or (panel.type is PanelType.LINE and not panel.by)
    groups: list[Group] = [_buckets(panel, found.time)] if over_time and found.time else []
    return groups + [_group(panel, found.fields[name]) for name in panel.by]


def _group(panel: Panel, field: DocumentField) -> Group:
    if field.kind is FieldKind.DATE:
        return _buckets(panel, field)
    if _is_scale(panel, field):
        return Terms(field, panel.top, by_value=False, descending=False)
    # the last value can't order groups, in Kibana as in Elasticsearch
    by_value = panel.function is not PanelFunction.LAST
    return Terms(field, panel.top, by_value, descending=panel.sort is PanelSort.DESCENDING)


def _is_scale(panel: Panel, field: DocumentField) -> bool:
    """Whether a number is read along an axis, where only its own order makes sense."""
    return field.kind is FieldKind.NUMBER and panel.type in (PanelType.HEAT_MAP, PanelType.LINE)


def _buckets(panel: Panel, field: DocumentField) -> Buckets:
    length = interval(panel.interval) if panel.interval else None
    return Buckets(field, length, keep_empty=panel.function in ADDITIVE)
