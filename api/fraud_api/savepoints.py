"""Savepoints that are kept: taken now and then, or when somebody asks."""

from pydantic import Field

from fraud_api.base import Model, PositiveInterval


class Savepoints(Model):
    """When savepoints are taken besides those of changes, and how many are kept of all."""

    every: PositiveInterval | None = Field(
        None, description="How long after the last one another is taken, such as 6h; without it none is."
    )
    keep: int = Field(
        5, ge=1, le=100, description="How many are kept, those of changes among them; what is needed is never deleted."
    )
