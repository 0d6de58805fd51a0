"""Which columns tell the rows of a query that groups from one another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from fraud_api.sql import Select

_EDGES = frozenset({"window_start", "window_end", "window_time"})
_END = frozenset({"window_end", "window_time"})


@dataclass(frozen=True)
class RowKey:
    """Something that a query groups by.

    Attributes:
        name: what the query calls it.
        places: places of the selected columns that carry it.
    """

    name: str
    places: frozenset[int]


def row_keys(select: Select, views: Mapping[str, Select]) -> list[RowKey] | None:
    """What tells the rows of a query apart; None where it does not group, or nobody can tell."""
    # windows that grow share their start
    grows = any("CUMULATE" in one.text.upper() for one in (select, *views.values()))
    return _keys(select.tree, {name: view.tree for name, view in views.items()}, _END if grows else _EDGES)


def _keys(query: exp.Query, known: Mapping[str, exp.Expr], edges: frozenset[str]) -> list[RowKey] | None:
    if isinstance(query, exp.Subquery):
        return _keys(query.this, known, edges)
    if not isinstance(query, exp.Select):
        return None
    known = {**known, **{cte.alias: cte.this for cte in query.ctes}}
    group = query.args.get("group")
    if group is None:
        return _passed_on(query, known, edges)
    return _grouped(group.expressions, query, edges)


def _grouped(expressions: list[exp.Expr], query: exp.Select, edges: frozenset[str]) -> list[RowKey] | None:
    if any(isinstance(one, exp.Literal | exp.Rollup | exp.Cube | exp.GroupingSets) for one in expressions):
        return None  # a place in the list of columns, or several groupings
    window = [one for one in expressions if isinstance(one, exp.Column) and one.name in _EDGES]
    keys = [RowKey(one.sql(), _places([one], query)) for one in expressions if one not in window]
    if window:
        # one edge of a window is enough to tell which it is
        telling = [edge for edge in window if edge.name in edges]
        keys.append(RowKey((telling or window)[0].name, _places(telling, query)))
    return keys


def _places(wanted: Sequence[exp.Expr], query: exp.Select) -> frozenset[int]:
    return frozenset(
        place
        for place, selected in enumerate(query.selects)
        if any(_same(selected.unalias(), one) or _same(exp.column(selected.alias), one) for one in wanted)
    )


def _same(one: exp.Expr, other: exp.Expr) -> bool:
    if isinstance(one, exp.Column) and isinstance(other, exp.Column):
        return one.name == other.name and (not one.table or not other.table or one.table == other.table)
    return one == other


def _passed_on(query: exp.Select, known: Mapping[str, exp.Expr], edges: frozenset[str]) -> list[RowKey] | None:
    """The keys of the one query that this one selects from, where their columns go on."""
    inner = _source(query, known)
    if inner is None or query.args.get("joins") or query.args.get("distinct"):
        return None
    keys = _keys(inner, known, edges)
    if keys is None:
        return None
    names = _names(inner, known)
    carried = [names.index(name) if name in names else None for name in _selected(query, names)]
    return [RowKey(key.name, frozenset(i for i, place in enumerate(carried) if place in key.places)) for key in keys]


def _source(query: exp.Select, known: Mapping[str, exp.Expr]) -> exp.Query | None:
    """The query that stands behind FROM: a subquery, a view or a common table expression."""
    source = query.args.get("from_") or query.args.get("from")
    if source is None:
        return None
    found = known.get(source.this.name) if isinstance(source.this, exp.Table) else source.this
    return found if isinstance(found, exp.Query) else None


def _names(query: exp.Query, known: Mapping[str, exp.Expr]) -> list[str]:
    """What the columns of a query are called."""
    if isinstance(query, exp.Subquery):
        return _names(query.this, known)
    if not isinstance(query, exp.Select):
        return list(query.named_selects)
    inner = _source(query, known)
    below = _names(inner, known) if inner is not None else []
    return [name for one in query.selects for name in (below if one.unalias().is_star else [one.alias_or_name])]


def _selected(query: exp.Select, names: list[str]) -> list[str]:
    """What each selected column is called within the query below; empty for what is computed."""
    found: list[str] = []
    for one in query.selects:
        inner = one.unalias()
        found += names if inner.is_star else [inner.name if isinstance(inner, exp.Column) else ""]
    return found
