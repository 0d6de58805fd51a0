"""Views: queries over streams and the views above."""

from fraud_api.columns import named
from fraud_api.problems import Place
from fraud_api.scopes import output_columns
from fraud_api.sql import Select
from fraud_api.sql_tokens import SqlError
from fraud_api.validation.names import check_selected
from fraud_api.validation.queries import check_query
from fraud_api.validation.report import SPEC, Report


def check(report: Report) -> None:
    """Check every view."""
    streams = {stream.name for stream in report.spec.streams}
    views = [view.name for view in report.spec.views]
    for index, view in enumerate(report.spec.views):
        place = SPEC.field("views").item(index, view.name).field("query")
        above = streams | set(views[:index]) | report.broken
        tables = {name: columns for name, columns in report.tables.items() if name in above}
        parsed = check_query(report, place, view.query, tables, later=views[index:])
        if parsed is not None:
            _columns(report, place, parsed)


def _columns(report: Report, place: Place, parsed: Select) -> None:
    """Every column of a view needs a name of its own, or nothing can refer to it."""
    known = all(reference.name in report.tables for reference in parsed.tables)
    try:
        columns = named(output_columns(parsed, report.tables, report.parameters)) if known else {}
    except SqlError as error:
        # that a table behind * can't be told is that table's problem
        if "can't tell" not in str(error) or parsed.matches:
            report.add(place, str(error))
        return
    check_selected(report, place, columns)
