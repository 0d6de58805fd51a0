"""Go programs: each carries the list of the modules that it was built from, which the toolchain writes into it."""

from collections.abc import Iterator
from pathlib import Path

from sbom.document import Component, purl

_MAGIC = b"\xff Go buildinf:"
_ALIGNED = 16
_FLAGS = 15
_INLINE = 2
_HEADER = 32
_GUARD = 16
"""Length of what the toolchain puts before and after the list."""


def go_modules(root: Path) -> Iterator[Component]:
    """The modules of every Go program in ``/usr/local/bin``, its own and the standard library included."""
    for path in sorted(root.glob("usr/local/bin/*")):
        if path.is_file():
            for module, version in _modules(path.read_bytes()):
                namespace, _, name = module.rpartition("/")
                own = purl("golang", name.lower(), version, namespace.lower())
                yield Component(own, name, version, namespace, place=f"/{path.relative_to(root)}")


def _modules(program: bytes) -> Iterator[tuple[str, str]]:
    """Modules with their versions; none of what was not built with Go 1.18 or newer."""
    begin = program.find(_MAGIC)
    while begin >= 0 and begin % _ALIGNED:
        begin = program.find(_MAGIC, begin + 1)
    if begin < 0 or not program[begin + _FLAGS] & _INLINE:
        return
    version, end = _string(program, begin + _HEADER)
    yield "stdlib", version.decode().removeprefix("go")
    listed = _string(program, end)[0][_GUARD:-_GUARD].decode()
    lines = [line.split("\t") for line in listed.splitlines()]
    for (word, *told), (following, *instead) in zip(lines, [*lines[1:], [""]], strict=True):
        if word in ("mod", "dep"):
            module, version_told, *_ = instead if following == "=>" else told
            yield module, version_told


def _string(program: bytes, at: int) -> tuple[bytes, int]:
    """A string with its length before it in Go's own variable form, and where it ends."""
    length = shift = 0
    while program[at] & 0x80:
        length |= (program[at] & 0x7F) << shift
        at, shift = at + 1, shift + 7
    length |= program[at] << shift
    return program[at + 1 : at + 1 + length], at + 1 + length
