"""``fraudctl validate``, ``plan`` and ``schema``: what a file says, without running it."""

from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from fraudctl.errors import UserError
from fraudctl.output import line

VALIDATE_EPILOG = """Example: fraudctl validate manifests/*.yaml

Exit codes: 0 all are valid, 2 some are not."""

PLAN_EPILOG = """Examples:

fraudctl plan manifests/payments.yaml

fraudctl plan manifests/payments.yaml --sql

fraudctl plan manifests/payments.yaml --json | jq .topics

Exit codes: 0 planned, 1 the machine failed (Java, disk), 2 the file was wrong or Flink refuses its SQL."""

SCHEMA_EPILOG = """Example: fraudctl schema > frauddetector.schema.json

Then begin a file with: # yaml-language-server: $schema=frauddetector.schema.json"""


def validate(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="FraudDetector files, as YAML or JSON.")],
) -> None:
    """Check files; every problem of every file is told, with its line."""
    from fraudctl.detectors import load_all

    failed = 0
    for file in files:
        try:
            found = load_all(file)
        except UserError:
            failed += 1
            continue
        for detector in found:
            spec = detector.spec
            line(
                f"{file}: OK: {detector.metadata.namespace}.{detector.metadata.name}, "
                f"{_count(len(spec.streams), 'stream')}, {_count(len(spec.rules), 'rule')}, "
                f"{_count(len(spec.outputs), 'output')}"
            )
    if failed:
        which = f"{failed} of {len(files)} files are" if len(files) > 1 else f"{files[0]} is"
        raise UserError(f"{which} not valid", "see above")


def plan(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A FraudDetector, as YAML or JSON.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document, for programs.")] = False,
    sql: Annotated[bool, typer.Option("--sql", help="Only the SQL that Flink would run.")] = False,
) -> None:
    """Show what would be made: topics, SQL and operators as Flink plans them, indices. Nothing is started."""
    from fraudctl.detectors import load_one
    from fraudctl.logs import keep_logs
    from fraudctl.runtime.job import explain
    from fraudctl.runtime.processes import work_dir

    if as_json and sql:
        raise UserError("--json and --sql exclude each other", "the JSON has the SQL in it")
    detector = load_one(file)
    with work_dir() as directory:
        resolved = directory / "detector.json"
        resolved.write_text(detector.model_dump_json(by_alias=True))
        try:
            found = explain(resolved, directory)
        except Exception:
            keep_logs(directory)
            raise
    if as_json:
        line(orjson.dumps(found, option=orjson.OPT_INDENT_2).decode())
    else:
        line("\n".join(sql_lines(found) if sql else plan_lines(found)))


def schema() -> None:
    """Print the JSON schema of a FraudDetector, for editors."""
    from fraud_api.schema import json_schema

    line(orjson.dumps(json_schema(), option=orjson.OPT_INDENT_2).decode())


def sql_lines(found: dict[str, Any]) -> list[str]:
    """Every statement in its order, the INSERTs as one statement set."""
    lines = [f"{statement};\n" for statement in found["tables"]]
    for insert in found["inserts"]:
        lines += [f"{statement};\n" for statement in insert.get("setup", ())]
    lines.append("EXECUTE STATEMENT SET BEGIN\n")
    lines += [f"-- {insert['name']}\n{insert['sql']};\n" for insert in found["inserts"]]
    return [*lines, "END;"]


def plan_lines(found: dict[str, Any]) -> list[str]:
    """The plan for people."""
    lines = ["Topics"]
    width = max((len(topic["name"]) for topic in found["topics"]), default=0)
    for topic in found["topics"]:
        compacted = ", compacted" if topic["compacted"] else ""
        partitions = _count(topic["partitions"], "partition")
        lines.append(f"  {topic['name']:<{width}}  {topic['kind']:<12}  {partitions}{compacted}")
    lines += ["", f"Job: {_count(found['sources'], 'source')}, {_count(len(found['operators']), 'operator')}"]
    for insert in found["inserts"]:
        lines.append(f"  writes {insert['name']}")
    lines += ["", "Indices"]
    lines += [f"  {index.get('name', index)}" for index in found["indices"]] or ["  none"]
    return [*lines, "", "--sql shows the statements, --json everything."]


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
