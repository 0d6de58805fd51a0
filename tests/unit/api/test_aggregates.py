import pytest

from fraud_api.aggregates import computation
from fraud_api.rules import AggregateFunction


@pytest.mark.parametrize(
    ("sql_type", "call", "result"),
    [
        ("TINYINT", "SUM(CAST(x AS BIGINT))", "BIGINT"),
        ("SMALLINT", "SUM(CAST(x AS BIGINT))", "BIGINT"),
        ("INT", "SUM(CAST(x AS BIGINT))", "BIGINT"),
        ("BIGINT", "SUM(CAST(x AS DECIMAL(19, 0)))", "DECIMAL(38, 0)"),
        ("FLOAT", "SUM(CAST(x AS DOUBLE))", "DOUBLE"),
        ("DOUBLE", "SUM(x)", "DOUBLE"),
        ("DECIMAL(12, 2)", "SUM(x)", "DECIMAL(38, 2)"),
        ("DECIMAL(29, 9)", "SUM(x)", "DECIMAL(38, 9)"),
        # no room for nine more digits: places are given up for them, down to six
        ("DECIMAL(30, 10)", "wide_sum(x, CAST(0 AS DECIMAL(38, 9)))", "DECIMAL(38, 9)"),
        ("DECIMAL(38, 18)", "wide_sum(x, CAST(0 AS DECIMAL(38, 9)))", "DECIMAL(38, 9)"),
        ("DECIMAL(38, 10)", "wide_sum(x, CAST(0 AS DECIMAL(38, 6)))", "DECIMAL(38, 6)"),
        ("DECIMAL(38, 2)", "wide_sum(x, CAST(0 AS DECIMAL(38, 2)))", "DECIMAL(38, 2)"),
        ("DECIMAL(38, 0)", "wide_sum(x, CAST(0 AS DECIMAL(38, 0)))", "DECIMAL(38, 0)"),
        (None, "SUM(x)", None),
    ],
)
def test_a_sum_has_room_to_grow(sql_type: str | None, call: str, result: str | None) -> None:
    made = computation(AggregateFunction.SUM, sql_type)
    assert (made.call("x"), made.type) == (call, result)


@pytest.mark.parametrize(
    ("sql_type", "call", "result"),
    [
        ("INT", "AVG(CAST(x AS DOUBLE))", "DOUBLE"),
        ("BIGINT", "AVG(CAST(x AS DECIMAL(19, 0)))", "DECIMAL(38, 6)"),
        ("FLOAT", "AVG(CAST(x AS DOUBLE))", "DOUBLE"),
        ("DOUBLE", "AVG(x)", "DOUBLE"),
        ("DECIMAL(12, 2)", "AVG(x)", "DECIMAL(38, 6)"),
        ("DECIMAL(29, 9)", "AVG(x)", "DECIMAL(38, 9)"),
        ("DECIMAL(30, 2)", "wide_avg(x, CAST(0 AS DECIMAL(38, 10)))", "DECIMAL(38, 10)"),
        ("DECIMAL(38, 18)", "wide_avg(x, CAST(0 AS DECIMAL(38, 18)))", "DECIMAL(38, 18)"),
        ("DECIMAL(38, 2)", "wide_avg(x, CAST(0 AS DECIMAL(38, 2)))", "DECIMAL(38, 2)"),
    ],
)
def test_an_average_is_not_cut(sql_type: str, call: str, result: str) -> None:
    made = computation(AggregateFunction.AVG, sql_type)
    assert (made.call("x"), made.type) == (call, result)


@pytest.mark.parametrize(
    ("function", "sql_type", "call"),
    [
        (AggregateFunction.SUM, "DOUBLE", "real_sum(x)"),
        (AggregateFunction.SUM, "FLOAT", "real_sum(CAST(x AS DOUBLE))"),
        (AggregateFunction.AVG, "DOUBLE", "real_avg(x)"),
        (AggregateFunction.SUM, "INT", "SUM(CAST(x AS BIGINT))"),
        (AggregateFunction.SUM, "DECIMAL(12, 2)", "SUM(x)"),
        (AggregateFunction.MAX, "DOUBLE", "MAX(x)"),
    ],
)
def test_what_leaves_a_trailing_window_leaves_no_trace(function: AggregateFunction, sql_type: str, call: str) -> None:
    made = computation(function, sql_type, trailing=True)
    assert (made.call("x"), made.type) == (call, computation(function, sql_type).type)


@pytest.mark.parametrize("function", [AggregateFunction.MIN, AggregateFunction.MAX])
def test_the_least_and_the_most_are_values_of_the_column(function: AggregateFunction) -> None:
    made = computation(function, "INT")
    assert (made.call("x"), made.type) == (f"{function.value.upper()}(x)", "INT")
