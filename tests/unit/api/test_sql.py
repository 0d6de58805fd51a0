"""Fragments of SQL are understood where they must be, and refused in one line where they can't be."""

import pytest

from fraud_api.functions import volatile_functions
from fraud_api.sql import identifier, literal, parse_condition, parse_select, rewrite
from fraud_api.sql_tokens import SqlError
from fraud_api.state import growths
from fraud_api.templates import Placeholder, parse_template


def test_names_are_found_at_their_places():
    condition = parse_condition("  amount > :limit AND `order`.`the id` = 'a '':x'' b' -- why")
    assert [(one.table, one.name) for one in condition.columns] == [(None, "amount"), ("order", "the id")]
    assert [one.name for one in condition.parameters] == ["limit"]
    assert rewrite(condition.text, [(condition.parameters[0], "900")]).startswith("amount > 900 AND")


@pytest.mark.parametrize(
    "text",
    ["", " ", "--", "a >", "a > 1; b", "SELECT 1", "a, b", "(" * 3000, "NOT " * 1000 + "a", "'", "a IN (SELECT 1)"],
)
def test_no_condition_is_an_error_in_one_line(text):
    with pytest.raises(SqlError) as refusal:
        parse_condition(text)
    assert str(refusal.value)
    assert "\n" not in str(refusal.value)
    assert "Token" not in str(refusal.value)


@pytest.mark.parametrize(
    "text", ["", "a > 1", "DELETE FROM a", "SELECT 1; SELECT 2", "SELECT a FROM x.y", "TABLE x", "SELECT ("]
)
def test_no_query_is_an_error_in_one_line(text):
    with pytest.raises(SqlError) as refusal:
        parse_select(text)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("a > RAND()", ["RAND"]),
        ("a > now() OR a > Now()", ["NOW"]),
        ("t < CURRENT_TIMESTAMP", ["CURRENT_TIMESTAMP"]),
        ("t < CURRENT_DATE AND u < LOCALTIME", ["CURRENT_DATE", "LOCALTIME"]),
        ("a > UNIX_TIMESTAMP()", ["UNIX_TIMESTAMP"]),
        ("a > UNIX_TIMESTAMP(b)", []),
        ("now > 1 AND `RAND` > 2 AND x = 'NOW()'", []),
        ("`CURRENT_DATE` > a", []),
    ],
)
def test_functions_that_a_replay_changes_are_found(text, names):
    assert volatile_functions(text) == names


BOUNDED = [
    "SELECT * FROM a WHERE b > 1",
    "SELECT a FROM s UNION ALL SELECT a FROM t",
    "SELECT SUM(b) OVER (ORDER BY event_time RANGE BETWEEN INTERVAL '1' DAY PRECEDING AND CURRENT ROW) FROM a",
    "SELECT SUM(b) OVER w FROM a WINDOW w AS (ORDER BY event_time "
    "RANGE BETWEEN INTERVAL '1' DAY PRECEDING AND CURRENT ROW)",
    "SELECT window_start, COUNT(*) FROM TABLE(TUMBLE(TABLE a, DESCRIPTOR(event_time), INTERVAL '1' DAY)) "
    "GROUP BY window_start, window_end",
    "SELECT a.b FROM a JOIN c ON a.x = c.x AND c.event_time BETWEEN a.event_time AND a.event_time + INTERVAL '1' DAY",
    "SELECT a.b FROM a JOIN c ON a.x = c.x AND a.event_time = c.event_time",
    "SELECT a.b FROM a, c WHERE c.event_time >= a.event_time AND a.event_time + INTERVAL '1' DAY > c.event_time",
    "SELECT a.b FROM a JOIN c ON a.window_start = c.window_start AND a.window_end = c.window_end",
]
UNBOUNDED = [
    ("SELECT COUNT(*) FROM a", "an aggregate over everything"),
    ("SELECT LISTAGG(b) FROM a", "an aggregate over everything"),
    ("SELECT b FROM a GROUP BY b", "GROUP BY without window_start and window_end"),
    ("SELECT window_start, COUNT(*) FROM a GROUP BY window_start", "GROUP BY without window_start and window_end"),
    ("SELECT DISTINCT b FROM a", "DISTINCT without a window"),
    ("SELECT a FROM s UNION SELECT a FROM t", "UNION without ALL"),
    ("SELECT a FROM s INTERSECT SELECT a FROM t", "INTERSECT"),
    ("SELECT b FROM a WHERE b IN (SELECT d FROM c)", "a subquery in a condition"),
    ("SELECT LAG(b) OVER (ORDER BY event_time) FROM a", "LAG OVER without"),
    ("SELECT SUM(b) OVER (ORDER BY event_time ROWS BETWEEN 5 PRECEDING AND CURRENT ROW) FROM a", "SUM OVER without"),
    ("SELECT a.b FROM a JOIN c ON a.x = c.x", "a join without bounds"),
    ("SELECT a.b FROM a JOIN c USING (x)", "a join without bounds"),
    ("SELECT a.b FROM a JOIN c ON a.x = c.x AND c.event_time > a.event_time", "a join without bounds"),
    (
        "SELECT a.b FROM a JOIN c ON c.event_time > a.event_time AND a.event_time < c.event_time",
        "a join without bounds",
    ),
    ("SELECT * FROM (SELECT MAX(b) AS m FROM a GROUP BY c) AS q", "GROUP BY without"),
]


@pytest.mark.parametrize("query", BOUNDED)
def test_state_with_a_bound_passes(query):
    assert growths(parse_select(query)) == []


@pytest.mark.parametrize(("query", "what"), UNBOUNDED)
def test_state_without_a_bound_is_found(query, what):
    (growth,) = growths(parse_select(query))
    assert growth.what.startswith(what)


def test_a_template_has_pieces():
    template = parse_template("{a} is above {:limit}, {step.b}!")
    assert template.faults == ()
    assert list(template.pieces) == [
        Placeholder("a"),
        " is above ",
        Placeholder("limit", parameter=True),
        ", ",
        Placeholder("b", group="step"),
        "!",
    ]


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("{{a}}", ["{a}"]),
        ("{{{a}}}", ["{", Placeholder("a"), "}"]),
        ("{{{{ and }}", ["{{ and }"]),
        ("{a}}}{{{b}", [Placeholder("a"), "}{", Placeholder("b")]),
        ("#{{?$\\", ["#{?$\\"]),
        ("", []),
    ],
)
def test_doubled_braces_are_braces(text, pieces):
    template = parse_template(text)
    assert (list(template.pieces), template.faults) == (pieces, ())


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("{a", ["{a"]),
        ("a}", ["a}"]),
        ("{{a}", ["{{a}"]),
        ("{a}}", ["{a}}"]),
        ("{a{b}", ["{a{b}"]),
    ],
)
def test_every_stray_brace_is_told(text, near):
    faults = parse_template(text).faults
    assert len(faults) == len(near), faults
    for fault, shown in zip(faults, near, strict=True):
        assert fault.startswith(f"a brace belongs to no placeholder in '{shown}': write {{column}}")


@pytest.mark.parametrize("text", ["{a b}", "{}", "{a.b.c}", "{1}", "{hour(x)}"])
def test_what_is_no_placeholder_is_told_once(text):
    (fault,) = parse_template(f"so {text} is it").faults
    assert (
        fault
        == f"'{text}' is no placeholder, which is {{column}} or {{:parameter}}; {{{{ and }}}} are braces themselves"
    )


def test_quoting_doubles_quotes():
    assert identifier("a`b") == "`a``b`"
    assert literal("it's") == "'it''s'"
