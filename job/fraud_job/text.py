"""Small pieces of SQL text: intervals, times, values as people read them."""

from fraud_api.base import milliseconds
from fraud_api.sql import identifier, literal
from fraud_api.streams import Parameter, ParameterType

_UNITS = (("DAY", 86_400_000), ("HOUR", 3_600_000), ("MINUTE", 60_000), ("SECOND", 1_000))


def interval(duration: str) -> str:
    """A duration as an interval literal, in the largest unit that divides it."""
    length = milliseconds(duration)
    for unit, size in _UNITS:
        if length % size == 0:
            count = str(length // size)
            return f"INTERVAL '{count}' {unit}({max(2, len(count))})"
    seconds = str(length // 1000)
    return f"INTERVAL '{length / 1000:.3f}' SECOND({max(2, len(seconds))}, 3)"


def columns(names: list[str]) -> str:
    """Names as a comma-separated list."""
    return ", ".join(identifier(name) for name in names)


def written_time(expression: str) -> str:
    """A time as ISO 8601 text with milliseconds, in UTC (the session's zone)."""
    return f"DATE_FORMAT({expression}, 'yyyy-MM-dd''T''HH:mm:ss.SSS''Z''')"


def parameter(value: Parameter) -> str:
    """A parameter's value as a literal of its type, in parentheses: a minus sign must not meet another."""
    match value.type:
        case ParameterType.STRING:
            text = literal(value.value)
        case ParameterType.BOOLEAN:
            text = value.value.upper()
        case ParameterType.INT | ParameterType.DECIMAL:
            text = value.value
        case ParameterType.BIGINT:
            text = f"CAST({value.value} AS BIGINT)"
        case ParameterType.DOUBLE:
            # a literal with an exponent is a DOUBLE, one without is a DECIMAL
            text = f"{float(value.value):.17g}"
            text = text if "e" in text else f"{text}E0"
    return f"({text})"
