"""How long a changed detector is watched before it is the one to come back to."""

from pydantic import Field

from fraud_api.base import Interval, Model, PositiveInterval


class Probation(Model):
    """What a changed detector must do to be kept: else the one before runs again, from the state that it stopped with.

    It is held against the one before, so what was no better then is no reason. The first has nothing to come back to.
    """

    duration: Interval = Field(
        "10m", description="How long it must run well; `0s`: it is kept once it runs and has saved its state."
    )
    max_restarts: int = Field(3, ge=0, le=1_000, description="Restarts of its job that are let pass.")
    max_rise: float = Field(
        0.05,
        ge=0,
        le=1,
        description="By how much the share of events may rise that become dead letters, are late, or leave a rule"
        " unknown: 0.05 is five in a hundred. Known from 100 events on.",
    )
    clock_timeout: PositiveInterval = Field(
        "5m", description="How long event time may stand still while newer events are read."
    )
