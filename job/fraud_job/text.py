"""Small pieces of SQL text: intervals, times, values as people read them."""

from fraud_api.base import LONGEST_DAYS, milliseconds
from fraud_api.sql import identifier, literal
from fraud_api.streams import Parameter, ParameterType

_UNITS = (("DAY", 86_400_000, LONGEST_DAYS), ("HOUR", 3_600_000, 99), ("MINUTE", 60_000, 99), ("SECOND", 1_000, 99))
"""Units with their milliseconds and the most that Flink takes of them: compiled plans know three digits of days only
where no smaller unit leads, and two of all others."""

_LONGEST_LITERAL = 2**63
_MOST_DIGITS = 38


def interval(duration: str) -> str:
    """A duration as an interval literal, in the largest unit that divides it, else in days to milliseconds."""
    return interval_of(milliseconds(duration))


def interval_of(length: int) -> str:
    """A number of milliseconds as an interval literal."""
    for unit, size, most in _UNITS:
        if length % size == 0 and length // size <= most:
            return f"INTERVAL '{length // size}' {unit}({_digits(length // size)})"
    days, rest = divmod(length, 86_400_000)
    hours, rest = divmod(rest, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    clock = f"{hours:02}:{minutes:02}:{rest // 1000:02}.{rest % 1000:03}"
    return f"INTERVAL '{days} {clock}' DAY({_digits(days)}) TO SECOND(3)"


def later(time: str, duration: str) -> str:
    """SQL of a time and a duration of any length after it."""
    days, rest = divmod(milliseconds(duration), 86_400_000)
    whole = f" + INTERVAL '1' DAY * {days}" if days else ""
    return f"{time}{whole} + {interval_of(rest)}" if rest or not days else f"{time}{whole}"


def _digits(count: int) -> int:
    return max(2, len(str(count)))


def columns(names: list[str]) -> str:
    """Names as a comma-separated list."""
    return ", ".join(identifier(name) for name in names)


def joined(columns: list[str]) -> str:
    """SQL of values as one text: a value as text, or several joined by ``|``, escaped by a backslash."""
    parts = [f"CAST({column} AS STRING)" for column in columns]
    if len(parts) == 1:
        return parts[0]
    parts = [f"REPLACE(REPLACE(COALESCE({part}, ''), '\\', '\\\\'), '|', '\\|')" for part in parts]
    return f"CONCAT_WS('|', {', '.join(parts)})"


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
        case ParameterType.INT:
            text = value.value
        case ParameterType.DECIMAL:
            text = _exact(value.value)
        case ParameterType.BIGINT:
            text = f"CAST({value.value} AS BIGINT)"
        case ParameterType.DOUBLE:
            # a literal with an exponent is a DOUBLE, one without is a DECIMAL
            text = f"{float(value.value):.17g}"
            text = text if "e" in text else f"{text}E0"
    return f"({text})"


def _exact(number: str) -> str:
    """An exact number; Flink takes no literal whose digits are more than 64 bits hold."""
    fraction = number.partition(".")[2]
    digits = number.lstrip("-").replace(".", "").lstrip("0")
    if int(digits or "0") < _LONGEST_LITERAL:
        return number
    size = min(_MOST_DIGITS, max(len(digits), len(fraction) + 1))
    return f"CAST({literal(number)} AS DECIMAL({size}, {len(fraction)}))"
