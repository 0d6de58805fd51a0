"""``fraudctl run``: one detector from events to alerts on this machine."""

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fraudctl.errors import FraudctlError, MachineError
from fraudctl.output import line
from fraudctl.run.traffic import Wishes

if TYPE_CHECKING:
    from fraud_api import FraudDetector
    from fraudctl.run.options import RunOptions
    from fraudctl.runtime.elasticsearch import EmbeddedElasticsearch
    from fraudctl.views import View
    from fraudctl.views.jsonl import JsonView

EPILOG = """Examples:

fraudctl run manifests/transactions.yaml

fraudctl run manifests/payments.yaml --events 5000 --output results

fraudctl run detector.yaml --input events.jsonl --json

fraudctl run detector.yaml --input clicks=clicks.jsonl --input displays=-

fraudctl run detector.yaml --kafka localhost:9092 --for 5m

fraudctl run detector.yaml --kafka kafka.example.com:9093 --secrets-dir secrets

fraudctl run manifests/bank.yaml --elasticsearch http://localhost:9200 --replace-indices

Ends when all events are read (windows are then closed), after --for, at --events, or with Ctrl-C: once for a summary of
what there is, twice to end at once.

Exit codes: 0 done, 1 the machine failed (Java, disk, broker), 2 the command or the file was wrong, 130 interrupted."""


def run(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A FraudDetector, as YAML or JSON.")],
    kafka: Annotated[
        str | None,
        typer.Option(
            metavar="HOST:PORT",
            envvar="KAFKA_BROKER_URL",
            help="Use this Kafka instead of an embedded one, which goes when the run ends. Topics that are missing are "
            "made; results that are already in them are not shown.",
        ),
    ] = None,
    kafka_config: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Client properties for --kafka: name=value lines.")
    ] = None,
    secrets_dir: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Where the Secrets that the file names are: the key KEY of Secret NAME is the file DIR/NAME/KEY.",
        ),
    ] = None,
    elasticsearch: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            envvar="ELASTICSEARCH_URL",
            help="Index results in this Elasticsearch instead of an embedded one, which starts where the file has "
            "spec.elasticsearch and goes when the run ends.",
        ),
    ] = None,
    no_elasticsearch: Annotated[
        bool, typer.Option("--no-elasticsearch", help="Index nothing and start no Elasticsearch.")
    ] = False,
    replace_indices: Annotated[
        bool,
        typer.Option(
            "--replace-indices",
            help="Delete what earlier runs have left in this detector's indices at --elasticsearch.",
        ),
    ] = False,
    inputs: Annotated[
        list[str] | None,
        typer.Option(
            "--input",
            metavar="[STREAM=]FILE",
            help="Read a stream's events from a file of JSON lines (- is standard input) instead of generating them; "
            "repeatable.",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Write alerts, late events, dead letters and outputs there, as JSON lines; files of an earlier run "
            "are replaced.",
        ),
    ] = None,
    time_limit: Annotated[
        str | None, typer.Option("--for", metavar="DURATION", help="Stop after this long of running: 30s, 5m, 1h30m.")
    ] = None,
    events: Annotated[
        int | None, typer.Option(min=1, help="Generate this many events; without a generator, stop at this many.")
    ] = None,
    rate: Annotated[
        float | None, typer.Option(min=0, help="Generate this many events a second; 0 is as fast as possible.")
    ] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Generate from this seed.")] = None,
    parallelism: Annotated[int | None, typer.Option(min=1, max=128, help="Parallel instances in Flink.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON lines, for programs.")] = False,
) -> None:
    """Run a detector here: Kafka, Flink, Elasticsearch, test traffic or your own events, alerts on the screen."""
    # Imported late, so that --help and the small commands stay quick.
    from fraudctl.run.options import RunOptions, parse_duration

    options = RunOptions(
        file=file,
        kafka=kafka or None,
        kafka_config=kafka_config,
        secrets_dir=secrets_dir,
        inputs=inputs or [],
        output=output,
        seconds=parse_duration(time_limit) if time_limit is not None else None,
        wishes=Wishes(events, rate, seed),
        parallelism=parallelism,
        elasticsearch=None if no_elasticsearch else elasticsearch or None,
        no_elasticsearch=no_elasticsearch,
        replace_indices=replace_indices,
    )
    options.check()
    raise typer.Exit(_run(options, as_json))


def _run(options: "RunOptions", as_json: bool) -> int:
    from fraudctl.detectors import load_one
    from fraudctl.run.files import OutputFiles
    from fraudctl.run.options import sources
    from fraudctl.run.parts import Parts
    from fraudctl.run.session import Session
    from fraudctl.runtime.processes import work_dir

    detector = load_one(options.file)
    events = sources(options, detector)
    with ExitStack() as stack:
        files = stack.enter_context(OutputFiles(options.output)) if options.output else None
        _prepare(options.kafka is None)
        node = _elasticsearch(options, detector)
        directory = stack.enter_context(work_dir())
        view = _view(as_json, f"{detector.metadata.namespace}.{detector.metadata.name}")
        stack.callback(view.close)
        try:
            return Session(options, Parts(options, detector, events, files, directory, node), view).execute()
        except FraudctlError as error:
            view.close()
            if as_json:
                _json_view().error(str(error))
            raise _with_logs(error, directory) from error


def _prepare(embedded: bool) -> None:
    """Have all jars in the cache, which takes a while the first time."""
    from fraudctl.runtime.flink_home import flink_home
    from fraudctl.runtime.jars import are_cached, kafka_classpath
    from fraudctl.runtime.java import java

    java()
    if not are_cached():
        typer.echo("fetching the jars of Kafka and Flink's connector with Maven, once ...", err=True)
    flink_home()
    if embedded:
        kafka_classpath()


def _elasticsearch(options: "RunOptions", detector: "FraudDetector") -> "EmbeddedElasticsearch | None":
    """A node for this run where it wants one; where that can't be had, one line says so and the run goes without."""
    from fraudctl.run.local import NICENESS, is_indexed
    from fraudctl.runtime import elasticsearch
    from fraudctl.runtime.ports import free_ports

    if not is_indexed(detector, options):
        return None
    try:
        elasticsearch.check_client()
        if options.elasticsearch:
            return None
        if not elasticsearch.is_cached():
            typer.echo("fetching Elasticsearch with Maven, once ...", err=True)
        elasticsearch.fetch()
    except MachineError as error:
        if options.elasticsearch:
            raise
        typer.echo(f"results are not indexed: {error}; --no-elasticsearch does without", err=True)
        return None
    (port,) = free_ports(1)  # fixed: the indexer is told of it before the node starts
    return elasticsearch.EmbeddedElasticsearch(port, niceness=NICENESS)


def _view(as_json: bool, detector: str) -> "View":
    if as_json:
        return _json_view()
    if sys.stdout.isatty():
        from rich.console import Console

        from fraudctl.views.live import LiveView

        return LiveView(Console(highlight=False), detector)
    from fraudctl.views.plain import PlainView

    return PlainView(line)


def _json_view() -> "JsonView":
    from fraudctl.views.jsonl import JsonView

    return JsonView(line)


def _with_logs(error: FraudctlError, directory: Path) -> FraudctlError:
    from fraudctl.logs import keep_logs

    kept = keep_logs(directory) if isinstance(error, MachineError) else None
    return MachineError(f"{error} (logs: {kept})") if kept else error
