"""SQL types as the resource writes them, from sqlglot's tree."""

from sqlglot import exp

_PLAIN = {
    exp.DataType.Type.TEXT: "STRING",
    exp.DataType.Type.VARCHAR: "STRING",
    exp.DataType.Type.BOOLEAN: "BOOLEAN",
    exp.DataType.Type.TINYINT: "TINYINT",
    exp.DataType.Type.SMALLINT: "SMALLINT",
    exp.DataType.Type.INT: "INT",
    exp.DataType.Type.BIGINT: "BIGINT",
    exp.DataType.Type.FLOAT: "FLOAT",
    exp.DataType.Type.DOUBLE: "DOUBLE",
    exp.DataType.Type.DATE: "DATE",
}
_WITH_PRECISION = {
    exp.DataType.Type.TIMESTAMP: "TIMESTAMP",
    exp.DataType.Type.TIMESTAMPLTZ: "TIMESTAMP_LTZ",
    exp.DataType.Type.DECIMAL: "DECIMAL",
}


def type_name(data_type: exp.DataType) -> str | None:
    """A type's name as in the resource, such as ``DECIMAL(10, 2)``; None for types it does not know."""
    plain = _PLAIN.get(data_type.this)
    if plain is not None:
        return plain
    name = _WITH_PRECISION.get(data_type.this)
    if name is None:
        return None
    numbers = ", ".join(number.name for number in data_type.expressions)
    return f"{name}({numbers})" if numbers else name
