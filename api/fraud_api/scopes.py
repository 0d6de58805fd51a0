"""Which columns a query selects, and which of the names in it mean nothing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.scope import Scope, build_scope

from fraud_api.arithmetic import Arithmetic
from fraud_api.expressions import UNKNOWN, ColumnType, Value
from fraud_api.functions import WITHOUT_PARENTHESES
from fraud_api.problems import did_you_mean
from fraud_api.sql import Select, calls_of, is_unit
from fraud_api.sql_tokens import SqlError

Columns = dict[str, str | None]
Parameters = Mapping[str, str | None]
NO_PARAMETERS: Parameters = MappingProxyType({})
Tables = Mapping[str, Columns | None]
"""Columns of each stream and view; None where they can't be told."""

WINDOW_COLUMNS: Columns = {
    "window_start": "TIMESTAMP(3)",
    "window_end": "TIMESTAMP(3)",
    "window_time": "TIMESTAMP_LTZ(3)",
}


@dataclass(frozen=True)
class Unknown:
    """A name in a query that means nothing there."""

    message: str
    hint: str | None


def output_columns(
    select: Select, tables: Tables, parameters: Parameters = NO_PARAMETERS
) -> list[tuple[str | None, str | None]]:
    """Name and SQL type of each selected column, in order; None for what only Flink knows.

    Types are those that the query has when the casts its arithmetic needs are in it.

    Raises:
        SqlError: a ``*`` stands for columns that can't be told.
    """
    return _Reader(select, tables, parameters).outputs(_scope(calls_of(select.text)))


def selects_of(
    select: Select, tables: Tables, parameters: Parameters = NO_PARAMETERS
) -> Iterator[tuple[Scope, ColumnType]]:
    """Every SELECT within a query, its functions left as they are written, and what is known of its columns.

    Raises:
        SqlError: its tables can't be told apart.
    """
    reader = _Reader(select, tables, parameters)
    for scope in _scope(calls_of(select.text)).traverse():
        if isinstance(scope.expression, exp.Select):
            yield scope, reader.column_of(reader.sources(scope))


def unknown_names(select: Select, tables: Tables) -> list[Unknown]:
    """Columns in a query that none of its tables has; silent where the tables' columns can't be told."""
    reader = _Reader(select, tables)
    found: dict[str, Unknown] = {}
    for scope in scope_of(select).traverse():
        for column in _columns(scope):
            unknown = reader.unknown(column, scope)
            if unknown is not None:
                found.setdefault(unknown.message, unknown)
    return list(found.values())


def scope_of(select: Select) -> Scope:
    """A query's scopes, as sqlglot finds them.

    Raises:
        SqlError: its tables can't be told apart.
    """
    return _scope(select.tree)


def _scope(tree: exp.Expr) -> Scope:
    try:
        scope = build_scope(tree)
        for one in scope.traverse() if scope else ():
            _ = one.selected_sources  # computed when asked for, and only then refused
    except (SqlglotError, RecursionError) as error:
        raise SqlError(str(error).splitlines()[0]) from None
    if scope is None:
        raise SqlError("not a SELECT")
    return scope


def _columns(scope: Scope) -> Iterator[exp.Column]:
    """Columns named in a scope itself; those of nested queries belong to their own scopes."""
    if not isinstance(scope.expression, exp.Select):
        return
    selected = set(scope.expression.named_selects)
    for column in scope.find_all(exp.Column):
        name = column.this
        if not isinstance(name, exp.Identifier) or is_unit(column) or _is_keyword(column):
            continue
        ordered = column.find_ancestor(exp.Order, exp.Select)
        if isinstance(ordered, exp.Order) and ordered.parent is scope.expression and column.name in selected:
            continue  # ORDER BY may use the names that the query itself gives
        yield column


def _is_keyword(column: exp.Column) -> bool:
    return not column.table and not column.this.quoted and column.name.upper() in WITHOUT_PARENTHESES


class _Reader:
    """Finds columns of the scopes of one query."""

    def __init__(self, select: Select, tables: Tables, parameters: Parameters = NO_PARAMETERS) -> None:
        self._select = select
        self._tables = tables
        self._parameters = parameters

    def outputs(self, scope: Scope) -> list[tuple[str | None, str | None]]:
        if scope.set_operation_scopes:
            return self.outputs(scope.set_operation_scopes[0])
        expression = scope.expression
        if isinstance(expression, exp.Subquery) and scope.subquery_scopes:
            return self.outputs(scope.subquery_scopes[0])
        if not isinstance(expression, exp.Select):
            raise SqlError("the columns can't be told")
        sources = self.sources(scope)
        types = Arithmetic(self._select.text, self.column_of(sources), self._parameters)
        return [column for one in expression.selects for column in self._output(one, sources, types)]

    def unknown(self, column: exp.Column, scope: Scope) -> Unknown | None:
        """What is wrong with a column's name; None when nothing is, or nobody can tell."""
        candidates: list[str] = []
        tables: list[str] = []
        place: Scope | None = scope
        while place is not None:
            sources = self.sources(place)
            for name, columns in sources.items():
                if column.table and column.table != name:
                    continue
                if columns is None or column.name in columns:
                    return None
                candidates += columns
            tables += sources
            place = place.parent if place.is_correlated_subquery or place.is_subquery else None
        return self._unknown(column, candidates, tables)

    def _unknown(self, column: exp.Column, candidates: list[str], tables: list[str]) -> Unknown:
        if column.table and column.table not in tables:
            return Unknown(
                f"unknown table '{column.table}' in '{column.table}.{column.name}'", did_you_mean(column.table, tables)
            )
        shown = f"{column.table}.{column.name}" if column.table else column.name
        return Unknown(f"unknown column '{shown}'", did_you_mean(column.name, candidates))

    def sources(self, scope: Scope) -> dict[str, Columns | None]:
        """Columns by the name that the scope knows each of its tables by, in the order of FROM and JOIN."""
        return {name: self._source(node, source) for name, (node, source) in scope.selected_sources.items()}

    def _source(self, node: exp.Expr, source: exp.Expr | Scope) -> Columns | None:
        columns = self._derived(source) if isinstance(source, Scope) else self._table(source)
        renamed = node.alias_column_names
        if columns is None or not renamed:
            return columns
        return dict(zip(renamed, columns.values(), strict=False))

    def _derived(self, scope: Scope) -> Columns | None:
        try:
            return {name: sql_type for name, sql_type in self.outputs(scope) if name is not None}
        except SqlError:
            return None

    def _table(self, table: exp.Expr) -> Columns | None:
        columns = self._tables.get(table.name) if isinstance(table, exp.Table) else None
        if columns is None or self._select.matches:
            return None
        return {**columns, **WINDOW_COLUMNS} if table.name in self._select.windowed else columns

    def _output(
        self, one: exp.Expr, sources: dict[str, Columns | None], types: Arithmetic
    ) -> list[tuple[str | None, str | None]]:
        inner = one.unalias()
        if isinstance(one, exp.Star):
            return self._all(list(sources), sources)
        if isinstance(one, exp.Column) and isinstance(one.this, exp.Star):
            return self._all([one.table], sources)
        name = one.alias or (one.name if isinstance(one, exp.Column) else None)
        found = types.type(inner)
        # a computed time is no longer the one that windows go by
        computed = name == "event_time" and not isinstance(inner, exp.Column)
        return [(name or None, None if computed or found == "INTERVAL" else found)]

    def _all(self, names: list[str], sources: dict[str, Columns | None]) -> list[tuple[str | None, str | None]]:
        found: list[tuple[str | None, str | None]] = []
        for name in names:
            columns = sources.get(name)
            if columns is None:
                raise SqlError(f"can't tell the columns of '{name}' that * stands for")
            found += columns.items()
        return found

    @staticmethod
    def column_of(sources: dict[str, Columns | None]) -> ColumnType:
        """What is known of a scope's columns."""

        def _value(column: exp.Column) -> Value:
            wanted = [column.table] if column.table else list(sources)
            found = [columns[column.name] for name in wanted if column.name in (columns := sources.get(name) or {})]
            return Value(found[0]) if len(found) == 1 else UNKNOWN

        return _value
