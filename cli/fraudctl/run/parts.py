"""What a run is put together from: Kafka, the job, events in, results out."""

import time
import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from fraud_api import FraudDetector, naming
from fraud_api.streams import StartFrom
from fraud_job.topics import Topic, TopicKind, topics
from fraudctl.broker import Broker, Place, kafka_properties, patiently, secured_properties
from fraudctl.run.backlog import Backlog
from fraudctl.run.feed import Feed
from fraudctl.run.files import OutputFiles
from fraudctl.run.health import Health
from fraudctl.run.indexing import Indexing, Target
from fraudctl.run.local import NICENESS, is_indexed, localized
from fraudctl.run.options import RunOptions, Sources
from fraudctl.run.progress import Progress, make_progress
from fraudctl.run.results import Results
from fraudctl.run.tally import Tally
from fraudctl.runtime.elasticsearch import EmbeddedElasticsearch
from fraudctl.runtime.indexer import IndexerProcess
from fraudctl.runtime.job import FlinkJob, JobOptions
from fraudctl.runtime.kafka import EmbeddedKafka
from fraudctl.runtime.rest import RestError
from fraudctl.runtime.savepoint import positions
from fraudctl.runtime.sources import SourcePositions, newest_times

_POLL_SECONDS = 0.1
_CHECKPOINTS_TO_SETTLE = 2


class Parts:
    """The parts of one run; they are started by who runs them, and ended by ``close``.

    Attributes:
        kafka: the embedded Kafka; None where the user's own is used.
        bootstrap: the address of whichever Kafka it is.
        detector: the detector as it runs here.
        progress: how far the input is read, once topics are open.
        health: how the job is, once it is watched.
        indexing: the way into Elasticsearch, where the detector asks for it.
        newest_times: the newest event time of each stream, as last noted (milliseconds since 1970).
    """

    def __init__(
        self,
        options: RunOptions,
        detector: FraudDetector,
        sources: Sources,
        files: OutputFiles | None,
        directory: Path,
        elasticsearch: EmbeddedElasticsearch | None = None,
    ) -> None:
        """Nothing is started yet; all that is temporary goes to ``directory``.

        ``elasticsearch`` is the run's own, where it has one.
        """
        self._directory = directory
        self._options = options
        self.kafka = None if options.kafka else _embedded(directory)
        self.bootstrap = self.kafka.bootstrap if self.kafka else str(options.kafka)
        index_at = elasticsearch.url if elasticsearch else options.elasticsearch
        indexed = index_at if is_indexed(detector, options) else None
        self.detector = localized(detector, options, self.bootstrap, indexed)
        security = self.detector.spec.kafka.security
        clients = kafka_properties(options.kafka_config) | secured_properties(security, options.secrets_dir)
        self.broker = Broker(self.bootstrap, clients)
        self.tally = Tally.of(self.detector)
        self.results = Results(self.detector, self.tally, files)
        self.files = files
        self._detector_file = self._write_detector()
        self.job = FlinkJob(self._detector_file, directory, JobOptions(secrets_dir=options.secrets_dir))
        self.sources = sources
        self.traffic = sources.traffic
        self.feeds = [Feed(self.broker, each) for each in sources.inputs]
        self.progress: Progress | None = None
        self.health: Health | None = None
        self.indexing = self._indexing(elasticsearch) if indexed else None
        self.result_starts: dict[Place, int] = {}
        self.newest_times: dict[str, int] = {}
        self._partitions: dict[str, int] = {}

    def _write_detector(self) -> Path:
        file = self._directory / "detector.json"
        file.write_text(self.detector.model_dump_json(by_alias=True))
        return file

    def _indexing(self, node: EmbeddedElasticsearch | None) -> Indexing:
        options, group = self._options, naming.indexer_group(self.detector)
        if node and options.kafka:  # the detector's indexers elsewhere must not share their records with this one
            group = f"{group}.{uuid.uuid4().hex[:8]}"
        log = self._directory / "indexer.log"
        process = IndexerProcess(self._detector_file, log, group, options.secrets_dir, NICENESS)
        target = Target(node, options.secrets_dir, self.kafka is not None, options.replace_indices)
        return Indexing(self.detector, process, Backlog(self.broker, group), target)

    def topics(self) -> list[Topic]:
        """All topics of the detector, as they are made here."""
        found = topics(self.detector)
        if not self.kafka:
            return found
        fed = {each.topic for each in self.sources.inputs}
        # a file fills one partition; an empty second one would hold windows back until its idle timeout
        return [
            replace(topic, replication=1, partitions=1 if topic.name in fed else topic.partitions) for topic in found
        ]

    def inputs(self) -> Sequence[str]:
        """The topics that the detector reads."""
        return [topic.name for topic in self.topics() if topic.kind is TopicKind.INPUT]

    def open_topics(self) -> None:
        """Start or find Kafka, make topics, begin to look at offsets and results."""
        if self.kafka:
            self.kafka.start()
        self._partitions = self.broker.create(self.topics())
        ask = SourcePositions(self.job, self.inputs()).look
        new = self.kafka is not None
        self.progress = make_progress(self.broker, self.detector, self._partitions, ask, new)
        places = [(topic, number) for topic in self.results.topics for number in range(self._partitions[topic])]
        # what earlier runs have left in the topics is not of this run
        self.result_starts = patiently(lambda: self.broker.ends(places))
        if self.indexing:
            self.indexing.open(self._partitions)
        self.results.start(self.broker, self.result_starts)
        self.progress.start()

    def send_events(self) -> None:
        """Start the generator or the feeds."""
        if self.traffic is not None:
            log = self._directory / "generator.log"
            self.traffic.start(self._detector_file, log, self._options.secrets_dir, self._options.kafka_config)
        for feed in self.feeds:
            feed.start()

    def unfed(self) -> list[str]:
        """Streams of which nobody sends events: those that we send none of, where the broker is ours."""
        fed = set(self.sources.topics)
        if not fed or not self.kafka:
            return []
        return [stream.name for stream in self.detector.spec.streams if stream.topic_name not in fed]

    def all_sent(self) -> bool:
        """Whether no more events will come from us. Raises FraudctlError when the generator failed."""
        return all(feed.done for feed in self.feeds) and (self.traffic is None or self.traffic.ended)

    def reads_only_new(self) -> bool:
        """Whether an input is read from its latest record on: events sent too early would not be read."""
        fed = set(self.sources.topics)
        streams = self.detector.spec.streams
        return any(stream.start_from is StartFrom.LATEST and stream.topic_name in fed for stream in streams)

    def await_checkpoints(self) -> None:
        """Wait until the sources have found their place: it is a part of their second checkpoint."""
        while self.job.exit_code() is None:
            with suppress(RestError):
                if self.job.rest.checkpoints(self.job.job_id) >= _CHECKPOINTS_TO_SETTLE:
                    return
            time.sleep(_POLL_SECONDS)

    def watch_job(self, since: float) -> None:
        """Begin to ask Flink how the job is; failures before ``since`` (seconds since 1970) don't count."""
        self.health = Health(self.job, since)
        self.health.start()

    def note_newest_times(self) -> None:
        """Ask the sources for their newest event times while they are there."""
        self.newest_times = newest_times(self.job, [stream.name for stream in self.detector.spec.streams])

    def settle_progress(self) -> bool:
        """Once the job has stopped without drain: count exactly what is in its results; False where that can't be."""
        progress = self.progress
        return progress is not None and progress.settle(positions(self.job.savepoints, progress.starts))

    def check(self) -> None:
        """Raise what went wrong in one of the parts, if anything did."""
        self.results.check()
        for feed in self.feeds:
            feed.check()
        if self.job.exit_code() is not None:
            raise self.job.failure()

    def stop_sending(self) -> None:
        """End the generator and the feeds in an orderly way."""
        for feed in self.feeds:
            feed.close()
        if self.traffic:
            self.traffic.stop()

    def close(self) -> None:
        """End everything at once."""
        for feed in self.feeds:
            feed.close()
        if self.health:
            self.health.close()
        if self.progress:
            self.progress.close()
        self.job.kill()
        if self.traffic:
            self.traffic.kill()
        if self.indexing:
            self.indexing.close()
        self.results.close()
        if self.kafka:
            self.kafka.close()


def _embedded(directory: Path) -> EmbeddedKafka:
    home = directory / "kafka"
    home.mkdir()
    return EmbeddedKafka(home)
