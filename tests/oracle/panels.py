"""What a panel must show of some documents, counted plainly. Times are milliseconds since 1970."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from oracle.events import iso, written

Document = dict[str, Any]
Path = tuple[str, ...]


@dataclass(frozen=True)
class Asked:
    """What a panel asks, in words of its documentation.

    Attributes:
        by: paths of the columns to group by, from the outermost to the innermost.
        dates: those of them that are times, with the length of a bucket.
        numbers_in_order: whether groups of numbers are ordered as numbers.
        function: Count, UniqueCount, Sum, Avg, Min, Max or Last.
        column: the path that it works on, None for documents.
        time: the path of a document's time, for Last.
        top: how many groups at most, at each level.
        descending: whether the groups with most come first.
    """

    by: Sequence[Path]
    dates: dict[Path, int]
    numbers_in_order: bool
    function: str
    column: Path | None
    time: Path | None
    top: int
    descending: bool


def value_at(document: Document, path: Path) -> Any:
    """What lies at a path."""
    value: Any = document
    for name in path:
        value = (value or {}).get(name)
    return value


def answer(asked: Asked, documents: Sequence[Document]) -> list[tuple[Any, ...]]:
    """A row for each innermost group: its keys from the outermost on, and the value."""
    return _answer(asked, list(asked.by), documents, ())


def _answer(
    asked: Asked, left: list[Path], documents: Sequence[Document], keys: tuple[Any, ...]
) -> list[tuple[Any, ...]]:
    if not left:
        return [(*keys, computed(asked, documents))]
    path, *inner = left
    groups: dict[Any, list[Document]] = defaultdict(list)
    for document in documents:
        value = value_at(document, path)
        if value is not None:
            groups[_key(value, asked.dates.get(path))].append(document)
    return [
        row
        for key in _ordered(asked, groups, path in asked.dates)
        for row in _answer(asked, inner, groups[key], (*keys, key))
    ]


def _key(value: Any, bucket: int | None) -> Any:
    if bucket is None:
        return value
    time = value if isinstance(value, int) else written(value)
    return iso(time // bucket * bucket)


def _ordered(asked: Asked, groups: dict[Any, list[Document]], time: bool) -> list[Any]:
    keys = sorted(groups)
    if time:
        return keys
    if asked.numbers_in_order and isinstance(keys[0], int | float):
        return keys[: asked.top]
    if asked.function == "Last":
        return sorted(keys, reverse=asked.descending)[: asked.top]
    # sorting is stable: where two have the same, the smaller key comes first
    return sorted(keys, key=lambda key: computed(asked, groups[key]), reverse=asked.descending)[: asked.top]


def computed(asked: Asked, documents: Sequence[Document]) -> Any:
    """The function's value of some documents."""
    if asked.column is None:
        return len(documents)
    column, time = asked.column, asked.time
    values = [value_at(one, column) for one in documents if value_at(one, column) is not None]
    if asked.function == "Last":
        assert time is not None
        return value_at(max(documents, key=lambda one: _key(value_at(one, time), 1)), column)
    functions: dict[str, Callable[[list[Any]], Any]] = {
        "Count": len,
        "UniqueCount": lambda found: len(set(found)),
        "Sum": sum,
        "Avg": lambda found: sum(found) / len(found),
        "Min": min,
        "Max": max,
    }
    return functions[asked.function](values)
