"""A stand-in for the docker program: images are directories, and it says no to whatever it has not been taught.

Run under the name ``docker``, with DOCKER_STAND_IN naming a directory:

- ``images.json``: root directories by the images' ids; without the file no engine answers.
- ``names.json``: ids by name, those of what was pulled too.
- ``made_here.json``: ids of the images whose base has the lab's label.
- ``registries.json``: hosts that answer, each with what it gives back: ids by repository and digest. One with
  ``forgets`` keeps nothing of what it takes.
- ``calls.jsonl``: what it was called with, in order.
"""

import hashlib
import json
import os
import shlex
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

STATE = Path(os.environ.get("DOCKER_STAND_IN", "."))


def load(name: str) -> dict:
    return json.loads((STATE / f"{name}.json").read_text())


def save(name: str, content: dict) -> None:
    (STATE / f"{name}.json").write_text(json.dumps(content))


def fail(text: str, code: int = 1) -> NoReturn:
    sys.stderr.write(f"{text}\n")
    sys.exit(code)


def identity(name: str) -> str:
    if name in load("images"):
        return name
    return load("names").get(name) or fail(f"Error response from daemon: No such image: {name}")


def registry(repository: str) -> dict:
    host = repository.partition("/")[0]
    if host not in load("registries"):
        fail(f'failed to do request: Head "https://{host}/v2/": dial tcp 127.0.0.1:5000: connect: connection refused')
    return load("registries")[host]


def push(reference: str) -> None:
    repository, _, tag = reference.rpartition(":")
    pushed = load("names").get(reference) or fail(f"An image does not exist locally with the tag: {repository}")
    host = registry(repository)
    digest = f"sha256:{hashlib.sha256(f'manifest of {pushed}'.encode()).hexdigest()}"
    if "forgets" not in host:
        save(
            "registries",
            {**load("registries"), repository.partition("/")[0]: {**host, f"{repository}@{digest}": pushed}},
        )
    print(f"The push refers to repository [{repository}]\n5f70bf18a086: Pushed\n{tag}: digest: {digest} size: 1990")


def pull(reference: str) -> None:
    given = registry(reference.partition("@")[0]).get(reference) or fail(f"manifest for {reference} not found")
    save("names", {**load("names"), reference: given})
    print(reference)


def label(name: str) -> None:
    print("made here" if identity(name) in load("made_here") else "")


def export(container: str) -> None:
    root = load("images")[container.removeprefix("container-of-")]
    with tarfile.open(fileobj=sys.stdout.buffer, mode="w|") as tar:
        for path in sorted(Path(root).rglob("*")):
            tar.add(path, str(path.relative_to(root)), recursive=False)


def main(arguments: list[str]) -> None:
    with (STATE / "calls.jsonl").open("a") as calls:
        calls.write(json.dumps(arguments) + "\n")
    if arguments == ["buildx", "version"]:
        fail("docker: 'buildx' is not a docker command.")
    if not (STATE / "images.json").exists():
        fail("Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?")
    for taught, answer in TAUGHT.items():
        # a word in capitals stands for any word but an option
        if len(words := shlex.split(taught)) == len(arguments) and all(
            given == word or (word.isupper() and not given.startswith("-"))
            for given, word in zip(arguments, words, strict=True)
        ):
            return answer(*(given for given, word in zip(arguments, words, strict=True) if word.isupper()))
    return fail(f"the stand-in for docker was not taught: {arguments}", 125)


TAUGHT: dict[str, Callable[..., None]] = {
    "info": lambda: print("Server Version: 29.0.0"),
    "version --format {{.Server.Version}}": lambda: print("29.0.0"),
    "image inspect --format '{{index .Config.Labels \"io.frauddetector.base\"}}' NAME": label,
    "image inspect --format {{.Id}} NAME": lambda name: print(identity(name)),
    "tag NAME REFERENCE": lambda name, reference: save("names", {**load("names"), reference: identity(name)}),
    "push REFERENCE": push,
    "pull --quiet REFERENCE": pull,
    "create NAME": lambda name: print(f"container-of-{identity(name)}"),
    "export CONTAINER": export,
    "rm CONTAINER": print,
}


if __name__ == "__main__":
    main(sys.argv[1:])
