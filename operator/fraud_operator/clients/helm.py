"""Helm, run as a program, a few at a time."""

import json
import os
import subprocess
import threading
from pathlib import Path
from typing import Any, Protocol

from fraud_operator.metrics import HELM_SECONDS

_TIMEOUT_SECONDS = 180.0
_KEPT_REVISIONS = "3"
_LONGEST_MESSAGE = 1_000


def throttled(text: str) -> bool:
    """Whether what Helm says is only that the API server stayed too busy for it."""
    return "too many requests" in text.lower()


class HelmError(Exception):
    """Helm could not do it; the text is its own, on one line."""


class Releases(Protocol):
    """What is asked of Helm."""

    def upgrade(self, release: str, values: dict[str, Any], *, adopt: bool = False) -> None:
        """Install or upgrade a release. Raises HelmError."""

    def rehearse(self, release: str, values: dict[str, Any], *, adopt: bool = False) -> dict[str, Any]:
        """The record that an upgrade would leave; nothing is changed. Raises HelmError."""

    def uninstall(self, release: str) -> None:
        """Remove a release; fine where there is none. Raises HelmError."""


class Helm:
    """The helm program, releases kept in ConfigMaps of one namespace, wherever their objects go."""

    def __init__(self, program: str, chart: Path, concurrency: int, namespace: str) -> None:
        """``chart`` is what every release is made of; at most ``concurrency`` processes at once."""
        self._namespace = namespace
        self._program = program
        self._chart = chart
        self._turn = threading.Semaphore(concurrency)

    def upgrade(self, release: str, values: dict[str, Any], *, adopt: bool = False) -> None:
        """Install or upgrade a release, with exactly these values.

        Args:
            adopt: whether objects that are another release's become this one's.
        """
        self._run("upgrade", self._upgrade(release, adopt), values)

    def rehearse(self, release: str, values: dict[str, Any], *, adopt: bool = False) -> dict[str, Any]:
        """The record that an upgrade would leave, rendered for this very cluster; nothing is changed."""
        said = self._run("dry-run", [*self._upgrade(release, adopt), "--dry-run=server", "--output", "json"], values)
        try:
            found: dict[str, Any] = json.loads(said)
        except ValueError:
            raise HelmError("what helm would do can't be read") from None
        return found

    def _upgrade(self, release: str, adopt: bool) -> list[str]:
        arguments = ["upgrade", "--install", release, str(self._chart), "--namespace", self._namespace]
        arguments += ["--reset-values", "--history-max", _KEPT_REVISIONS, "--values", "-"]
        return arguments + ["--take-ownership"] * adopt

    def uninstall(self, release: str) -> None:
        """Remove a release; fine where there is none."""
        arguments = ["uninstall", release, "--namespace", self._namespace, "--ignore-not-found"]
        self._run("uninstall", arguments, None)

    def _run(self, what: str, arguments: list[str], values: dict[str, Any] | None) -> str:
        with self._turn, HELM_SECONDS.labels(what).time():
            try:
                done = subprocess.run(
                    [self._program, *arguments],
                    input=json.dumps(values) if values is not None else "",
                    capture_output=True,
                    text=True,
                    timeout=_TIMEOUT_SECONDS,
                    env=os.environ | {"HELM_DRIVER": "configmap"},
                    check=False,
                )
            except subprocess.TimeoutExpired:
                raise HelmError(f"helm {what} did not end within {_TIMEOUT_SECONDS:g} s") from None
            except OSError as error:
                raise HelmError(f"helm can't be run: {error.strerror}") from None
        if done.returncode:
            raise HelmError(_message(done.stderr))
        return done.stdout


def _message(said: str) -> str:
    """The error in what helm said, on one line, without what it says for its own sake."""
    lines = [line for line in said.splitlines() if line.strip()]
    errors = [place for place, line in enumerate(lines) if line.startswith("Error: ")]
    text = " ".join(" ".join(lines[errors[-1] :] if errors else lines[-1:]).split())
    text = text.removeprefix("Error: ").removeprefix("UPGRADE FAILED: ").removeprefix("INSTALLATION FAILED: ")
    _, found, told = text.partition("error calling fail: ")
    return (told if found else text)[:_LONGEST_MESSAGE] or "helm failed and did not say why"
