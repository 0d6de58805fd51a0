"""Runs Lua that judges a resource, as Argo CD does: the resource is ``obj``, a table comes back."""

import shutil
import subprocess
from collections.abc import Mapping
from typing import Any

import pytest

NAMES = ("lua5.1", "luajit", "lua", "lua5.4", "lua5.3")
"""What Lua may be called on the PATH; Argo CD's own speaks 5.1."""


def interpreter() -> str:
    """Path of a Lua; without one the test is skipped, and the report says what to install."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    return found or pytest.skip("no Lua on the PATH (Debian: lua5.1), so Argo CD's health check is not run")


def judge(lua: str, script: str, resource: Mapping[str, Any]) -> dict[str, str]:
    """Status and message that a health check in Lua returns for a resource."""
    ends = 'io.write(told.status, "\\n", told.message)'
    program = f"obj = {literal(resource)}\nlocal function judge()\n{script}\nend\nlocal told = judge()\n{ends}\n"
    done = subprocess.run([lua, "-"], input=program, capture_output=True, text=True, check=False, timeout=30)
    assert done.returncode == 0, done.stderr
    status, _, message = done.stdout.partition("\n")
    return {"status": status, "message": message}


def literal(value: Any) -> str:
    """A value of JSON as Lua writes it; a null is no value there."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, str):
        return '"' + "".join(f"\\{byte:03d}" for byte in value.encode()) + '"'
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"[{literal(k)}] = {literal(v)}" for k, v in value.items() if v is not None) + "}"
    return "{" + ", ".join(map(literal, value)) + "}"
