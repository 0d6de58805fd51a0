"""Become a JobManager or a TaskManager: ``python -m fraud_job.pod jobmanager|taskmanager [ARGUMENT...]``.

Flink's own start scripts run four JVMs before the one that stays, a tenth of a job's start where CPU is short. Here
only one goes before, Flink's ``BashJavaUtils``, which divides a pod's memory among the parts of Flink. Options of Java
come from the configuration, as there. Where the image has a class archive (``classes.jsa``), Java uses it.
"""

import os
import shlex
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from ruamel.yaml import YAML

_RESULT = "BASH_JAVA_UTILS_EXEC_RESULT:"
SHORT_LIVED = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
"""Options for a Java that runs for seconds: no use for the second compiler and for a collector with threads."""
_EXPORTED = (
    "java.rmi/sun.rmi.registry",
    "java.security.jgss/sun.security.krb5",
    *(f"jdk.compiler/com.sun.tools.javac.{part}" for part in ("api", "file", "parser", "tree", "util")),
)
_OPENED = (
    *("java.io", "java.lang", "java.lang.reflect", "java.net", "java.nio", "java.text", "java.time", "java.util"),
    *("java.util.concurrent", "java.util.concurrent.atomic", "java.util.concurrent.locks", "sun.nio.ch"),
)
_ACCESS = (
    *(f"--add-exports={package}=ALL-UNNAMED" for package in _EXPORTED),
    *(f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in _OPENED),
)
"""What Flink's reflection needs of Java 17; the same as in the configuration that Flink brings along."""


@dataclass(frozen=True)
class Role:
    """One of Flink's two processes.

    Attributes:
        main: its main class.
        memory: what ``BashJavaUtils`` is asked for its memory with.
    """

    main: str
    memory: str


ROLES = {
    "jobmanager": Role(
        "org.apache.flink.container.entrypoint.StandaloneApplicationClusterEntryPoint", "GET_JM_RESOURCE_PARAMS"
    ),
    "taskmanager": Role("org.apache.flink.runtime.taskexecutor.TaskManagerRunner", "GET_TM_RESOURCE_PARAMS"),
}


class MemoryRefused(ValueError):
    """Flink can't divide the memory as it is configured; the text says why."""


@dataclass(frozen=True)
class Flink:
    """A distribution of Flink in a directory."""

    home: Path

    @property
    def environment(self) -> dict[str, str]:
        """Where Flink's classes look for its parts."""
        parts = {"CONF": "conf", "BIN": "bin", "PLUGINS": "plugins", "LIB": "lib", "OPT": "opt"}
        return {f"FLINK_{name}_DIR": str(self.home / part) for name, part in parts.items()}

    @property
    def distribution(self) -> Path:
        """The jar with most of Flink."""
        [found] = self.home.glob("lib/flink-dist-*.jar")
        return found

    def classpath(self) -> str:
        """All jars, by name, the distribution last: in this order an archive of classes is valid."""
        jars = sorted(jar for jar in self.home.glob("lib/*.jar") if jar != self.distribution)
        return ":".join(map(str, [*jars, self.distribution]))

    def configuration(self) -> Mapping[str, object]:
        """What ``conf/config.yaml`` says, by Flink's flat names."""
        return dict(YAML(typ="safe").load(self.home / "conf" / "config.yaml") or {})

    def memory(self, role: Role, dynamic: Sequence[str]) -> tuple[list[str], list[str]]:
        """Options for Java and arguments for Flink that divide the memory.

        Raises:
            MemoryRefused: it can't be divided so.
        """
        tools = f"{self.home}/bin/bash-java-utils.jar:{self.distribution}"
        command = ["java", *SHORT_LIVED, "-cp", tools, "org.apache.flink.runtime.util.bash.BashJavaUtils"]
        arguments = [role.memory, "--configDir", str(self.home / "conf"), *dynamic]
        done = subprocess.run([*command, *arguments], capture_output=True, text=True, check=False)
        told = [line.removeprefix(_RESULT).split() for line in done.stdout.splitlines() if line.startswith(_RESULT)]
        if done.returncode or len(told) != 2:
            raise MemoryRefused(_why(done.stdout + done.stderr))
        return told[0], told[1]


def command(flink: Flink, name: str, arguments: Sequence[str]) -> list[str]:
    """The command that is to go on as the process.

    Raises:
        MemoryRefused: the memory can't be divided as it is configured.
    """
    role = ROLES[name]
    java, memory = flink.memory(role, [argument for argument in arguments if argument.startswith("-D")])
    archive = flink.home / "classes.jsa"
    return [
        "java",
        *java,
        "-XX:+IgnoreUnrecognizedVMOptions",
        *_ACCESS,
        *([f"-XX:SharedArchiveFile={archive}"] if archive.exists() else []),
        *java_options(flink.configuration(), name),
        f"-Dlog4j.configurationFile=file:{flink.home}/conf/log4j-console.properties",
        "-classpath",
        flink.classpath(),
        role.main,
        "--configDir",
        str(flink.home / "conf"),
        *memory,
        *arguments,
    ]


def java_options(configuration: Mapping[str, object], name: str) -> list[str]:
    """The options for Java that are configured for all processes and for this one, the user's after the defaults.

    As in Flink's scripts the environment's variables are put in, quotes hold words together, and the former name of
    the options for all processes still counts.
    """
    known = {"env.java.opts.all": configuration.get("env.java.opts"), **configuration}
    keys = [f"env.java.{which}.{part}" for part in ("all", name) for which in ("default-opts", "opts")]
    return [option for key in keys for option in shlex.split(os.path.expandvars(str(known.get(key) or "")))]


def _why(output: str) -> str:
    said = [line for line in output.splitlines() if "Exception" in line and not line.lstrip().startswith("at ")]
    return said[-1].partition("Exception: ")[2] or said[-1] if said else output.strip()[-1000:]


def main(arguments: list[str]) -> NoReturn:
    """Entry point; ends with exit code 1 or 2 where there is nothing to become."""
    flink = Flink(Path(os.environ["FLINK_HOME"]))
    if not arguments or arguments[0] not in ROLES:
        _end(f"usage: python -m fraud_job.pod {'|'.join(ROLES)} [ARGUMENT...]", 2)
    try:
        words = command(flink, arguments[0], arguments[1:])
    except MemoryRefused as error:
        _end(f"Flink's memory can't be divided as it is configured: {error}", 1)
    # without a shell: every word is an argument of its own
    os.execvpe(words[0], words, {**os.environ, **flink.environment})  # noqa: S606


def _end(message: str, code: int) -> NoReturn:
    sys.stderr.write(f"{message}\n")
    sys.exit(code)


if __name__ == "__main__":
    main(sys.argv[1:])
