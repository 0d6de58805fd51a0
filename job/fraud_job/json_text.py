"""JSON texts as templates with values: what never changes is written once, at compile time."""

import json
import re
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
            return literal(unescaped(self.template))
        return f"fill_json({', '.join([literal(self.template), *self.values])})"


def escaped(text: str, markers: str) -> str:
    """A piece of a template that holds no marker: a backslash takes the meaning from what follows it."""
    return re.sub(rf"[\\{markers}]", r"\\\g<0>", text)


def unescaped(template: str) -> str:
    """The text of a template without markers."""
    return re.sub(r"\\(.)", r"\1", template, flags=re.DOTALL)


NULL = Json("null")


def constant(value: str) -> Json:
    """A text known now."""
    return Json(escaped(json.dumps(value, ensure_ascii=False), "?$"))


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
