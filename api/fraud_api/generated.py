"""Files that are made from the models: written, or checked for drift."""

import sys
from collections.abc import Sequence
from pathlib import Path


def write_or_check(path: Path, content: str, arguments: Sequence[str]) -> int:
    """Write a file, or with ``--check`` only tell whether it is what would be written; returns the exit code."""
    if "--check" not in arguments:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
        return 0
    if path.is_file() and path.read_text(encoding="utf-8") == content:
        return 0
    sys.stderr.write(f"{path} is out of date: make it again\n")
    return 1
