"""Cases on the real Kafka and Flink, beside what the interpreter says of them."""

from collections import Counter, deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from differential.alerts import described, row_described
from differential.case import Case
from differential.compare import Got, Mismatch, mismatches
from differential.interpreter import Outcome, Place, interpret
from harness.flink import Job
from harness.kafka import Message
from harness.lab import Lab, Results

from fraud_api import FraudDetector, naming

JOB = "the job"
ABREAST = 4
"""Cases that run at a time: each takes two of the cluster's eight slots."""
UNHURRIED = {"execution.checkpointing.interval": "10 min"}
PATIENCE = 120.0
"""Seconds; longer than the slowest good job takes on a busy machine."""
SHORTLY = 20.0
"""Seconds; longer than a job takes from its failure to its end."""


@dataclass
class Verdict:
    """What became of a case.

    Attributes:
        wrong: everything that is not as it must be.
        outcome: what must come.
        got: what came; nothing where the job failed.
    """

    case: Case
    outcome: Outcome
    wrong: list[Mismatch] = field(default_factory=list)
    got: Got | None = None

    @property
    def open(self) -> int:
        """Rules that the documentation leaves open for this input, in part or as a whole."""
        return sum(bool(expected.open) for expected in self.outcome.rules.values())

    @property
    def slots(self) -> int:
        """Alerts that were compared."""
        return sum(len(expected.slots) for expected in self.outcome.rules.values())

    @property
    def rows(self) -> int:
        """Rows and records of outputs that were compared."""
        return sum(len(one.rows) + len(one.texts) for one in self.outcome.outputs.values())

    def size(self) -> str:
        """How large the case is."""
        spec = self.case.document["spec"]
        columns = sum(len(stream["columns"]) for stream in spec["streams"])
        return f"rules {len(spec['rules'])}, columns {columns}, records {len(self.case.records)}"

    def expected(self) -> dict[str, object]:
        """What must come, for a file."""
        rules = {
            name: {
                "open": sorted(one.open),
                "alerts": [
                    {"required": slot.required, "any of": [described(option) for option in slot.options]}
                    for slot in one.slots
                ],
            }
            for name, one in self.outcome.rules.items()
        }
        refused = [[*place, why] for place, why in sorted(self.outcome.refused.items())]
        outputs = {
            name: {"open": one.open, "rows": [row_described(row) for row in one.rows], "records": list(one.texts)}
            for name, one in self.outcome.outputs.items()
        }
        return {"rules": rules, "outputs": outputs, "late": sorted(self.outcome.late), "dead letters": refused}


def judge(lab: Lab, cases: Iterable[Case]) -> Iterator[Verdict]:
    """Run cases, some at a time, and compare; verdicts come in the order of the cases.

    While some run Flink plans the next: whoever stops asking waits for those that run.
    """
    running: deque[Future[Verdict]] = deque()
    with ThreadPoolExecutor(ABREAST) as pool:
        for case in cases:
            running.append(pool.submit(_judged, lab, *_started(lab, case)))
            if len(running) == ABREAST:
                yield running.popleft().result()
        while running:
            yield running.popleft().result()


def _started(lab: Lab, case: Case) -> tuple[Case, FraudDetector, Job | str]:
    mine = lab.own(case.detector())
    lab.produce(mine, ((one.stream, one.partition, None, one.value.encode()) for one in case.records))
    try:
        return case, mine, lab.start(mine, settings=UNHURRIED)
    except Exception as error:  # whatever Flink has against a plan
        return case, mine, f"does not start: {type(error).__name__} {error}"


def _judged(lab: Lab, case: Case, mine: FraudDetector, job: Job | str) -> Verdict:
    verdict = Verdict(case, interpret(mine, case.in_order()))
    failure = job if isinstance(job, str) else _ended(lab, job)
    if failure:
        verdict.wrong.append(Mismatch(JOB, failure))
    else:
        verdict.got = _got(lab.results(mine))
        verdict.wrong += mismatches(mine, verdict.outcome, verdict.got)
    lab.kafka.delete_for(mine)
    return verdict


def _ended(lab: Lab, job: Job) -> str:
    """Let a job read everything and end; what it failed with, if it did."""
    try:
        job.wait_seen(PATIENCE)
        job.stop(drain=True, seconds=PATIENCE)
    except AssertionError as error:
        return _cause(job) or str(error)
    finally:
        lab.flink.end(job)
    return ""


def _cause(job: Job) -> str:
    """Why a job fails: one that is about to does not know yet."""
    try:
        job.wait_state("FINISHED", SHORTLY)
    except AssertionError as error:
        return str(error)
    return ""


def _got(results: Results) -> Got:
    detector = results.detector
    streams = [stream.name for stream in detector.spec.streams]
    refused = [message for name in streams for message in results.dead_letters(name)]
    outputs = {one.name: [row.value for row in results.output(one.name)] for one in detector.spec.outputs}
    # without a rule there is no topic of alerts
    alerts, blocked = (
        [message.json() for message in results.topics.get(topic, [])]
        for topic in (naming.alerts_topic(detector), naming.blocked_topic(detector))
    )
    return Got(alerts, _places(results.late), _places(refused), outputs, blocked)


def _places(messages: Iterable[Message]) -> Counter[Place]:
    found = (message.headers for message in messages)
    return Counter((h["stream"].decode(), int(h["partition"]), int(h["offset"])) for h in found)
