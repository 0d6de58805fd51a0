"""hack/publish, with a stand-in for Docker, a stand-in for a registry, a real Helm and a real GnuPG."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from harness import docker_stand_in
from harness.charts import containers, pods
from harness.helm import HelmRefused, helm, objects, run
from harness.programs import program
from harness.registry import Registry, registry

from catalogue import PROJECT

ROOT = Path(__file__).parents[3]
NAMES = ("fraud-job", "fraud-operator", "fraud-tools", "fraud-kafka")
VERSION = PROJECT["version"]
PASSPHRASE = "correct horse"


class Machine:
    """A machine with images that were built and a registry; what is published from it."""

    def __init__(self, home: Path, oci: Registry) -> None:
        self.home, self.oci, self.place = home, oci, f"{oci.host}/fraud"
        self.state, self.programs = home / "docker", home / "programs"
        self.published = home / "lab" / "published"
        self.path = f"{self.programs}:/usr/bin:/bin"
        self.called_before_charts: list[int] = []
        self._programs()
        images = {
            f"sha256:{hashlib.sha256(name.encode()).hexdigest()}": name for name in (*NAMES, "fraud-elasticsearch")
        }
        for name in images.values():
            self._root(name)
        self.say("images", {one: str(home / "roots" / name) for one, name in images.items()})
        self.say("names", {f"{name}:{VERSION}": one for one, name in images.items()})
        self.say("registries", {oci.host: {}})
        self.say("made_here", [])

    def _programs(self) -> None:
        self.programs.mkdir()
        docker = self.programs / "docker"
        docker.write_text(f"#!{sys.executable} -IS\n{Path(docker_stand_in.__file__).read_text()}")
        docker.chmod(0o755)
        (self.programs / "helm").symlink_to(helm())

    def _root(self, name: str) -> None:
        path = self.home / "roots" / name / "opt/venv/lib" / "a-1.dist-info" / "METADATA"
        path.parent.mkdir(parents=True)
        path.write_text(f"Name: only-in-{name}\nVersion: 1\n")
        (path.parents[2] / "secret").write_text("not for an SBOM")
        pom = ROOT / "images" / name / "pom.xml"
        if pom.is_file():  # as if Maven had been asked
            resolved = self.home / "lab/maven" / hashlib.sha256(pom.read_bytes()).hexdigest()[:16] / "coordinates"
            resolved.parent.mkdir(parents=True)
            resolved.write_text("")

    def say(self, name: str, content: object) -> None:
        self.state.mkdir(exist_ok=True)
        (self.state / f"{name}.json").write_text(json.dumps(content))

    def heard(self, name: str) -> dict[str, dict[str, str]]:
        return json.loads((self.state / f"{name}.json").read_text())

    def calls(self) -> list[list[str]]:
        path = self.state / "calls.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def publish(self, *options: str | Path) -> subprocess.CompletedProcess[str]:
        environ = {
            "PATH": self.path,
            "HOME": str(self.home),
            "FRAUD_LAB_HOME": str(self.home / "lab"),
            "DOCKER_STAND_IN": str(self.state),
        }
        command = (sys.executable, ROOT / "hack" / "publish", *(options or (self.place,)))
        return subprocess.run(command, env=environ, capture_output=True, text=True, check=False)

    def refused(self, *options: str | Path) -> str:
        """The one error; nothing of a chart is anywhere then."""
        done = self.publish(*options)
        assert (done.returncode, done.stdout) == (1, "")
        assert "Traceback" not in done.stderr
        assert self.oci.tags == {}
        assert not self.published.exists()
        return done.stderr.splitlines()[-1]


Published = tuple[Machine, subprocess.CompletedProcess[str]]


@contextmanager
def with_registry(home: Path) -> Iterator[Machine]:
    with registry() as oci:
        made = Machine(home, oci)
        oci.before_each_push = lambda: made.called_before_charts.append(len(made.calls()))
        yield made


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    with with_registry(tmp_path) as made:
        yield made


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Published]:
    """A machine from which all was published once, and what was said."""
    with with_registry(tmp_path_factory.mktemp("published")) as made:
        yield made, made.publish()


@pytest.fixture
def keyring() -> Iterator[Path]:
    """A directory with the two halves of a key of its own, and its passphrase."""
    if shutil.which("gpg") is None:
        pytest.skip("no GnuPG to make a key with")
    home = Path(tempfile.mkdtemp(prefix="gpg-"))  # the agent's socket must have a short path
    environ = {**os.environ, "GNUPGHOME": str(home)}
    (home / "passphrase").write_text(PASSPHRASE)
    quiet = ("gpg", "--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase-file", home / "passphrase")
    for words in (
        ("--quick-generate-key", "Fraud Release <release@example.com>", "ed25519", "sign", "never"),
        ("--output", home / "secret.gpg", "--export-secret-keys"),
        ("--output", home / "public.gpg", "--export"),
    ):
        subprocess.run((*quiet, *words), env=environ, check=True, capture_output=True)
    subprocess.run(("gpgconf", "--kill", "all"), env=environ, check=True)
    yield home
    shutil.rmtree(home, ignore_errors=True)


def signed_with(keyring: Path) -> tuple[str | Path, ...]:
    return "--key", "Fraud Release", "--keyring", keyring / "secret.gpg", "--passphrase-file", keyring / "passphrase"


class TestPublished:
    def test_images_come_back_by_digest(self, published: Published) -> None:
        machine, done = published
        assert done.returncode == 0, done.stderr
        *images, chart = done.stdout.splitlines()
        assert set(images) == set(machine.heard("registries")[machine.oci.host])
        assert {one.partition("@")[0] for one in images} == {f"{machine.place}/{name}" for name in NAMES}
        digest = machine.oci.tags["fraud/charts/fraud-operator", VERSION]
        assert chart == f"{machine.place}/charts/fraud-operator@{digest}"
        assert "the chart is not signed" in done.stderr

    def test_the_chart_names_them_so(self, published: Published, tmp_path: Path) -> None:
        _, done = published
        *images, chart = done.stdout.splitlines()
        run("pull", f"oci://{chart}", "--plain-http", "--destination", str(tmp_path))
        (file,) = tmp_path.glob("*.tgz")
        deployed = objects(run("template", "x", str(file), "--kube-version", "1.36.0"))
        named = {each["image"] for _, pod in pods(deployed) for each in containers(pod)}
        (operator,) = (pod for owner, pod in pods(deployed) if owner.startswith("Deployment"))
        environment = {each["name"]: each.get("value") for each in containers(operator)[0]["env"]}
        named |= {environment["FRAUD_JOB_IMAGE"], environment["FRAUD_TOOLS_IMAGE"]}
        assert named == {one for one in images if "fraud-kafka" not in one}

    def test_the_chart_goes_last(self, published: Published) -> None:
        machine, _ = published
        assert set(machine.called_before_charts) == {len(machine.calls())}

    def test_only_names_and_digests_of_images_differ_from_the_chart_here(self, published: Published) -> None:
        machine, _ = published
        (file,) = machine.published.glob("*.tgz")
        ours = (ROOT / "charts/fraud-operator/values.yaml").read_text().splitlines()
        theirs = run("show", "values", str(file)).rstrip().splitlines()
        different = [line.strip() for line in theirs if line not in ours]
        assert len(ours) == len(theirs)
        assert len(different) == 6
        assert all(line.startswith(('digest: "sha256:', f"repository: {machine.place}/")) for line in different)

    def test_every_published_image_has_its_sbom(self, published: Published) -> None:
        machine, done = published
        assert f"the chart's file and the SBOMs are in {machine.published}" in done.stderr
        assert {path.name for path in (machine.published / "sbom").iterdir()} == {f"{name}.cdx.json" for name in NAMES}
        for reference in done.stdout.splitlines()[:-1]:
            repository, _, digest = reference.partition("@")
            name = repository.rpartition("/")[2]
            bom = json.loads((machine.published / "sbom" / f"{name}.cdx.json").read_text())
            assert bom["metadata"]["component"]["purl"].startswith(f"pkg:oci/{name}@{digest}?")
            assert [one["purl"] for one in bom["components"]] == [f"pkg:pypi/only-in-{name}@1"]

    def test_what_is_nobodys_to_publish_is_not(self, published: Published) -> None:
        machine, _ = published
        assert "elasticsearch" not in json.dumps(machine.calls())

    def test_no_container_is_left_and_none_ran(self, published: Published) -> None:
        machine, _ = published
        verbs = [call[0] for call in machine.calls()]
        assert verbs.count("create") == verbs.count("export") == verbs.count("rm") == len(NAMES)
        assert {"run", "start"}.isdisjoint(verbs)

    def test_a_base_that_was_made_here_is_told_of(self, published: Published, machine: Machine) -> None:
        assert "beware" not in published[1].stderr
        machine.say("made_here", [machine.heard("names")[f"fraud-tools:{VERSION}"]])
        told = [line for line in machine.publish().stderr.splitlines() if "beware" in line]
        assert told == [
            f"publish: beware: the base of fraud-tools:{VERSION} was made here and trusts whom this machine trusts"
        ]

    def test_it_can_be_done_again(self, machine: Machine) -> None:
        first, second = machine.publish(), machine.publish()
        assert first.stdout.splitlines()[:-1] == second.stdout.splitlines()[:-1]
        assert len(list(machine.published.glob("*.tgz"))) == 1


class TestSigned:
    def test_helm_verifies_what_it_pulls(self, machine: Machine, keyring: Path, tmp_path: Path) -> None:
        done = machine.publish(machine.place, *signed_with(keyring))
        assert done.returncode == 0, done.stderr
        assert "the chart is signed with 'Fraud Release'" in done.stderr
        chart = f"oci://{machine.place}/charts/fraud-operator"
        place = (chart, "--version", VERSION, "--plain-http")
        verify = ("--verify", "--keyring", str(keyring / "public.gpg"))
        assert "Chart Hash Verified" in run("pull", *place, "--destination", str(tmp_path), *verify)
        # as helm install does, without a cluster
        assert objects(run("template", "x", *place, *verify, "--kube-version", "1.36.0"))
        (file,) = machine.published.glob("*.tgz")
        assert "Signed by: Fraud Release" in run("verify", str(file), "--keyring", str(keyring / "public.gpg"))

    def test_what_is_not_signed_is_not_verified(self, published: Published, keyring: Path) -> None:
        machine, _ = published
        place = (f"oci://{machine.place}/charts/fraud-operator", "--version", VERSION, "--plain-http")
        with pytest.raises(HelmRefused, match="provenance"):
            run("template", "x", *place, "--verify", "--keyring", str(keyring / "public.gpg"))

    def test_the_passphrase_is_in_no_command_and_no_output(self, machine: Machine, keyring: Path) -> None:
        done = machine.publish(machine.place, *signed_with(keyring))
        assert PASSPHRASE not in json.dumps(machine.calls()) + done.stdout + done.stderr
        assert PASSPHRASE.encode() not in b"".join(path.read_bytes() for path in machine.published.rglob("*.*"))

    def test_a_key_that_can_not_sign_is_told_before_anything_is_pushed(self, machine: Machine, keyring: Path) -> None:
        secret, passphrase = keyring / "secret.gpg", keyring / "passphrase"
        none, wrong = keyring / "none", keyring / "wrong"
        wrong.write_text("battery staple")
        for key, ring, words, told in (
            ("Nobody", secret, passphrase, "private key not found"),
            ("Fraud Release", keyring / "public.gpg", passphrase, "not a private key"),
            ("Fraud Release", secret, wrong, "private key checksum failure"),
            ("Fraud Release", none, passphrase, f"open {none}: no such file"),
            ("Fraud Release", secret, none, f"open {none}: no such file"),
        ):
            options = ("--key", key, "--keyring", ring, "--passphrase-file", words)
            error = machine.refused(machine.place, *options)
            assert error.startswith("publish: the chart can't be signed")
            assert told in error
        assert "can't be signed" in machine.refused(machine.place, "--key", "Fraud Release", "--keyring", secret)
        assert "push" not in [call[0] for call in machine.calls()]


class TestRefused:
    def test_no_engine(self, machine: Machine) -> None:
        (machine.state / "images.json").unlink()
        assert machine.refused().startswith("publish: no Docker engine answers: Cannot connect to the Docker daemon")

    def test_no_docker(self, machine: Machine) -> None:
        (machine.programs / "docker").unlink()
        machine.path = str(machine.programs)
        assert machine.refused() == "publish: no Docker engine answers: there is no program docker"

    def test_an_image_that_is_not_built(self, machine: Machine) -> None:
        names = machine.heard("names")
        del names[f"fraud-tools:{VERSION}"]
        machine.say("names", names)
        assert machine.refused().startswith(f"publish: fraud-tools:{VERSION} is not built (make images builds it)")
        assert "push" not in [call[0] for call in machine.calls()]

    def test_a_registry_that_does_not_answer(self, machine: Machine) -> None:
        error = machine.refused("registry.example.com/fraud")
        assert error.startswith(f"publish: registry.example.com/fraud/fraud-job:{VERSION} was not pushed")
        assert error.endswith("connection refused")

    def test_a_registry_that_takes_an_image_and_has_it_not(self, machine: Machine) -> None:
        machine.say("registries", {machine.oci.host: {"forgets": True}})
        error = machine.refused()
        assert error.startswith(f"publish: the registry does not give back {machine.place}/fraud-job@sha256:")

    def test_a_registry_that_does_not_take_the_chart(self, machine: Machine) -> None:
        machine.oci.server_close()
        assert machine.refused().startswith(f"publish: fraud-operator-{VERSION}.tgz was not pushed: Error: ")

    def test_what_was_published_before_does_not_pass_for_new(self, machine: Machine) -> None:
        assert machine.publish().returncode == 0
        machine.oci.tags.clear()
        (machine.state / "images.json").unlink()
        machine.refused()

    @pytest.mark.parametrize(
        "place",
        ["https://r.example.com/fraud", "oci://r.example.com/x", "fraud/images", "r.example.com", "R.example.com/X"],
    )
    def test_a_place_that_is_none(self, machine: Machine, place: str) -> None:
        done = machine.publish(place)
        assert done.returncode == 2
        assert f"{place!r} is no place in a registry" in done.stderr
        assert machine.calls() == []

    def test_half_a_key(self, machine: Machine) -> None:
        for options in (("--key", "a"), ("--keyring", "a"), ("--passphrase-file", "a")):
            done = machine.publish(machine.place, *options)
            assert done.returncode == 2
            assert "go together" in done.stderr


@pytest.mark.parametrize(
    ("place", "here"),
    [
        ("localhost:5000/fraud", True),
        ("127.0.0.2/fraud", True),
        ("[::1]:5000/fraud", True),
        ("registry.example.com/fraud", False),
        ("10.0.0.1:5000/fraud", False),
        ("localhost.example.com/fraud", False),
        ("registry:5000/fraud", False),
    ],
)
def test_only_this_machine_is_spoken_to_without_tls(place: str, here: bool) -> None:
    assert program("publish").loopback(place) is here
