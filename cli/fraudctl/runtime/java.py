"""The Java and the Maven of this machine."""

import os
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path

from fraudctl.errors import MachineError

MINIMUM = 17
COLLECTOR = "-XX:+UseParallelGC"
"""For what runs a job: it makes rows by the million that die at once, and G1 charges every write for short pauses."""
_INSTALL = f"install a JDK {MINIMUM} or later (Debian: openjdk-17-jre-headless) or set JAVA_HOME to one"
_VERSION = re.compile(r'version "(?:1\.)?([0-9]+)')


def java() -> str:
    """Path of a Java that is new enough. Raises MachineError that says what to install."""
    home = os.environ.get("JAVA_HOME")
    found = str(Path(home, "bin", "java")) if home else shutil.which("java")
    if found is None or not os.access(found, os.X_OK):
        raise MachineError(f"JAVA_HOME is {home}, but no Java is there" if home else "Java is not installed", _INSTALL)
    version = _major_version(found)
    if version < MINIMUM:
        raise MachineError(f"Java {version or '?'} at {found} is too old", _INSTALL)
    return found


@cache
def _major_version(executable: str) -> int:
    """The feature release, such as 17; 0 when it does not say."""
    try:
        told = subprocess.run([executable, "-version"], capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise MachineError(f"Java at {executable} does not start ({error})", _INSTALL) from error
    match = _VERSION.search(told.stderr + told.stdout)
    return int(match.group(1)) if match else 0


def maven(doing: str) -> str:
    """Path of Maven. Raises MachineError that says what it is wanted for, and what to install."""
    found = shutil.which("mvn")
    if found is None:
        raise MachineError(
            f"Maven is not installed, and is wanted once to {doing}",
            "install Maven 3.6 or later (Debian: maven), so that mvn is on the PATH",
        )
    return found


def run_maven(*arguments: str | os.PathLike[str], doing: str) -> None:
    """Run Maven quietly. Raises MachineError with the first line of its complaint."""
    java()
    command = [maven(doing), "-q", "-B", "-Dstyle.color=never", *arguments]
    done = subprocess.run(
        command, capture_output=True, text=True, errors="replace", check=False, stdin=subprocess.DEVNULL
    )
    if done.returncode:
        raise MachineError(
            f"Maven could not {doing}: {_complaint(done.stdout + done.stderr)}",
            "check that Maven reaches its repository (a mirror goes into ~/.m2/settings.xml)",
        )


def _complaint(output: str) -> str:
    lines = [line.removeprefix("[ERROR]").strip() for line in output.splitlines() if line.startswith("[ERROR]")]
    return next((line for line in lines if line), f"no reason given ({output.strip()[-200:]!r})")
