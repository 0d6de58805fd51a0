"""Detectors from files, as commands want them."""

import os
import sys
from collections.abc import Iterable
from pathlib import Path

import typer

from fraud_api import FraudDetector
from fraud_api.load import read_file
from fraud_api.problems import InvalidDetector, Problem, Severity
from fraudctl.errors import UserError


def load_all(file: Path) -> list[FraudDetector]:
    """Every detector of a file. Prints all problems and warnings, and raises UserError when there are problems."""
    try:
        loaded = read_file(file, os.environ)
    except InvalidDetector as error:
        _print(error.problems)
        count = sum(problem.severity is Severity.ERROR for problem in error.problems)
        found = "a problem" if count == 1 else f"{count} problems"
        raise UserError(f"{file} has {found}, see above", "mend the file and try again") from None
    _print(loaded.warnings)
    return loaded.detectors


def _print(problems: Iterable[Problem]) -> None:
    sys.stdout.flush()
    for problem in problems:
        typer.echo(str(problem), err=True)


def load_one(file: Path) -> FraudDetector:
    """The only detector of a file. Raises UserError when there are several."""
    found = load_all(file)
    if len(found) != 1:
        names = ", ".join(detector.metadata.name for detector in found)
        raise UserError(f"{file} holds {len(found)} detectors ({names})", "give a file with one")
    return found[0]
