"""What is suspicious: the kinds of rule and whom an alert is about."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator
from pydantic.alias_generators import to_snake

from fraud_api.base import (
    Columns,
    Identifier,
    Interval,
    Model,
    Name,
    PositiveDuration,
    PositiveInterval,
    Predicate,
    Query,
    RowColumn,
    Text,
    list_map,
)


class Severity(StrEnum):
    """How bad it is."""

    LOW = "Low"
    MEDIUM = "Medium"
    HIGH = "High"
    CRITICAL = "Critical"


class Mode(StrEnum):
    """What becomes of a rule's alerts."""

    ENFORCE = "Enforce"
    SHADOW = "Shadow"
    DISABLED = "Disabled"


class Entity(Model):
    """Whom an alert is about; alerts are keyed by it and counted by it."""

    type: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$", max_length=63)] = Field(
        description="Kind of entity: account, customer, address, card."
    )
    columns: Columns = Field(description="Columns that identify it.")


class Block(Model):
    """Puts the entity on the block list."""

    amount: RowColumn | None = Field(
        None,
        description="Column whose value is reported as the amount at stake. STEP.column or SIDE.column names a step's "
        "or a side's; a plain name means the last step's, or the left side's if it has the column.",
    )
    ttl: PositiveDuration | None = Field(None, description="How long it stays blocked; spec.blocking.ttl by default.")


class Actions(Model):
    """What happens besides the alert; only in mode Enforce."""

    notify: bool = Field(False, description="Whether the notification channels tell about it.")
    block: Block | None = Field(None, description="Whether the entity goes on the block list.")


class AggregateFunction(StrEnum):
    """Aggregates over a window."""

    COUNT = "Count"
    COUNT_DISTINCT = "CountDistinct"
    SUM = "Sum"
    AVG = "Avg"
    MIN = "Min"
    MAX = "Max"


class Aggregate(Model):
    """A value computed over a window's events."""

    name: Identifier = Field(description="What having, the reason and the alert's row call it.")
    function: AggregateFunction = Field(description="Count, CountDistinct, Sum, Avg, Min or Max.")
    column: Identifier | None = Field(None, description="Column to aggregate; Count does without.")
    where: Predicate | None = Field(None, description="Only events that match are aggregated.")

    @model_validator(mode="after")
    def _column_where_needed(self) -> Self:
        if self.column is None and self.function is not AggregateFunction.COUNT:
            raise ValueError(f"{self.function.value} needs a column")
        return self


Aggregates = Annotated[list[Aggregate], Field(min_length=1, max_length=16, json_schema_extra=list_map())]


class Filter(Model):
    """Fires for every single event that matches."""

    source: Identifier = Field(alias="from", description="Stream or view.")
    where: Predicate = Field(description="Condition over one event.")


class Velocity(Model):
    """Looks back from every event over a trailing window of its key: the usual fraud rule, fires at the event."""

    source: Identifier = Field(alias="from", description="Stream or view.")
    where: Predicate | None = Field(None, description="Only events that match are counted, and only they fire.")
    by: Columns | None = Field(None, description="Columns of the key; the entity's columns by default.")
    within: PositiveInterval | None = Field(
        None, description="Length of the trailing window, the event itself included; or memory."
    )
    memory: PositiveDuration | None = Field(
        None,
        description="Instead of within: totals since the key's first event. "
        "They begin anew when the key had no event for longer than this.",
    )
    aggregates: Aggregates = Field(description="Values over the trailing window.")
    having: Predicate = Field(description="Condition over the event's columns and the aggregates.")

    @model_validator(mode="after")
    def _one_length(self) -> Self:
        if (self.within is None) == (self.memory is None):
            raise ValueError("exactly one of within and memory is needed")
        return self


class Tumble(Model):
    """Windows side by side."""

    size: PositiveInterval = Field(description="Length of a window.")


class Hop(Model):
    """Windows that overlap."""

    size: PositiveInterval = Field(description="Length of a window; a multiple of slide.")
    slide: PositiveInterval = Field(description="Distance between the starts of windows.")


class Session(Model):
    """Windows that end when a key falls silent."""

    gap: PositiveInterval = Field(description="Silence that ends a session.")


class Cumulate(Model):
    """Windows that grow in steps up to a size: early results within a day, say."""

    size: PositiveInterval = Field(description="Full length of a window; a multiple of step.")
    step: PositiveInterval = Field(description="Distance between early results.")


class CalendarUnit(StrEnum):
    """What a window of the calendar lasts."""

    DAY = "Day"
    WEEK = "Week"
    MONTH = "Month"


class Calendar(Model):
    """Windows of the calendar in a time zone, however many hours the clocks there make of them."""

    unit: CalendarUnit = Field(description="Day, Week (from Monday) or Month.")
    time_zone: Annotated[str, StringConstraints(min_length=1, max_length=64)] = Field(
        description="IANA zone whose clocks say when it begins, such as Europe/Berlin."
    )


SHAPES = ("tumble", "hop", "session", "cumulate", "calendar")


class Window(Model):
    """Fires when a window ends whose aggregates match."""

    source: Identifier = Field(alias="from", description="Stream or view.")
    where: Predicate | None = Field(None, description="Only events that match are counted.")
    by: Columns | None = Field(None, description="Columns of the key; the entity's columns by default.")
    tumble: Tumble | None = Field(None, description="Windows side by side.")
    hop: Hop | None = Field(None, description="Windows that overlap.")
    session: Session | None = Field(None, description="Windows that end with silence.")
    cumulate: Cumulate | None = Field(None, description="Windows that grow in steps.")
    calendar: Calendar | None = Field(None, description="Days, weeks or months of a time zone.")
    aggregates: Aggregates = Field(description="Values over the window.")
    having: Predicate = Field(description="Condition over the key and the aggregates.")

    @model_validator(mode="after")
    def _one_shape(self) -> Self:
        if sum(getattr(self, shape) is not None for shape in SHAPES) != 1:
            raise ValueError(f"exactly one of {', '.join(SHAPES)} is needed")
        return self


class JoinKey(Model):
    """A pair of columns that must be equal."""

    left: Identifier = Field(description="Column of the left side.")
    right: Identifier = Field(description="Column of the right side.")


class JoinType(StrEnum):
    """Whether the partner's presence or its absence is suspicious."""

    MATCHED = "Matched"
    UNMATCHED = "Unmatched"


class Join(Model):
    """Looks for a partner of each left event in a second stream, within a time on either side."""

    left: Identifier = Field(description="Stream or view whose events the alert is about.")
    right: Identifier = Field(description="Stream or view with the partners.")
    keys: Annotated[list[JoinKey], Field(min_length=1, max_length=8)] = Field(description="Columns that must be equal.")
    before: Interval = Field(description="How long before the left event the partner may have come.")
    after: Interval = Field(description="How long after the left event the partner may still come.")
    type: JoinType = Field(
        JoinType.MATCHED, description="Matched: fires for each pair. Unmatched: for lonely left events."
    )
    where: Predicate | None = Field(
        None,
        description="Matched: condition over the pair. Unmatched: over the left event. "
        "Columns as SIDE.column, where SIDE is the stream's or view's name.",
    )

    @model_validator(mode="after")
    def _sides_differ(self) -> Self:
        if self.left == self.right:
            raise ValueError("left and right must differ: name one of them through a view")
        return self


class Step(Model):
    """One step of a sequence."""

    name: Identifier = Field(description="What the reason calls the step's (last) event: {step.column}.")
    where: Predicate = Field(
        description="Condition over one event; {EARLIER STEP}.{column} is a value of an earlier step's (last) event."
    )
    times: int = Field(1, ge=1, le=100, description="How many such events in a row make the step.")


class Contiguity(StrEnum):
    """Whether other events of the key may lie between the steps."""

    RELAXED = "Relaxed"
    STRICT = "Strict"


class Sequence(Model):
    """Fires when a key's events take the steps in order, within a time."""

    source: Identifier = Field(alias="from", description="Stream or view.")
    where: Predicate | None = Field(None, description="Only events that match are looked at.")
    by: Columns | None = Field(None, description="Columns of the key; the entity's columns by default.")
    steps: Annotated[list[Step], Field(min_length=2, max_length=8, json_schema_extra=list_map())] = Field(
        description="The steps, in order."
    )
    within: PositiveInterval = Field(description="Time from the first event to the last; exactly this long counts.")
    contiguity: Contiguity = Field(
        Contiguity.RELAXED, description="Relaxed: other events may lie between the steps. Strict: none may."
    )


class Sql(Model):
    """The way out: a SELECT of one's own, each of whose rows is an alert."""

    query: Query = Field(
        description="One SELECT that only ever adds rows, with the columns event_time, event_id and the entity's."
    )
    evidence: Columns | None = Field(
        None,
        description="Columns with event ids, each one id or an ARRAY of them: the first 20 of all are the alert's "
        "evidence; event_id by default.",
    )
    state_ttl: PositiveDuration | None = Field(
        None,
        description="How long state is kept after its last use; needed where the query keeps state without a window.",
    )


class FirstSeen(Model):
    """Fires at the first event in which a key is seen with a value: a new payee, a new device."""

    source: Identifier = Field(alias="from", description="Stream or view.")
    where: Predicate | None = Field(None, description="Only events that match are looked at.")
    by: Columns | None = Field(None, description="Columns of the key; the entity's columns by default.")
    value: Columns = Field(description="Columns of the value that is new; events without one are not looked at.")
    memory: PositiveDuration = Field(
        description="A value that the key was not seen with for longer than this is new again."
    )
    warm_up: PositiveDuration | None = Field(
        None, description="So long after a key's first event its values are learnt and nothing fires."
    )


class Change(Model):
    """Looks at each event of a key together with the one before it: how much later, how far away, how different."""

    source: Identifier = Field(alias="from", description="Stream or view.")
    where: Predicate | None = Field(None, description="Only events that match are looked at.")
    by: Columns | None = Field(None, description="Columns of the key; the entity's columns by default.")
    within: PositiveDuration = Field(description="An event before that is older than this counts as none.")
    having: Predicate = Field(
        description="Condition over the event's columns, those of the one before as previous.COLUMN, "
        "and gap, the seconds between the two."
    )


class Edge(Model):
    """Fires only when a rule's condition turns true for its key, and again only after it was reset."""

    reset_when: Predicate | None = Field(
        None, description="What makes the rule ready to fire again; by default that its condition is false."
    )
    memory: PositiveDuration = Field(
        description="A key without an event for longer than this is forgotten, hence ready to fire."
    )


KINDS = ("filter", "velocity", "window", "join", "sequence", "firstSeen", "change", "sql")
WITH_EDGE = ("filter", "velocity", "window", "change")
"""Kinds whose condition is looked at event by event, or window by window."""


class Rule(Model):
    """What is suspicious, whom it is about and what happens then; exactly one kind."""

    name: Name = Field(description="Names the rule in alerts, metrics and state; a renamed rule is a new one.")
    description: Text | None = Field(None, description="What it means, for people.")
    severity: Severity = Field(Severity.MEDIUM, description="Low, Medium, High or Critical.")
    mode: Mode = Field(
        Mode.ENFORCE,
        description="Enforce; Shadow (alerts are written and marked, nothing else happens); Disabled.",
    )
    entity: Entity = Field(description="Whom an alert is about.")
    reason: Annotated[str, StringConstraints(min_length=1, max_length=512)] = Field(
        description="Why it fired, with {column} for values of the row and {:parameter} for thresholds; "
        "{{ and }} are braces themselves."
    )
    actions: Actions = Field(default_factory=Actions, description="What happens besides the alert.")
    first_only: PositiveDuration | None = Field(
        None,
        description="At most one alert for an entity in any period of this length.",
    )
    edge: Edge | None = Field(
        None,
        description="Fires only when the condition turns true: for filter, velocity, window and change.",
    )
    filter: Filter | None = Field(None, description="Fires for every event that matches.")
    velocity: Velocity | None = Field(None, description="Fires at an event by its key's trailing window.")
    window: Window | None = Field(None, description="Fires at the end of a window.")
    join: Join | None = Field(None, description="Fires by a partner's presence or absence.")
    sequence: Sequence | None = Field(None, description="Fires when steps are taken in order.")
    first_seen: FirstSeen | None = Field(None, description="Fires when a key is seen with a value for the first time.")
    change: Change | None = Field(None, description="Fires at an event by the one before it.")
    sql: Sql | None = Field(None, description="Fires for every row of a query.")

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if sum(getattr(self, to_snake(kind)) is not None for kind in KINDS) != 1:
            raise ValueError(f"exactly one of {', '.join(KINDS)} is needed")
        return self

    @model_validator(mode="after")
    def _edge_of_a_condition(self) -> Self:
        if self.edge and self.kind not in WITH_EDGE:
            raise ValueError(f"edge goes with {', '.join(WITH_EDGE)}")
        return self

    @property
    def sources(self) -> list[str]:
        """Names of the streams and views that it reads; of a ``sql`` rule its query knows them."""
        if self.join:
            return [self.join.left, self.join.right]
        kind = self.filter or self.velocity or self.window or self.sequence or self.first_seen or self.change
        return [kind.source] if kind else []

    @property
    def kind(self) -> str:
        """Which of the kinds it is, as the resource calls it."""
        return next(kind for kind in KINDS if getattr(self, to_snake(kind)) is not None)
