"""Helm for tests: charts rendered to objects, and what it says of values that it refuses."""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from fraudctl.errors import MachineError
from fraudctl.runtime.cache import cached

VERSION = "3.21.4"
KUBERNETES = "1.36.0"
CHARTS = Path(__file__).parents[2] / "charts"
_LAB = Path.home() / ".cache" / "fraud-lab" / "bin"


class HelmRefused(Exception):
    """Helm did not render or install; the text is what it says."""


@cache
def helm() -> str:
    """Path of Helm: the one on the PATH, the lab's, or one built once into fraudctl's cache.

    Raises MachineError that says what to install.
    """
    found = shutil.which("helm", path=f"{os.environ.get('PATH', os.defpath)}{os.pathsep}{_LAB}")
    return found or str(cached(f"helm-{VERSION}", _build) / "helm")


def _build(into: Path) -> None:
    todo = "install Helm 3, or Go to build it"
    if shutil.which("go") is None:
        raise MachineError("neither Helm nor Go is installed", todo)
    command = ["go", "install", "-ldflags", "-s -w", f"helm.sh/helm/v3/cmd/helm@v{VERSION}"]
    environ = {**os.environ, "GOBIN": str(into), "CGO_ENABLED": "0"}
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    if done.returncode:
        raise MachineError(f"Helm could not be built: {done.stderr.strip()[-300:]!r}", todo)


def run(*arguments: str, stdin: str | None = None) -> str:
    """What Helm prints; its complaint as HelmRefused."""
    done = subprocess.run([helm(), *arguments], input=stdin, capture_output=True, text=True, check=False)
    if done.returncode:
        raise HelmRefused(done.stderr.strip())
    return done.stdout


def render(
    chart: str, values: Mapping[str, Any] | None = None, release: str = "test", namespace: str = "default"
) -> str:
    """A chart of ours as the YAML that would be applied: hooks and ``crds/`` too."""
    arguments = ["template", release, str(CHARTS / chart), "--namespace", namespace, "--kube-version", KUBERNETES]
    arguments += ["--include-crds", "--values", "-"]
    return run(*arguments, stdin=json.dumps(values or {}))


def template(
    chart: str, values: Mapping[str, Any] | None = None, release: str = "test", namespace: str = "default"
) -> list[dict[str, Any]]:
    """A chart of ours as objects. Raises HelmRefused with what Helm says of values that it refuses."""
    return objects(render(chart, values, release, namespace))


def refused(
    chart: str, values: Mapping[str, Any] | None = None, release: str = "test", namespace: str = "default"
) -> str:
    """What Helm says of values that must be refused; an AssertionError when they are not."""
    try:
        render(chart, values, release, namespace)
    except HelmRefused as error:
        return str(error)
    raise AssertionError(f"{chart} took {values}")


def objects(text: str) -> list[dict[str, Any]]:
    """The Kubernetes objects in a YAML text."""
    # PyYAML reads YAML 1.1, as Kubernetes does
    return [each for each in yaml.load_all(text, Loader=yaml.CSafeLoader) if each]


def one(found: list[dict[str, Any]], kind: str, name: str | None = None) -> dict[str, Any]:
    """The only object of a kind (and name)."""
    (only,) = (each for each in found if each["kind"] == kind and name in (None, each["metadata"]["name"]))
    return only
