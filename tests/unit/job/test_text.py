import pytest

from fraud_api.streams import Parameter, ParameterType
from fraud_job import text


@pytest.mark.parametrize(
    ("duration", "interval"),
    [
        ("0s", "INTERVAL '0' DAY(2)"),
        ("1ms", "INTERVAL '0 00:00:00.001' DAY(2) TO SECOND(3)"),
        ("250ms", "INTERVAL '0 00:00:00.250' DAY(2) TO SECOND(3)"),
        ("1s", "INTERVAL '1' SECOND(2)"),
        ("90s", "INTERVAL '90' SECOND(2)"),
        ("100s", "INTERVAL '0 00:01:40.000' DAY(2) TO SECOND(3)"),
        ("103m", "INTERVAL '0 01:43:00.000' DAY(2) TO SECOND(3)"),
        ("125m", "INTERVAL '0 02:05:00.000' DAY(2) TO SECOND(3)"),
        ("100h", "INTERVAL '4 04:00:00.000' DAY(2) TO SECOND(3)"),
        ("20m34s567ms", "INTERVAL '0 00:20:34.567' DAY(2) TO SECOND(3)"),
        ("1001s", "INTERVAL '0 00:16:41.000' DAY(2) TO SECOND(3)"),
        ("1441m", "INTERVAL '1 00:01:00.000' DAY(2) TO SECOND(3)"),
        ("365d1ms", "INTERVAL '365 00:00:00.001' DAY(3) TO SECOND(3)"),
        ("60s", "INTERVAL '1' MINUTE(2)"),
        ("1h30m", "INTERVAL '90' MINUTE(2)"),
        ("120m", "INTERVAL '2' HOUR(2)"),
        ("24h", "INTERVAL '1' DAY(2)"),
        ("365d", "INTERVAL '365' DAY(3)"),
        ("999d", "INTERVAL '999' DAY(3)"),
    ],
)
def test_intervals_are_in_the_largest_unit_that_divides(duration: str, interval: str) -> None:
    assert text.interval(duration) == interval


@pytest.mark.parametrize(
    ("duration", "sql"),
    [
        ("12h", "t + INTERVAL '12' HOUR(2)"),
        ("30d", "t + INTERVAL '1' DAY * 30"),
        ("30d12h", "t + INTERVAL '1' DAY * 30 + INTERVAL '12' HOUR(2)"),
        ("999999d", "t + INTERVAL '1' DAY * 999999"),
        ("0s", "t + INTERVAL '0' DAY(2)"),
    ],
)
def test_times_can_be_any_time_later(duration: str, sql: str) -> None:
    assert text.later("t", duration) == sql


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
        (ParameterType.DECIMAL, "9223372036854775807", "(9223372036854775807)"),
        (ParameterType.DECIMAL, "-9223372036854775808", "(CAST('-9223372036854775808' AS DECIMAL(19, 0)))"),
        (ParameterType.DECIMAL, "0012345678901234567.890", "(CAST('0012345678901234567.890' AS DECIMAL(20, 3)))"),
        (ParameterType.DECIMAL, "9" * 38, f"(CAST('{'9' * 38}' AS DECIMAL(38, 0)))"),
        (ParameterType.DECIMAL, f"0.{'9' * 38}", f"(CAST('0.{'9' * 38}' AS DECIMAL(38, 38)))"),
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
