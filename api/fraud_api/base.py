"""What every model of the resource shares: the base class, names, durations and references."""

import re
from datetime import timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel

DURATION_PATTERN = r"^([0-9]{1,6}(ms|s|m|h|d))+$"
_DURATION_PART = re.compile(r"([0-9]+)(ms|s|m|h|d)")
LONGEST_DAYS = 999
"""Flink's intervals have three digits for days: durations that become intervals are shorter than one day more."""
_UNIT_MILLISECONDS = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}


class Model(BaseModel):
    """A part of the resource: camelCase outside, closed (an unknown field is an error), immutable."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        extra="forbid",
        frozen=True,
        use_attribute_docstrings=False,
    )


def milliseconds(duration: str) -> int:
    """Length of a duration such as ``90s``, ``1h30m`` or ``250ms``, in milliseconds."""
    return sum(int(count) * _UNIT_MILLISECONDS[unit] for count, unit in _DURATION_PART.findall(duration))


def to_timedelta(duration: str) -> timedelta:
    """Length of a duration as a ``timedelta``."""
    return timedelta(milliseconds=milliseconds(duration))


def _positive(duration: str) -> str:
    if milliseconds(duration) == 0:
        raise ValueError("a duration must be longer than zero")
    return duration


def _countable(duration: str) -> str:
    if milliseconds(duration) > LONGEST_DAYS * _UNIT_MILLISECONDS["d"]:
        raise ValueError(f"{duration} is too long: Flink counts at most {LONGEST_DAYS}d here")
    return duration


Duration = Annotated[str, StringConstraints(pattern=DURATION_PATTERN, max_length=32)]
"""Whole numbers with units, largest first by custom: ``10s``, ``1h30m``; units ms, s, m, h, d."""

PositiveDuration = Annotated[Duration, AfterValidator(_positive)]

Interval = Annotated[Duration, AfterValidator(_countable)]
"""A duration that Flink counts as an interval."""

PositiveInterval = Annotated[Interval, AfterValidator(_positive)]

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", max_length=63)]
"""A name as in Kubernetes (RFC 1123 label)."""

Identifier = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", max_length=128)]
"""A name that SQL sees: letters, digits and underscores; reserved words are fine, they get quoted."""

RowColumn = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)?$", max_length=257)
]
"""A column of what a rule finds; of a join's side or a sequence's step as ``SIDE.column`` or ``STEP.column``."""

ParameterName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=63)]

TopicName = Annotated[str, StringConstraints(pattern=r"^\.{0,2}[A-Za-z0-9_-][A-Za-z0-9._-]*$", max_length=249)]
"""A Kafka topic: letters, digits, dots, underscores, hyphens; ``.`` and ``..`` are refused."""

Predicate = Annotated[str, StringConstraints(min_length=1, max_length=4096)]
"""A SQL condition over the columns at hand; parameters as ``:name``."""

Query = Annotated[str, StringConstraints(min_length=1, max_length=16384)]
"""One SQL SELECT."""

ShortText = Annotated[str, StringConstraints(max_length=256)]
Text = Annotated[str, StringConstraints(max_length=1024)]
Columns = Annotated[list[Identifier], Field(min_length=1, max_length=16)]


class SecretKeyRef(Model):
    """One key of a Secret in the detector's namespace; on a laptop a file ``DIR/NAME/KEY`` under --secrets-dir."""

    name: Name = Field(description="Name of the Secret.")
    key: Annotated[str, StringConstraints(pattern=r"^[-._a-zA-Z0-9]+$", max_length=253)] = Field(
        description="Key within the Secret."
    )


class SecretRef(Model):
    """A Secret in the detector's namespace, with the keys that its user documents."""

    name: Name = Field(description="Name of the Secret.")


def list_map(key: str = "name", **extra: Any) -> dict[str, Any]:
    """JSON schema of a list that the API server merges and keeps unique by ``key``."""
    return {"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": [key], **extra}
