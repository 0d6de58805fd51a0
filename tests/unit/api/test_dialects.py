"""What other databases write is told with what Flink's SQL says instead."""

import pytest

from fraud_api.catalogue import FUNCTIONS
from fraud_api.dialects import _FUNCTIONS
from fraud_api.sql import parse_condition, parse_select
from fraud_api.sql_tokens import SqlError, tokens_of


def refusal(text: str) -> str:
    with pytest.raises(SqlError) as refused:
        parse_condition(text)
    return f"{refused.value}; {refused.value.hint}" if refused.value.hint else str(refused.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a == 5", "'==' is not understood; write ="),
        ("a != 5", "'!=' is not understood; write <>"),
        ("a > 5 && b", "'&&' is not understood; write AND"),
        ("a >> 5", "'>>' is not understood; write > or >="),
        ("a << 5", "'<<' is not understood; write < or <="),
        ("a => 5", "'=>' is not understood; write >="),
        ("a <=> b", "write IS NOT DISTINCT FROM"),
        ("!(a > 5)", "'!' is not understood; write NOT"),
        ("a::INT > 5", "write CAST(x AS type)"),
        ('country = "North Korea"', "'\"' is not understood; texts stand in single quotes ('KP')"),
        ("country = \u2018KP\u2019", "'\u2018' is not understood; texts stand in single quotes"),
        ("a \u2265 5", "write >="),
        ("a\u00a0> 5", "U+00A0, which only looks like a blank, is not understood"),
        ("a > @limit", "'@' is not understood; a parameter is written :name"),
        ("a > {:limit}", "'{' is not understood; a parameter is written :name"),
        ("a > ?", "a parameter is written :name"),
        ("a ~ 'x'", "REGEXP(text, 'pattern')"),
        ("a ^ 2 > 5", "write POWER(x, y)"),
        ("a & 1 = 1", "'&' is not understood"),
        ("a | b", "'|' is not understood; write OR"),
        ("a = 5 # why", "a comment begins with --"),
        ("a = 5 // why", "a comment begins with --"),
        ("a mod 2 = 1", "write a % b or MOD(a, b)"),
        ("a div 2 = 1", "'div' is not understood; write a / b"),
        ("a > 1 XOR b", "'XOR' is not understood; write (a) <> (b)"),
        ("a > 1 xor not b", "write (a) <> (b)"),
        ("a ILIKE 'x%'", "write LOWER(text) LIKE"),
        ("a RLIKE 'x'", "REGEXP(text, 'pattern')"),
        ("a ISNULL", "write IS NULL"),
        ("(a NOTNULL) AND b", "write IS NOT NULL"),
        (
            "a == 1 && b != 2",
            "'==' and '&&' and '!=' are not understood; write = for '==', write AND for '&&', write <> for",
        ),
        ("t > u - INTERVAL '1 day'", "INTERVAL '1 day' is not understood; write INTERVAL '1' DAY"),
        ("a =< 5", "'=<' is not understood; write <="),
        ("a NOT = 5", "'NOT =' is not understood; write <>"),
        ("a IN [1, 2]", "'IN [' is not understood; write IN ('a', 'b')"),
        ("SELECT a FROM t WHERE a > 5", "a whole query; write what stands behind its WHERE"),
        ("WHERE a > 5", "not understood near 'WHERE'; write the condition alone"),
        ("if a > 5 then true else false", "not an expression; write the condition alone"),
        ("a > 1 000", "a number has no separators: 1000"),
        ("a > 1,000", "a number has no separators: 1000"),
        ("a > 5, b = 'x'", "not understood near ','; write AND or OR between conditions"),
        ("a > 5)", "not understood near ')'"),
        ("(a > 5", "a parenthesis is not closed near '5'"),
    ],
)
def test_what_is_not_flinks_is_told(text: str, message: str) -> None:
    assert message in refusal(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("country = 'KP", "the ' at character 11, in country = 'KP, is never closed; a quote within a text is written"),
        # the first text ends behind O, a second begins behind Neill
        ("name = 'O'Neill'", "the ' at character 16"),
        ("`amount > 5", "the ` at character 1, in `amount > 5, is never closed"),
        ("a > 5\n  AND b = 'x\n  AND c", "the ' at line 2, character 11"),
        ("a = 'it''s' AND b = 'c", "the ' at character 21"),
        ("a > 5 /* because", "the comment that begins at character 7"),
        ("a > 5 -- it's so\n AND b = 'x", "the ' at line 2, character 10"),
    ],
)
def test_an_open_quote_is_told_where_it_opens(text: str, message: str) -> None:
    assert message in refusal(text)


@pytest.mark.parametrize(
    "text",
    [
        "t > u - INTERVAL '1' DAY AND t > u - INTERVAL '2' HOUR",
        "a = '== != && \" >> it''s'",
        "`a == b` > 5 -- and && so on",
        "a > 5 /* >> */ AND b",
        "CAST(a AS ARRAY<ARRAY<INT>>) IS NULL",
        "MOD(a, 2) = 1 AND REGEXP(b, 'x') AND a % 2 = 1",
        "mod > 5 AND div < 3 AND `xor`",
        "a <> :limit AND a >= 5 AND a <= 6",
        "a = '1,000'",
        "POSITION('a' IN b) > 0 AND a IN ('x')",
    ],
)
def test_what_is_flinks_passes(text: str) -> None:
    parse_condition(text)


def test_a_syntax_that_nobody_knows_is_told_in_our_own_words(caplog: pytest.LogCaptureFixture) -> None:
    refusal("if a > 5 then true else false")
    assert caplog.records == []


def test_patterns_and_named_arguments_of_queries_pass() -> None:
    parse_select(
        "SELECT T.a FROM t MATCH_RECOGNIZE (PARTITION BY k ORDER BY event_time MEASURES A.a AS a "
        "PATTERN (A{2,3} B? C*?) WITHIN INTERVAL '1' HOUR DEFINE A AS a > 1) AS T"
    )
    with pytest.raises(SqlError, match="'!=' is not understood"):
        parse_select(
            "SELECT T.a FROM t MATCH_RECOGNIZE (PARTITION BY k ORDER BY event_time MEASURES A.a AS a "
            "PATTERN (A{2,3} B?) WITHIN INTERVAL '1' HOUR DEFINE A AS a != 1) AS T"
        )
    parse_select("SELECT f(x => 1, y => 2) FROM t")


@pytest.mark.parametrize("name", _FUNCTIONS)
def test_a_function_of_others_is_unknown_and_what_it_means_is_not(name: str) -> None:
    assert name not in FUNCTIONS
    meant = _FUNCTIONS[name]
    words = [
        token.text for token, after in zip(tokens_of(meant), tokens_of(meant)[1:], strict=False) if after.text == "("
    ]
    assert all(word.upper() in FUNCTIONS for word in words), meant
