"""Conditions and queries with the types of all their parts: what there is to tell, and how Flink is to get them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from sqlglot import exp

from fraud_api import decimals
from fraud_api.aggregates import computation
from fraud_api.arithmetic import Added, Arithmetic, Cast, with_casts
from fraud_api.cast_types import faulty_casts
from fraud_api.expressions import MANY, UNKNOWN, ColumnType, Told, Value
from fraud_api.rules import Aggregate, AggregateFunction
from fraud_api.scopes import Columns, Tables, selects_of
from fraud_api.sql import Select, calls_of
from fraud_api.streams import Parameter, ParameterType

Ranges = Mapping[str, decimals.Range]
NO_RANGES: Ranges = MappingProxyType({})


@dataclass(frozen=True)
class Understood:
    """A fragment of SQL.

    Attributes:
        told: mistakes and warnings.
        written: the fragment as it was written.
        text: the fragment with the casts that keep its arithmetic from wrapping.
    """

    told: tuple[Told, ...]
    written: str
    text: str
    added: tuple[Added, ...] = ()

    def behind(self, start: int, end: int) -> str:
        """What was written where ``text[start:end]`` stands now."""
        return self.written[self._before(start) : self._before(end)]

    def _before(self, place: int) -> int:
        return place - sum(min(length, place - at) for at, length in self.added if at < place)


def parameter_types(parameters: Iterable[Parameter]) -> dict[str, str | None]:
    """SQL types of parameters as the compiler writes them."""
    found: dict[str, str | None] = {}
    for parameter in parameters:
        exact = parameter.type is ParameterType.DECIMAL
        found[parameter.name] = _decimal_type(parameter.value) if exact else parameter.type.value
    return found


def _decimal_type(value: str) -> str | None:
    try:
        return decimals.literal(value.lstrip("-")) or f"DECIMAL({len(value.lstrip('-'))}, 0)"
    except ValueError:
        return None


def of_columns(columns: Columns | None, ranges: Ranges = NO_RANGES) -> ColumnType:
    """Columns by their plain names."""

    def _value(column: exp.Column) -> Value:
        if column.table or columns is None:
            return UNKNOWN
        return Value(columns.get(column.name), ranges.get(column.name))

    return _value


def of_steps(columns: Columns | None, earlier: Mapping[str, Columns | None] | None = None) -> ColumnType:
    """Columns of the event at hand and, qualified, of ``earlier`` ones, which by default have the same."""

    def _value(column: exp.Column) -> Value:
        known = earlier.get(column.table) if earlier is not None and column.table else columns
        return Value((known or {}).get(column.name))

    return _value


def aggregated(aggregates: Iterable[Aggregate], columns: Columns | None) -> tuple[Columns, Ranges]:
    """Types of aggregates, and what they can reach when no more is counted than ever will be."""
    types: Columns = {}
    ranges: dict[str, decimals.Range] = {}
    for one in aggregates:
        column = (columns or {}).get(one.column or "")
        types[one.name] = computation(one.function, column).type
        reach = decimals.range_of(column)
        if one.function in (AggregateFunction.COUNT, AggregateFunction.COUNT_DISTINCT):
            ranges[one.name] = (0, MANY)
        elif reach is not None:
            many = MANY if one.function is AggregateFunction.SUM else 1
            ranges[one.name] = (reach[0] * many, reach[1] * many)
    return types, ranges


def of_sides(sides: Mapping[str, Columns | None]) -> ColumnType:
    """Columns of several sides, qualified or in one of them only."""

    def _value(column: exp.Column) -> Value:
        wanted = [column.table] if column.table else list(sides)
        having = [known for side in wanted if (known := sides.get(side)) and column.name in known]
        return Value(having[0][column.name]) if len(having) == 1 else UNKNOWN

    return _value


def condition(text: str, column: ColumnType, parameters: Mapping[str, str | None]) -> Understood:
    """Understand a predicate that parses."""
    tree = calls_of(text)
    arithmetic = Arithmetic(text, column, parameters)
    _visit(arithmetic, tree.walk())
    arithmetic.condition(tree)
    return _understood(text, [(arithmetic.told, arithmetic.casts)])


def query(select: Select, tables: Tables, parameters: Mapping[str, str | None]) -> Understood:
    """Understand a SELECT that parses."""
    found: list[tuple[list[Told], list[Cast]]] = []
    for scope, column in selects_of(select, tables, parameters):
        arithmetic = Arithmetic(select.text, column, parameters)
        _visit(arithmetic, scope.walk())
        for clause in ("where", "having"):
            part = scope.expression.args.get(clause)
            if part is not None:
                arithmetic.condition(part.this)
        found.append((arithmetic.told, arithmetic.casts))
    return _understood(select.text, found)


def _visit(arithmetic: Arithmetic, nodes: Iterable[exp.Expr]) -> None:
    for node in nodes:
        arithmetic.of(node)


def _understood(text: str, parts: Iterable[tuple[list[Told], list[Cast]]]) -> Understood:
    told = faulty_casts(text)
    casts: list[Cast] = []
    for some, more in parts:
        told += some
        casts += more
    found, added = with_casts(text, casts)
    return Understood(tuple(dict.fromkeys(told)), text, found, tuple(added))
