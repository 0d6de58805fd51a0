"""YAML (and so JSON) text read into plain data, with the line of every part of it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from fraud_api.problems import Keys

MAX_CHARACTERS = 1_048_576
MAX_NODES = 60_000
MAX_DEPTH = 64
_STANDARD = "tag:yaml.org,2002:"
_SIGNED_64_BIT = range(-(2**63), 2**63)
_OCTAL = re.compile(r"[-+]?0[0-9_]+")
_TRUTHS = frozenset({"y", "n", "yes", "no", "on", "off"})
_FREE = ("spec", "parameters", None, "value")
"""Where a truth value may stand for a text."""


@dataclass
class Mistake:
    """Something that makes a text no plain document."""

    line: int | None
    message: str
    keys: Keys = ()


@dataclass
class Document:
    """One document of a file."""

    data: Any
    line: int
    lines: dict[Keys, int] = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)
    origins: dict[Keys, str] = field(default_factory=dict)
    """Where values came from that are not the file's own."""

    def line_of(self, keys: Keys) -> int:
        """The line of a part, or of the nearest part around it."""
        while keys and keys not in self.lines:
            keys = keys[:-1]
        return self.lines.get(keys, self.line)


class _TooMuch(Exception):
    """A document that is deeper or bigger than any detector."""


class _BoundedComposer(Composer):  # type: ignore[misc]  # the package has no types
    """Gives up on deep nesting early: the scanner's time grows with its square."""

    _depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise _TooMuch
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node


def read_documents(text: str) -> tuple[list[Document], Mistake | None]:
    """All documents of a text, and what broke off the reading if anything did."""
    if len(text) > MAX_CHARACTERS:
        return [], Mistake(None, "larger than 1 MiB: too large for a FraudDetector")
    documents: list[Document] = []
    try:
        for node in _compose(text):
            if not _is_empty(node):
                documents.append(_Builder(node).document)
    except MarkedYAMLError as error:
        return documents, _syntax_mistake(error)
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        return documents, Mistake(line, f"not YAML: a character that no text has ({error.character!r})")
    except (_TooMuch, RecursionError):
        return documents, Mistake(None, "nested too deeply, or blown up by aliases: no FraudDetector looks like this")
    except Exception as error:  # ruamel.yaml lets others through on garbage, such as ValueError for bad escapes
        return documents, Mistake(None, f"not YAML: {error}")
    return documents, None


def _compose(text: str) -> Iterator[Node | None]:
    yaml = YAML(typ="safe", pure=True)
    yaml.Composer = _BoundedComposer
    found: Iterator[Node | None] = yaml.compose_all(text)
    return found


def _is_empty(node: Node | None) -> bool:
    return node is None or (node.tag == _STANDARD + "null" and node.value == "")


def _syntax_mistake(error: MarkedYAMLError) -> Mistake:
    mark = error.problem_mark or error.context_mark
    parts = [part for part in (error.context, error.problem) if part]
    if "\\t" in str(error.problem):
        hint = "indent with spaces, not tabs"
    else:
        hint = "check the indentation and the quotes of this line and the one above"
    return Mistake(mark.line + 1 if mark else None, f"not YAML: {', '.join(parts)}; {hint}")


class _Builder:
    """Turns composed nodes into plain data; aliases are expanded, up to a bound."""

    def __init__(self, node: Node) -> None:
        self.nodes = 0
        self.document = Document(None, node.start_mark.line + 1)
        self.document.data = self._build(node, ())

    def _build(self, node: Node, keys: Keys) -> Any:
        self.nodes += 1
        if self.nodes > MAX_NODES or len(keys) > MAX_DEPTH:
            raise _TooMuch
        self.document.lines.setdefault(keys, node.start_mark.line + 1)
        if not str(node.tag).startswith(_STANDARD):
            self._mistake(node, f"unknown tag {node.tag}: only plain YAML is read", keys)
        if isinstance(node, MappingNode):
            return self._mapping(node, keys)
        if isinstance(node, SequenceNode):
            return [self._build(child, (*keys, index)) for index, child in enumerate(node.value)]
        return self._scalar(node, keys)

    def _mapping(self, node: MappingNode, keys: Keys) -> dict[str, Any]:
        built: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        for key, value in node.value:
            if key.tag == _STANDARD + "merge":
                merged = {**self._merged(value, keys), **merged}
            elif not isinstance(key, ScalarNode):
                self._mistake(key, "a field's name must be plain text", keys)
            elif key.value in built:
                self._mistake(key, f"field '{key.value}' is given twice", (*keys, key.value))
            else:
                self.document.lines[(*keys, key.value)] = key.start_mark.line + 1
                built[key.value] = self._build(value, (*keys, key.value))
        return {**merged, **built}

    def _merged(self, node: Node, keys: Keys) -> dict[str, Any]:
        """What ``<<: *alias`` brings in; the earlier of several wins."""
        sources = node.value if isinstance(node, SequenceNode) else [node]
        merged: dict[str, Any] = {}
        for source in sources:
            if isinstance(source, MappingNode):
                merged = {**self._build(source, keys), **merged}
            else:
                self._mistake(source, "<< takes a mapping, or a list of them", keys)
        return merged

    def _scalar(self, node: ScalarNode, keys: Keys) -> Any:
        text = str(node.value)
        if any("\ud800" <= character <= "\udfff" for character in text):
            text = self._paired(node, text, keys)
        if node.style is None:
            wrong = _misread(str(node.tag), text, keys)
            if wrong:
                self._mistake(node, wrong, keys)
        return _plain_value(str(node.tag), text)

    def _paired(self, node: Node, text: str, keys: Keys) -> str:
        """JSON writes characters beyond 16 bits as two escapes; put them together."""
        try:
            return text.encode("utf-16", "surrogatepass").decode("utf-16")
        except UnicodeDecodeError:
            self._mistake(node, "a text with half a character in it (a lone surrogate)", keys)
            return text.encode("utf-8", "replace").decode()

    def _mistake(self, node: Node, message: str, keys: Keys) -> None:
        self.document.mistakes.append(Mistake(node.start_mark.line + 1, message, keys))


def _misread(tag: str, text: str, keys: Keys) -> str | None:
    """Why a value without quotes is not what it seems, or is something else to Kubernetes, whose YAML is older."""
    kind = tag.removeprefix(_STANDARD)
    if kind in ("int", "float") and _keeps(text) != _number(text):
        return f"{text} has more digits than a number without quotes keeps: put quotes around it"
    if kind == "int" and _OCTAL.fullmatch(text):
        return f"{text} begins with a zero, which makes another number of it on Kubernetes: leave it out or quote it"
    is_free = len(keys) == len(_FREE) and all(wanted in (None, key) for wanted, key in zip(_FREE, keys, strict=True))
    if is_free and text.lower() in _TRUTHS:
        return f"{text} is true or false on Kubernetes: write true or false, or put quotes around it"
    return None


def _number(text: str) -> Decimal | None:
    """What a number says, None for one that is none in JSON."""
    try:
        return Decimal(text.replace("_", ""))
    except InvalidOperation:
        return None


def _keeps(text: str) -> Decimal | None:
    """What is left of a number in JSON: 64 bits of it, whole or floating."""
    number = _number(text)
    if number is None or not number.is_finite():
        return number
    is_whole = number == number.to_integral_value() and "." not in text and "e" not in text.lower()
    if is_whole:
        return number if int(number) in _SIGNED_64_BIT else None
    kept = float(number)
    return Decimal(repr(kept)) if abs(kept) < float("inf") else None


def plain_text_value(text: str) -> Any:
    """The value of a text as it would be in a file, without quotes: ``900`` is a number."""
    try:
        node = next(_compose(text), None) if len(text) <= 256 else None
    except Exception:  # as above: no text may end in a traceback
        return text
    return _plain_value(str(node.tag), text.strip()) if isinstance(node, ScalarNode) else text


def _plain_value(tag: str, text: str) -> Any:
    """A scalar's value; text stays text where JSON has no such value."""
    try:
        match tag.removeprefix(_STANDARD):
            case "null":
                return None
            case "bool":
                return text.lower() in {"true", "yes", "on"}
            case "int":
                return _integer(text)
            case "float":
                # what a number can't keep stays text: an environment variable needs no quotes
                number = float(text.replace("_", ""))
                return number if abs(number) < float("inf") and _keeps(text) == _number(text) else text
    except ValueError:
        pass
    return text


def _integer(text: str) -> int | str:
    digits = text.replace("_", "").lower()
    base = 8 if "0o" in digits else 16 if "0x" in digits else 10
    number = int(digits, base)
    return number if number in _SIGNED_64_BIT else text
