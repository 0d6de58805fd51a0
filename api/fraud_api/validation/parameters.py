"""Parameters: values that are what their type says."""

import re
from decimal import Decimal

from fraud_api.sql import parse_condition
from fraud_api.sql_tokens import SqlError
from fraud_api.streams import Parameter, ParameterType
from fraud_api.validation.report import SPEC, Report

_WHOLE = re.compile(r"-?[0-9]{1,19}")
_EXACT = re.compile(r"-?[0-9]{1,38}(\.[0-9]{1,38})?")
_NUMBER = re.compile(r"-?[0-9]{1,200}(\.[0-9]{1,200})?([eE][+-]?[0-9]{1,3})?")
_DECIMAL_DIGITS = 38


def check(report: Report) -> None:
    """Check every parameter's value and name."""
    for index, parameter in enumerate(report.spec.parameters):
        place = SPEC.field("parameters").item(index, parameter.name)
        wanted = _wanted(parameter)
        if wanted is not None:
            message = f"'{parameter.value}' is not {wanted}, as type {parameter.type} asks for"
            report.add(place.field("value"), message)
        elif parameter.type is ParameterType.DOUBLE and Decimal(parameter.value) != Decimal(
            repr(float(parameter.value))
        ):
            message = (
                f"'{parameter.value}' has more digits than a DOUBLE holds, which makes {float(parameter.value)!r} of it"
            )
            report.add(place.field("value"), message, "give the parameter type: DECIMAL")
        if not _usable(parameter.name):
            message = f"'{parameter.name}' is a word of SQL, so no condition can say :{parameter.name}"
            report.add(place.field("name"), message, "choose another name")


def _usable(name: str) -> bool:
    """Whether SQL takes a parameter of this name."""
    try:
        return len(parse_condition(f"a > :{name}").parameters) == 1
    except SqlError:
        return False


def _wanted(parameter: Parameter) -> str | None:
    """What the value should have been; None when it is."""
    value = parameter.value
    match parameter.type:
        case ParameterType.BOOLEAN:
            return None if value.lower() in {"true", "false"} else "true or false"
        case ParameterType.INT:
            return None if _whole(value, 32) else "a whole number of 32 bits"
        case ParameterType.BIGINT:
            return None if _whole(value, 64) else "a whole number of 64 bits"
        case ParameterType.DECIMAL:
            return None if _decimal(value) else "a decimal number of at most 38 digits, such as 12.50"
        case ParameterType.DOUBLE:
            return None if _double(value) else "a number, such as 900 or 0.5"
        case _:
            return None


def _whole(value: str, bits: int) -> bool:
    return bool(_WHOLE.fullmatch(value)) and -(2 ** (bits - 1)) <= int(value) < 2 ** (bits - 1)


def _decimal(value: str) -> bool:
    return bool(_EXACT.fullmatch(value)) and len(Decimal(value).as_tuple().digits) <= _DECIMAL_DIGITS


def _double(value: str) -> bool:
    return bool(_NUMBER.fullmatch(value)) and abs(float(value)) < float("inf")
