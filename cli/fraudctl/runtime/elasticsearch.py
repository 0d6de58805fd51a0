"""An embedded Elasticsearch: one node in processes of its own, on the loopback interface only."""

import importlib.util
import os
import shutil
import ssl
import stat
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from fraudctl.errors import MachineError
from fraudctl.runtime.cache import cache_root, cached
from fraudctl.runtime.java import java, run_maven
from fraudctl.runtime.ports import LOOPBACK, is_open
from fraudctl.runtime.processes import nicely, spawn
from fraudctl.runtime.server import Listener

VERSION = "8.19.21"
_POM = Path(__file__).with_name("elasticsearch.pom.xml")
_CACHE_NAME = f"elasticsearch-{VERSION}"

_NOBODY = 65_534
"""Elasticsearch refuses to run as root: where we are root, it runs as this user and group."""

_SETTINGS = {
    "cluster.name": "fraudctl",
    "discovery.type": "single-node",
    "network.host": LOOPBACK,
    "node.store.allow_mmap": "false",
    # A laptop's disk is often nearly full: that must not make the indices read-only.
    "cluster.routing.allocation.disk.threshold_enabled": "false",
    # An index without a template would take any document for right.
    "action.auto_create_index": "false",
    "xpack.security.enabled": "false",
    "xpack.security.autoconfiguration.enabled": "false",
}
_JVM_OPTIONS = (
    "-Xms256m",
    "-Xmx256m",
    "-XX:+UseSerialGC",
    "-XX:+ExitOnOutOfMemoryError",
    # ten times later than usual: a start is then a quarter cheaper, and what runs often is still compiled well
    "-XX:Tier4InvocationThreshold=50000",
    "-XX:Tier4MinInvocationThreshold=6000",
    "-XX:Tier4CompileThreshold=150000",
    "-XX:Tier4BackEdgeThreshold=400000",
    "-Dfile.encoding=UTF-8",
    "-Djava.awt.headless=true",
)


class EmbeddedElasticsearch(Listener):
    """A node that can be started, killed and started again over the same data and on the same port."""

    name = "the embedded Elasticsearch"
    prefix = "fraudctl-elasticsearch-"
    grace = 20.0

    def __init__(
        self,
        port: int | None = None,
        settings: Mapping[str, str] | None = None,
        files: Mapping[str, bytes] | None = None,
        niceness: int = 0,
    ) -> None:
        """Data goes to a temporary directory.

        Args:
            port: where it listens; a free port by default.
            settings: of the node; they win over the defaults.
            files: what lies beside them in the configuration: certificates, users.
            niceness: how far it steps back where others need the processor, 0 to 19.
        """
        super().__init__(None, port)
        self._overrides = dict(settings or {})
        self._files = dict(files or {})
        self._niceness = niceness

    @property
    def url(self) -> str:
        """Its address, known before it runs."""
        secure = self._overrides.get("xpack.security.http.ssl.enabled") == "true"
        return f"{'https' if secure else 'http'}://{LOOPBACK}:{self.port}"

    @property
    def log(self) -> Path:
        """The node's log."""
        return self.directory / "elasticsearch.log"

    def start(self, timeout: float = 180.0) -> None:
        """Start it and wait until it answers. Raises MachineError with the node's own reason."""
        super().start(timeout)

    def _launch(self) -> None:
        self._secure_port()
        if not (self.directory / "config").exists():
            self._configure()
        environ = {
            "ES_PATH_CONF": str(self.directory / "config"),
            "ES_TMPDIR": str(self.directory / "tmp"),
            "ES_JAVA_HOME": str(Path(java()).resolve().parents[1]),
            "CLI_JAVA_OPTS": "-Xmx32m",  # of the launcher, which stays beside the node
            "HOME": str(self.directory),
        }
        command = [*nicely(self._niceness), *_as_nobody(), str(self._home() / "bin" / "elasticsearch")]
        self._children = [spawn("Elasticsearch", command, self.log, environ=environ)]

    def _home(self) -> Path:
        """The distribution where the node may read it."""
        fetched = fetch()
        if not _is_root():
            return fetched
        reachable = self.directory / "home"  # the cache of root is closed to others
        if not reachable.exists():
            shutil.copytree(fetched, reachable, copy_function=_link)
        return reachable

    def _configure(self) -> None:
        config = self.directory / "config"
        shutil.copytree(fetch() / "config", config)
        settings = {
            **_SETTINGS,
            "http.port": str(self.port),
            "transport.port": str(self._inner_port),
            "path.data": str(self.directory / "data"),
            "path.logs": str(self.directory / "logs"),
            **self._overrides,
        }
        (config / "elasticsearch.yml").write_text("".join(f"{name}: {value}\n" for name, value in settings.items()))
        scratch = f"-Djava.io.tmpdir={self.directory / 'tmp'}"
        (config / "jvm.options").write_text("\n".join([*_JVM_OPTIONS, scratch, ""]))
        for name, content in self._files.items():
            (config / name).write_bytes(content)
        for name in ("data", "logs", "tmp"):
            (self.directory / name).mkdir()
        if _is_root():
            for path in [self.directory, *self.directory.rglob("*")]:
                os.chown(path, _NOBODY, _NOBODY)

    def _answers(self) -> bool:
        if not is_open(self.port):
            return False
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # we only ask our own child
        try:
            with urllib.request.urlopen(f"{self.url}/_cluster/health", timeout=5.0, context=context):  # noqa: S310
                return True
        except urllib.error.HTTPError as error:
            return error.code == 401  # with security on, it is up as soon as it refuses us
        except OSError:
            return False


def is_cached() -> bool:
    """Whether the distribution is there already, so that a start will be quick."""
    return (cache_root() / _CACHE_NAME).is_dir()


def check_client() -> None:
    """Raise MachineError when what talks to Elasticsearch is not installed."""
    if importlib.util.find_spec("elasticsearch") is None:
        raise MachineError("Elasticsearch's client is not installed", "pip install 'fraud-detector[services]'")


def fetch() -> Path:
    """The distribution, fetched by Maven the first time. Raises MachineError when it can't be had."""
    return cached(_CACHE_NAME, _fetch) / _CACHE_NAME


def _fetch(into: Path) -> None:
    pom = into / "pom.xml"
    shutil.copyfile(_POM, pom)
    run_maven(
        "-f", pom, "dependency:unpack-dependencies", f"-DoutputDirectory={into}", f"-Delasticsearch.version={VERSION}",
        doing="fetch Elasticsearch",
    )  # fmt: skip
    for path in into.rglob("*"):  # whatever the umask: another user is to read it
        path.chmod(stat.S_IMODE(path.stat().st_mode) | (0o055 if path.is_dir() else 0o044))


def _is_root() -> bool:
    return os.geteuid() == 0


def _as_nobody() -> list[str]:
    if not _is_root():
        return []
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise MachineError("Elasticsearch refuses to run as root", "use another user, or install util-linux (setpriv)")
    return [setpriv, f"--reuid={_NOBODY}", f"--regid={_NOBODY}", "--clear-groups"]


def _link(source: str, target: str) -> None:
    """A second name for a file, or a copy where the file systems differ."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
