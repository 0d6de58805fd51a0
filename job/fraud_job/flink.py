"""The one place that talks to Flink: statements in, a named plan out, a job started."""

import json
import re
from dataclasses import dataclass
from typing import Any

from py4j.protocol import Py4JError, Py4JJavaError
from pyflink.table import CompiledPlan, EnvironmentSettings, PlanReference, TableEnvironment

from fraud_job import net
from fraud_job.compiler import Insert, Program
from fraud_job.identity import Operator, Plan, name_operators

LOST = "Flink's Java process ended unexpectedly"
"""What there is to say when nobody on the other side answers any more."""


class Refused(ValueError):
    """Flink's planner refuses a statement.

    Attributes:
        where: the rule, output or stream that it belongs to.
    """

    def __init__(self, message: str, where: str) -> None:
        super().__init__(message)
        self.where = where


@dataclass(frozen=True)
class Planned:
    """A program as Flink will run it."""

    plan: Plan
    operators: list[Operator]
    environment: Any


def plan(program: Program, settings: dict[str, str]) -> Planned:
    """Have Flink plan a program.

    Raises:
        Refused: a statement is not valid, cannot run as a stream, or could fail for one event.
        UnboundedState: an operator would keep state for ever.
    """
    environment = TableEnvironment.create(EnvironmentSettings.in_streaming_mode())
    config = environment.get_config()
    for key, value in settings.items():
        config.set(key, value)
    for statement in program.tables:
        _attempt(environment.execute_sql, statement, "tables")
    statements = environment.create_statement_set()
    for insert in program.inserts:
        for statement in insert.setup:
            _attempt(environment.execute_sql, statement, insert.owner)
        _attempt(statements.add_insert_sql, insert.sql, insert.owner)
    compiled = json.loads(_compile(statements, program.inserts))
    owners = {insert.sink: insert.owner for insert in program.inserts}
    ttls = {insert.owner: insert.state_ttl_ms for insert in program.inserts if insert.state_ttl_ms}
    memories = {insert.owner: insert.memory_ms for insert in program.inserts if insert.memory_ms}
    named, operators = name_operators(compiled, owners, ttls, memories)
    _check_guards(named, operators)
    return Planned(named, operators, environment)


def _check_guards(named: Plan, operators: list[Operator]) -> None:
    try:
        net.check(named, (operator.owner for operator in operators))
    except net.Unguarded as error:
        raise Refused(str(error), error.owner) from None


def translate(planned: Planned) -> None:
    """Have Flink make operators of a plan, without running them: some mistakes only show there.

    Raises:
        Refused: it can't.
    """
    try:
        _loaded(planned).explain()
    except Exception as error:
        raise Refused(java_message(error), "the job") from None


def start(planned: Planned) -> Any:
    """Start a planned program; returns Flink's JobClient (a Java object)."""
    return _loaded(planned)._j_compiled_plan.execute().getJobClient().get()


def _loaded(planned: Planned) -> CompiledPlan:
    return planned.environment.load_plan(PlanReference.from_json_string(json.dumps(planned.plan)))


def _compile(statements: Any, inserts: tuple[Insert, ...]) -> str:
    try:
        # PyFlink has no wrapper for compiled plans; the Java object behind it has
        return str(statements._j_statement_set.compilePlan().asJsonString())
    except Exception as error:
        message = java_message(error)
        named = [insert.owner for insert in inserts if f"sinks.{insert.sink}'" in message or insert.sink in message]
        raise Refused(message, named[0] if len(set(named)) == 1 else "the job") from None


def _attempt(action: Any, statement: str, where: str) -> None:
    try:
        action(statement)
    except Exception as error:
        raise Refused(java_message(error), where) from None


def _innermost(trace: str) -> str:
    """The innermost message of a stack trace: PyFlink makes texts of some exceptions."""
    lines = [line for line in trace.splitlines() if not line.startswith(("\t", "    at "))]
    causes = [place for place, line in enumerate(lines) if line.startswith("Caused by: ")]
    said = " ".join(lines[causes[-1] if causes else 0 :]).removeprefix("Caused by: ")
    return re.sub(r"^(?:[a-z0-9_]+\.)+[A-Z]\w*: ", "", said)


def java_message(error: BaseException) -> str:
    """The innermost message of a Java exception, on one line."""
    if isinstance(error, Py4JError) and not isinstance(error, Py4JJavaError) and "Trace:" not in str(error):
        return LOST
    cause = getattr(error, "java_exception", None)
    message = "" if cause is not None else _innermost(str(error))
    while cause is not None:
        message = cause.getMessage() or message
        cause = cause.getCause()
    said, expecting, _ = " ".join(message.split()).partition(" Was expecting")
    # what else might stand there is a page of keywords; what does is mostly a reserved word
    return f"{said} If it is a name, put it in backquotes." if expecting else said
