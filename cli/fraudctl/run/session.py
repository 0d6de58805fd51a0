"""One run, from its start to its summary."""

import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from fraud_api import FraudDetector, naming
from fraud_api.streams import StartFrom
from fraud_job.topics import Topic, TopicKind, topics
from fraudctl.broker import Broker, Place, kafka_properties, patiently
from fraudctl.errors import MachineError
from fraudctl.interrupts import EXIT_CODE, Interrupted, Interrupts
from fraudctl.run.background import in_background, wait_for
from fraudctl.run.feed import Feed
from fraudctl.run.files import OutputFiles
from fraudctl.run.health import Health, now
from fraudctl.run.options import RunOptions, Sources, localized
from fraudctl.run.progress import Progress, make_progress
from fraudctl.run.results import Results
from fraudctl.run.state import Facts, RuleCount, State, Summary
from fraudctl.run.tally import Tally
from fraudctl.runtime.job import FlinkJob
from fraudctl.runtime.kafka import EmbeddedKafka
from fraudctl.runtime.rest import RestError
from fraudctl.views import View

T = TypeVar("T")

_POLL_SECONDS = 0.1
_SETTLE_SECONDS = 20.0
_COLLECT_SECONDS = 60.0
_CANCEL_SECONDS = 1.0
_LOST_SECONDS = 5.0
_MOST_RESTARTS = 3
_CHECKPOINTS_TO_SETTLE = 2


class Session:
    """What belongs to one run. ``execute`` is all that is called from outside."""

    def __init__(
        self,
        options: RunOptions,
        detector: FraudDetector,
        sources: Sources,
        files: OutputFiles | None,
        view: View,
        directory: Path,
    ) -> None:
        """Nothing is started yet; all that is temporary goes to ``directory``."""
        self._options = options
        self._sources = sources
        self._files = files
        self._view = view
        self._directory = directory
        self._embedded = None if options.kafka else _embedded(directory)
        self._bootstrap = options.kafka or (self._embedded.bootstrap if self._embedded else "")
        self._detector = localized(detector, options, self._bootstrap)
        self._broker = Broker(self._bootstrap, kafka_properties(options.kafka_config))
        self._tally = Tally.of(self._detector)
        self._results = Results(self._detector, self._tally, files)
        self._job = FlinkJob(self._write_detector(), directory)
        self._feeds = [Feed(self._broker, each) for each in sources.inputs]
        self._interrupts = Interrupts()
        self._progress: Progress | None = None
        self._health: Health | None = None
        self._result_starts: dict[Place, int] = {}
        self._phase = "starting"
        self._began = time.monotonic()
        self._running_since: float | None = None
        self._read_until: float | None = None
        self._input_ended: float | None = None
        self._kafka_restarts = 0
        self._told_lost = False

    def execute(self) -> int:
        """Run to the end; returns the exit code. Raises FraudctlError when that can't be."""
        with ExitStack() as stack:
            stack.callback(self._close)
            stack.enter_context(self._interrupts)
            try:
                self._start()
                ended = self._watch()
                self._finish(ended)
            except Interrupted:
                self._break_off()
                return EXIT_CODE
        return 0

    def _write_detector(self) -> Path:
        file = self._directory / "detector.json"
        file.write_text(self._detector.model_dump_json(by_alias=True))
        return file

    # -- the start

    def _start(self) -> None:
        if self._embedded:
            # the JVM of Flink needs longer than Kafka and its topics: both at once
            self._job.start()
            self._phase = "starting Kafka and Flink"
        else:
            self._phase = "looking for Kafka"
        since = self._wait(self._open_topics)
        self._view.started(self._facts())
        if not self._reads_only_new():
            self._send_events()
        if not self._embedded:
            self._job.start()
        self._phase = "starting Flink"
        while not self._job.submitted(_POLL_SECONDS):
            self._tick()
        if self._reads_only_new():
            self._wait(self._await_checkpoints)
            self._send_events()
        self._phase = "running"
        self._running_since = time.monotonic()
        self._health = Health(self._job, since)
        self._health.start()

    def _open_topics(self) -> float:
        if self._embedded:
            self._embedded.start()
        partitions = self._broker.create(self._topics())
        self._progress = make_progress(self._broker, self._detector, partitions, new=bool(self._embedded))
        places = [(topic, number) for topic in self._results.topics for number in range(partitions[topic])]
        # what earlier runs have left in the topics is not of this run
        self._result_starts = patiently(lambda: self._broker.ends(places))
        self._results.start(self._broker, self._result_starts)
        self._progress.start()
        self._partitions = partitions
        return now()

    def _reads_only_new(self) -> bool:
        """Whether an input is read from its latest record on: events sent too early would not be read."""
        fed = set(self._sources.topics)
        return any(
            stream.start_from is StartFrom.LATEST for stream in self._detector.spec.streams if stream.topic_name in fed
        )

    def _await_checkpoints(self) -> None:
        """Wait until the sources have found their place: it is a part of their second checkpoint."""
        while self._job.exit_code() is None:
            with suppress(RestError):
                if self._job.rest.checkpoints(self._job.job_id) >= _CHECKPOINTS_TO_SETTLE:
                    return
            time.sleep(_POLL_SECONDS)

    def _topics(self) -> list[Topic]:
        found = topics(self._detector)
        if not self._embedded:
            return found
        fed = {each.topic for each in self._sources.inputs}
        # a file fills one partition; an empty second one would hold windows back until its idle timeout
        return [
            replace(topic, replication=1, partitions=1 if topic.name in fed else topic.partitions) for topic in found
        ]

    def _send_events(self) -> None:
        traffic = self._sources.traffic
        if traffic is not None:
            partitions = min(self._partitions[topic] for topic in traffic.topics)
            traffic.start(self._bootstrap, partitions, self._directory / "generator.log")
        for feed in self._feeds:
            feed.start()
        if traffic is None and not self._feeds:
            names = ", ".join(topic.name for topic in self._topics() if topic.kind is TopicKind.INPUT)
            self._view.note(f"no generator and no --input: waiting for records on {names} at {self._bootstrap}")

    # -- while it runs

    def _wait(self, work: Callable[[], T]) -> T:
        return wait_for(work, self._tick)

    def _tick(self) -> None:
        self._interrupts.check()
        self._view.refresh(self._state(), self._tally.take())

    def _watch(self) -> str:
        while True:
            self._tick()
            self._check()
            ended = self._ending()
            if ended:
                return ended
            time.sleep(_POLL_SECONDS)

    def _check(self) -> None:
        self._results.check()
        for feed in self._feeds:
            feed.check()
        if self._job.exit_code() is not None:
            raise self._job.failure()
        for reason in self._health.take_reasons() if self._health else ():
            self._view.note(f"the job failed and starts again: {reason}")
        if self._embedded and not self._embedded.running:
            self._restart_kafka(self._embedded)
        self._check_connection()

    def _restart_kafka(self, kafka: EmbeddedKafka) -> None:
        self._kafka_restarts += 1
        if self._kafka_restarts > _MOST_RESTARTS:
            raise MachineError("the embedded Kafka ended several times", "look at what else runs on this machine")
        self._view.note("the embedded Kafka ended unexpectedly; starting it again")
        self._wait(kafka.start)

    def _check_connection(self) -> None:
        assert self._progress is not None
        since = self._progress.lost_since
        lost = since is not None and time.monotonic() - since > _LOST_SECONDS
        if lost != self._told_lost:
            self._told_lost = lost
            self._view.note(f"Kafka at {self._bootstrap} {'does not answer; waiting for it' if lost else 'is back'}")

    def _ending(self) -> str | None:
        assert self._progress is not None
        assert self._running_since is not None
        wanted = self._options.seconds
        if wanted is not None and time.monotonic() - self._running_since >= wanted:
            return "time"
        if self._sources.topics:
            return "input" if self._all_sent() and self._all_read() else None
        events = self._options.wishes.events
        return "events" if events is not None and self._progress.last.read >= events else None

    def _all_sent(self) -> bool:
        if self._input_ended is None:
            traffic = self._sources.traffic
            if all(feed.done for feed in self._feeds) and (traffic is None or traffic.ended):
                self._input_ended = time.monotonic()
                self._phase = "reading the rest"
        return self._input_ended is not None

    def _all_read(self) -> bool:
        assert self._progress is not None
        return self._input_ended is not None and self._progress.all_read(self._input_ended)

    # -- the end

    def _finish(self, ended: str) -> None:
        self._stop_sending()
        if ended != "input":
            self._settle()
        self._read_until = time.monotonic()
        drain = ended == "input"
        # without drain, windows that are not complete stay unsaid: what they lack may only not have come yet
        self._phase = "closing all windows" if drain else "stopping"
        if self._health:
            self._health.close()
        self._wait(lambda: self._job.stop(drain))
        self._phase = "collecting results"
        self._collect()
        self._view.refresh(self._state(), self._tally.take())
        self._tell(ended)

    def _stop_sending(self) -> None:
        for feed in self._feeds:
            feed.close()
        if self._sources.traffic:
            self._wait(self._sources.traffic.stop)
        self._input_ended = self._input_ended or time.monotonic()

    def _settle(self) -> None:
        self._phase = "reading the rest"
        deadline = time.monotonic() + _SETTLE_SECONDS
        while not self._all_read() and time.monotonic() < deadline:
            self._tick()
            self._check()
            time.sleep(_POLL_SECONDS)

    def _collect(self) -> None:
        ends = self._wait(lambda: patiently(lambda: self._broker.ends(self._result_starts)))
        deadline = time.monotonic() + _COLLECT_SECONDS
        while not self._results.have_reached(ends, self._result_starts):
            self._tick()
            self._results.check()
            if time.monotonic() > deadline:
                raise MachineError(f"cannot read the results to their end: Kafka at {self._bootstrap} does not answer")
            time.sleep(_POLL_SECONDS)
        if self._progress:
            progress = self._progress
            self._wait(lambda: patiently(progress.look))

    def _break_off(self) -> None:
        """End at once, with what there is."""
        if self._job.job_id:
            cancelled = in_background(self._job.cancel)
            deadline = time.monotonic() + _CANCEL_SECONDS
            while not cancelled.done() and time.monotonic() < deadline:
                time.sleep(_POLL_SECONDS)
        self._read_until = self._read_until or time.monotonic()
        self._view.refresh(self._state(), self._tally.take())
        self._tell("interrupted")

    def _tell(self, ended: str) -> None:
        self._results.close()
        self._view.summary(self._summary(ended))

    def _close(self) -> None:
        self._view.close()
        for feed in self._feeds:
            feed.close()
        if self._health:
            self._health.close()
        if self._progress:
            self._progress.close()
        self._job.kill()
        if self._sources.traffic:
            self._sources.traffic.kill()
        self._results.close()
        if self._embedded:
            self._embedded.close()

    # -- what is told

    def _facts(self) -> Facts:
        named = {topic.name: topic.kind.value for topic in self._topics()}
        name = naming.prefix(self._detector)
        return Facts(name, self._bootstrap, self._embedded is not None, self._tally.rules, named)

    def _state(self) -> State:
        state = State(
            phase=self._phase,
            seconds=time.monotonic() - self._began,
            alerts=self._tally.alerts,
            by_rule=dict(self._tally.by_rule),
            dead_letters=self._tally.dead_letters,
            late=self._tally.late,
            newest=tuple(self._tally.newest),
        )
        if self._progress is None:
            return state
        last = self._progress.last
        return replace(state, sent=last.sent, read=last.read, rate=self._progress.rate())

    def _summary(self, ended: str) -> Summary:
        read = self._progress.last.read if self._progress else 0
        active = (self._read_until or time.monotonic()) - (self._running_since or self._began)
        rules = [
            RuleCount(rule.name, rule.severity.value, rule.mode.value, self._tally.by_rule[rule.name])
            for rule in self._tally.rules
        ]
        return Summary(
            detector=naming.prefix(self._detector),
            ended=ended,
            seconds=time.monotonic() - self._began,
            records_in=read,
            dead_letters=self._tally.dead_letters,
            late=self._tally.late,
            alerts=self._tally.alerts,
            rules=rules,
            events_per_second=read / active if active > 0 else 0.0,
            outputs=_output_counts(self._detector, self._results.records),
            files=list(self._files.paths) if self._files else [],
        )


def _embedded(directory: Path) -> EmbeddedKafka:
    home = directory / "kafka"
    home.mkdir()
    return EmbeddedKafka(home)


def _output_counts(detector: FraudDetector, records: Mapping[str, int]) -> dict[str, int]:
    """Records by output, where outputs were read at all."""
    return {
        output.name: records.get(output.topic_name, 0)
        for output in detector.spec.outputs
        if output.topic_name in records
    }
