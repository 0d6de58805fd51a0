"""Everything that a decision about one detector is made from; nothing here asks anybody."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any

from fraud_api import FraudDetector
from fraud_api.base import to_timedelta
from fraud_api.flink import StorageType, UpgradeMode
from fraud_api.probation import Probation
from fraud_operator import desired, plans, times
from fraud_operator.clients.backends import View
from fraud_operator.clients.flink import JobView
from fraud_operator.clients.flink_health import Health
from fraud_operator.names import Key
from fraud_operator.reasons import Reason
from fraud_operator.record import Record
from fraud_operator.release import Release

_FIRST_ANSWER_SECONDS = 30.0
"""So long a JobManager that never answered may take before nobody waits for state that it can't have."""


class Step(StrEnum):
    """What is to be done next."""

    HOLD = "Hold"
    RECOVER = "Recover"
    CHECK = "Check"
    STOP = "Stop"
    DEPLOY = "Deploy"
    TAKE_BACK = "TakeBack"
    START_TRIAL = "StartTrial"
    SAVE = "Save"
    REPAIR = "Repair"
    MARK_STABLE = "MarkStable"


@dataclass(frozen=True)
class Verdict:
    """A decision: what to do, and why in one word and in one sentence."""

    step: Step
    reason: Reason
    message: str
    values: Mapping[str, Any] | None = None
    """For Deploy and Repair: what the release is made with; for Stop what follows, without the ids of its job."""


@dataclass(frozen=True)
class TopicsView:
    """How it is with a detector's topics.

    Attributes:
        ready: whether the job can use them.
        reason: in one word.
        message: in one sentence.
    """

    ready: bool
    reason: Reason
    message: str


@dataclass(frozen=True)
class Situation:
    """A detector as it is wanted and as it was found.

    Attributes:
        key: which.
        uid: the resource's uid.
        generation: the resource's generation.
        now: when all this was seen.
        start_seconds: how long a new deployment may take to run.
        detector: the resource; None when it is invalid.
        invalid: why it is invalid.
        wanted: values of its release, without ids.
        record: what is remembered.
        release: the release's newest revision.
        last_savepoint: the newest saved state that the status tells of.
        topics: how it is with the topics.
        backends: how it is with indices and dashboards, by condition, as far as it is known.
        job: the Flink job of the release; None when it can't be seen.
        job_error: why it can't be seen, or what keeps its pods from running.
        drift: what of the release's objects is otherwise than it was made.
        crashes: how often a container of Flink's has crashed that Kubernetes waits with; 0 where none is.
        counts: records by what became of them, as far as they are known.
        settled: the same, what became of them a count earlier.
        health: how well the job does; None where that was not asked.
        standing: how long its event time has stood still, in seconds, and how far behind it is, in milliseconds.
    """

    key: Key
    uid: str
    generation: int
    now: datetime
    start_seconds: int
    detector: FraudDetector | None
    invalid: str = ""
    wanted: Mapping[str, Any] | None = None
    record: Record = field(default_factory=Record)
    release: Release | None = None
    last_savepoint: str = ""
    topics: TopicsView = TopicsView(True, Reason.TOPICS_READY, "")
    backends: Mapping[str, View] = field(default_factory=dict)
    job: JobView | None = None
    job_error: str = ""
    drift: tuple[str, ...] = ()
    crashes: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    settled: Mapping[str, int] = field(default_factory=dict)
    health: Health | None = None
    standing: tuple[float, float] = (0.0, 0.0)

    @cached_property
    def wanted_identity(self) -> str:
        """Identity of what is wanted; empty for an invalid resource."""
        return desired.identity(self.wanted) if self.wanted else ""

    @cached_property
    def deployed_identity(self) -> str:
        """Identity of what is deployed; empty for nothing."""
        return desired.identity(self.release.values) if self.release else ""

    @cached_property
    def deployed_detector(self) -> FraudDetector | None:
        """What runs, or is stopped; what is wanted as long as nothing is deployed."""
        if self.release is None or self.deployed_identity == self.wanted_identity:
            return self.detector
        try:
            return FraudDetector.model_validate(self.release.values["detector"])
        except (KeyError, ValueError):  # another version's
            return self.detector

    @cached_property
    def program(self) -> str:
        """Which program the wanted detector is; asked for valid ones only."""
        assert self.detector is not None
        return plans.program_key(self.detector)

    @cached_property
    def known_program(self) -> bool:
        """Whether Flink need not be asked about the wanted program: it runs, but for parameters' values."""
        assert self.detector is not None
        stable = self.record.stable
        proven = [stable.values] if stable else []
        proven += [self.release.values] if self.release and self.on_trial else []
        return any(plans.same_but_parameters(self.detector, made.get("detector", {})) for made in proven)

    @property
    def stays_down(self) -> bool:
        """Whether no job runs and none shall."""
        runs = self.release is not None and self.release.running
        return not runs and self.wanted is not None and not self.wanted["running"]

    @property
    def age(self) -> float:
        """Seconds since the release was made; endless for none."""
        deployed = self.release.deployed if self.release else None
        return (self.now - deployed).total_seconds() if deployed else float("inf")

    @property
    def proven(self) -> bool:
        """Whether the deployed job has ever run well."""
        stable = self.record.stable
        return self.on_trial or bool(
            self.release and stable and self.release.job_id and stable.job_id == self.release.job_id
        )

    @property
    def on_trial(self) -> bool:
        """Whether the deployed job is on probation."""
        trial = self.record.trial
        return bool(self.release and trial and self.release.job_id and trial.job_id == self.release.job_id)

    @property
    def trial_ends(self) -> datetime | None:
        """When the deployed job has passed its probation; None where it is on none."""
        since = times.read(self.record.trial.since) if self.record.trial and self.on_trial else None
        return since + to_timedelta(self.probation.duration) if since else None

    @property
    def probation(self) -> Probation:
        """What the resource asks of a changed deployment."""
        if self.detector is not None:
            return self.detector.spec.probation
        try:  # an edit that means nothing does not change what the one before asked for
            return FraudDetector.model_validate(self.record.detector).spec.probation
        except ValueError:
            return Probation()

    @property
    def upgrade_mode(self) -> UpgradeMode:
        """How a changed job takes its state along."""
        return self.detector.spec.flink.upgrade_mode if self.detector else UpgradeMode.SAVEPOINT

    @property
    def restore_from(self) -> str:
        """State that is asked for by name and was not started from yet; empty for none."""
        wanted = (self.detector.spec.restore_from if self.detector else None) or ""
        return "" if self.release and self.release.restored_from == wanted else wanted

    @property
    def first_state(self) -> str:
        """What a detector without a release starts from: a bucket outlives it, a volume only where that was kept."""
        if self.restore_from:
            return self.restore_from
        if self.upgrade_mode is UpgradeMode.STATELESS:
            return ""
        if self.record.kept is not None:
            return self.record.kept
        lasting = self.detector and self.detector.spec.flink.checkpoints.storage.type is StorageType.S3
        return self.last_savepoint if lasting else ""

    def saved_state(self, *, impatient: bool = False) -> str | None:
        """Where the state of the deployed job lies (empty for none); None while it must be stopped first.

        ``impatient`` is who takes a deployment back that does not come up.
        """
        assert self.release is not None
        if not self.release.running:
            return self.release.savepoint
        if self.upgrade_mode is UpgradeMode.STATELESS:
            return ""
        if self.release.job_id in self.last_savepoint:
            return self.last_savepoint
        if self.job is None:
            unproven = not self.proven and not self.release.former
            given_up = unproven and (impatient or self.age > _FIRST_ANSWER_SECONDS)
            return self.release.savepoint if given_up else None
        return self._state_of(self.job, self.release.savepoint)

    def _state_of(self, job: JobView, start: str) -> str | None:
        if job.ended:
            return (job.savepoint if job.state == "FINISHED" else "") or job.checkpoint or start
        # one that is not up and has saved nothing has nothing that its start did not have
        return start if not job.up and job.checkpoint in ("", start) else None
