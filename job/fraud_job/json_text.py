"""JSON texts as templates with values: what never changes is written once, at compile time."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from fraud_api.sql import literal


@dataclass(frozen=True)
class Json:
    """A JSON text to be.

    Attributes:
        template: JSON with a ``?`` for each value and a ``$`` for each value that is JSON text already.
        values: SQL of the values, in order.
    """

    template: str
    values: tuple[str, ...] = ()

    def sql(self) -> str:
        """The call that makes the text."""
        if not self.values:
            return literal(self.template.replace("??", "?").replace("$$", "$"))
        return f"fill_json({', '.join([literal(self.template), *self.values])})"


NULL = Json("null")


def constant(value: str) -> Json:
    """A text known now."""
    return Json(json.dumps(value, ensure_ascii=False).replace("?", "??").replace("$", "$$"))


def value(sql: str) -> Json:
    """What an SQL expression gives."""
    return Json("?", (sql,))


def raw(sql: str) -> Json:
    """What an SQL expression gives, which is JSON text already."""
    return Json("$", (sql,))


def array(*items: Json) -> Json:
    """An array."""
    template = ",".join(item.template for item in items)
    return Json(f"[{template}]", tuple(sql for item in items for sql in item.values))


def members(parts: Iterable[tuple[str, Json]]) -> Json:
    """An object, its members in this order."""
    pairs = list(parts)
    template = ",".join(f"{constant(name).template}:{part.template}" for name, part in pairs)
    return Json(f"{{{template}}}", tuple(sql for _, part in pairs for sql in part.values))
