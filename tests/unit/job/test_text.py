import pytest

from fraud_api.streams import Parameter, ParameterType
from fraud_job import text


@pytest.mark.parametrize(
    ("duration", "interval"),
    [
        ("1ms", "INTERVAL '0.001' SECOND(2, 3)"),
        ("250ms", "INTERVAL '0.250' SECOND(2, 3)"),
        ("1s", "INTERVAL '1' SECOND(2)"),
        ("90s", "INTERVAL '90' SECOND(2)"),
        ("100s", "INTERVAL '100' SECOND(3)"),
        ("1234567ms", "INTERVAL '1234.567' SECOND(4, 3)"),
        ("60s", "INTERVAL '1' MINUTE(2)"),
        ("1h30m", "INTERVAL '90' MINUTE(2)"),
        ("120m", "INTERVAL '2' HOUR(2)"),
        ("24h", "INTERVAL '1' DAY(2)"),
        ("365d", "INTERVAL '365' DAY(3)"),
        ("999999d", "INTERVAL '999999' DAY(6)"),
    ],
)
def test_intervals_are_in_the_largest_unit_that_divides(duration: str, interval: str) -> None:
    assert text.interval(duration) == interval


@pytest.mark.parametrize(
    ("kind", "value", "sql"),
    [
        (ParameterType.STRING, "O'Hara", "('O''Hara')"),
        (ParameterType.STRING, "", "('')"),
        (ParameterType.STRING, "a -- b /* :c */", "('a -- b /* :c */')"),
        (ParameterType.BOOLEAN, "true", "(TRUE)"),
        (ParameterType.BOOLEAN, "False", "(FALSE)"),
        (ParameterType.INT, "-7", "(-7)"),
        (ParameterType.BIGINT, "7", "(CAST(7 AS BIGINT))"),
        (ParameterType.BIGINT, "-9223372036854775808", "(CAST(-9223372036854775808 AS BIGINT))"),
        (ParameterType.DECIMAL, "12.50", "(12.50)"),
        (ParameterType.DOUBLE, "900", "(900E0)"),
        (ParameterType.DOUBLE, "-0.5", "(-0.5E0)"),
        (ParameterType.DOUBLE, "1e-9", "(1.0000000000000001e-09)"),
        (ParameterType.DOUBLE, "0.1", "(0.10000000000000001E0)"),
    ],
)
def test_parameters_are_literals_of_their_type(kind: ParameterType, value: str, sql: str) -> None:
    assert text.parameter(Parameter(name="p", type=kind, value=value)) == sql


@pytest.mark.parametrize("written", ["0.1", "1e22", "123456789.123456789", "5e-324", "1.7976931348623157e308", "3"])
def test_doubles_lose_nothing_on_the_way(written: str) -> None:
    literal = text.parameter(Parameter(name="p", type=ParameterType.DOUBLE, value=written)).strip("()")
    assert float(literal) == float(written)
    assert "e" in literal.lower(), "without an exponent it would be a DECIMAL"
