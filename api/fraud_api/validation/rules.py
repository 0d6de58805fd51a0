"""Rules: one check a kind, and one for what all alerts have in common."""

from fraud_api.problems import Place
from fraud_api.rules import Rule
from fraud_api.validation.alerts import Row, check_alert
from fraud_api.validation.events import check_filter, check_join, check_sequence, check_sql
from fraud_api.validation.ordered import check_change, check_edge, check_first_seen
from fraud_api.validation.report import Report
from fraud_api.validation.windows import check_velocity, check_window


def check(report: Report) -> None:
    """Check every rule, the disabled ones too: they are to work when they are switched on."""
    for index, rule in enumerate(report.spec.rules):
        place = report.rule_place(index, rule)
        row = _kind(report, place.field(rule.kind), rule)
        if row is not None:
            check_alert(report, place, rule, row)
        if row is not None and rule.edge is not None:
            check_edge(report, place.field("edge"), rule, rule.edge, row)


def _kind(report: Report, place: Place, rule: Rule) -> Row | None:
    match rule:
        case Rule(filter=kind) if kind:
            return check_filter(report, place, rule, kind)
        case Rule(velocity=kind) if kind:
            return check_velocity(report, place, rule, kind)
        case Rule(window=kind) if kind:
            return check_window(report, place, rule, kind)
        case Rule(join=kind) if kind:
            return check_join(report, place, rule, kind)
        case Rule(sequence=kind) if kind:
            return check_sequence(report, place, rule, kind)
        case Rule(first_seen=kind) if kind:
            return check_first_seen(report, place, rule, kind)
        case Rule(change=kind) if kind:
            return check_change(report, place, rule, kind)
        case Rule(sql=kind) if kind:
            return check_sql(report, place, rule, kind)
    return None
