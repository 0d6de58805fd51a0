"""What a column says of its place, its writing and its invalid values; which columns anything reads."""

import pytest

from fraud_api import load_text
from fraud_api.reads import columns_read, policies_of
from fraud_api.streams import OnInvalid

CARD = "{name: country, type: STRING, required: false}"
AT = "spec.streams[payments].columns"


@pytest.mark.parametrize(
    ("old", "new", "path", "message"),
    [
        (CARD, CARD.replace("}", ", writtenAs: Text}"), f"{AT}[country].writtenAs", "STRING is not a number"),
        (CARD, CARD.replace("}", ", onInvalid: Round}"), f"{AT}[country].onInvalid", "no places to round to"),
        (
            CARD,
            "{name: country, type: DOUBLE, onInvalid: Round}",
            f"{AT}[country].onInvalid",
            "DOUBLE has no places to round to: Round is for DECIMAL and whole numbers",
        ),
        (
            "{name: id, type: STRING}",
            "{name: id, type: STRING, onInvalid: SetNull}",
            f"{AT}[id].onInvalid",
            "every event needs its event id: it can't be null",
        ),
        (
            "{name: at, type: STRING}",
            "{name: at, type: STRING, onInvalid: SetNull}",
            f"{AT}[at].onInvalid",
            "every event needs its event time: it can't be null",
        ),
        (CARD, CARD.replace("}", ", path: amount}"), f"{AT}[country].path", "column 'amount' lies at 'amount' already"),
        (
            "{name: amount, ",
            "{name: amount, path: country.amount, ",
            f"{AT}[country].name",
            "'country' is an object, as column 'amount' lies in it",
        ),
        (CARD, CARD.replace("}", ', path: "a..b"}'), f"{AT}[country].path", "a..b"),
        (CARD, CARD.replace("}", ', path: "a;b"}'), f"{AT}[country].path", "a;b"),
        (
            CARD,
            CARD.replace("country", "_time"),
            f"{AT}[_time].name",
            "'_time' is taken: the compiler adds a column of this name; call it otherwise and write path: _time",
        ),
        (
            "SELECT * FROM payments WHERE",
            "SELECT *, 1 AS `_id` FROM payments WHERE",
            "spec.views[big].query",
            "'_id' is taken: the compiler adds a column of this name; give it another name with AS",
        ),
        (
            "SELECT account, amount, event_time, event_id FROM",
            "SELECT account, amount, amount AS `_time`, event_time, event_id FROM",
            "spec.rules[own].sql.query",
            "'_time' is taken",
        ),
        (
            "{column: at, format: EpochMillis}",
            "{column: ip, format: EpochMicros}",
            "spec.streams[logins].eventTime.column",
            "column 'ip' is STRING, but EpochMicros is read from BIGINT",
        ),
    ],
)
def test_a_mistake_is_told_at_its_place(problems, text, old, new, path, message):
    assert old in text
    found = problems(text.replace(old, new, 1))
    assert any(problem.path == path and message in str(problem) for problem in found), "\n".join(map(str, found))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (CARD, CARD.replace("country", "__op")),
        (CARD, CARD.replace("country", "_country")),
        (CARD, "{name: country, type: BIGINT, path: _id, writtenAs: Text, onInvalid: Round}"),
        (CARD, CARD.replace("}", ", path: after.user data.@country, onInvalid: SetNull}")),
        ("{column: at, format: EpochMillis}", "{column: at, format: EpochMicros}"),
        ("{column: at, format: EpochMillis}", "{column: at, format: EpochNanos}"),
        ("{amount} is above", "{{{amount}}} is {{above}}"),
    ],
)
def test_what_is_right_passes(problems, text, old, new):
    assert old in text
    assert problems(text.replace(old, new, 1)) == []


def test_all_faults_of_a_reason_are_told_at_once(problems, text):
    spoilt = text.replace('"{amount} is above {:limit}"', '"{amuont} is {above {:limt} of {x y}"')
    told = [str(problem) for problem in problems(spoilt) if problem.path == "spec.rules[large-amount].reason"]
    assert len(told) == 4
    for fault in ("amuont", ":limt", "'{above {:limt} of {x y}'", "'{x y}' is no placeholder"):
        assert any(fault in one for one in told), told


def read(text: str, stream: str = "payments") -> frozenset[str]:
    spec = load_text(text, "shop.yaml")[0].spec
    return columns_read(spec, next(one for one in spec.streams if one.name == stream))


WITHOUT_VIEW = "      query: SELECT * FROM payments WHERE amount > :limit"
NAMED = "      query: SELECT account, amount, event_time, event_id FROM payments WHERE amount > :limit"


def test_columns_that_nothing_names_are_not_read(text):
    assert read(text) == {"id", "account", "amount", "country", "at"}, "a star reads all"
    named = text.replace(WITHOUT_VIEW, NAMED)
    assert read(named) == {"id", "account", "amount", "at"}
    assert read(named, "logins") == {"account", "at"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("where: amount > :limit}", "where: amount > :limit AND country = 'x'}"),
        ("where: amount > :limit}", "where: amount > :limit AND `country` = 'x'}"),
        ('"{amount} is above', '"{country} is above'),
        ('[account]}\n      reason: "{amount} is', '[account, country]}\n      reason: "{amount} is'),
        ("where: payments.amount > 10", "where: payments.country = 'x'"),
        ("      filter: {from: payments", "      actions: {block: {amount: country}}\n      filter: {from: payments"),
        ("{name: spend, where: amount", "{name: spend, where: country = 'x' AND amount"),
        ("within: 1h\n        aggregates:", "by: [country, account]\n        within: 1h\n        aggregates:"),
        (
            "function: Sum, column: amount}]",
            "function: Sum, column: amount}, {name: c, function: Count, column: country}]",
        ),
        (
            "SELECT account, SUM(amount) AS total FROM payments",
            "SELECT account, SUM(CASE WHEN country = 'DE' THEN amount END) AS total FROM payments",
        ),
        (
            "split: {from: payments, part: Flagged}",
            "index: {timeColumn: country}\n      split: {from: payments, part: Flagged}",
        ),
    ],
)
def test_a_name_is_read_wherever_it_stands(text, old, new):
    named = text.replace(WITHOUT_VIEW, NAMED)
    assert old in named
    assert "country" in read(named.replace(old, new, 1))


def test_what_is_said_to_people_and_disabled_rules_read_nothing(text):
    named = text.replace(WITHOUT_VIEW, NAMED)
    told = named.replace('"{amount} is above', '"country {{country}} {amount} is above')
    assert "country" not in read(told.replace("- name: large-amount", "- name: country"))
    disabled = named.replace(
        "      filter: {from: payments, where: amount",
        "      mode: Disabled\n      filter: {from: payments, where: country = 'x' AND amount",
    )
    disabled = disabled.replace(
        "split: {from: payments, part: Flagged}",
        "columns: [{name: account, type: STRING}]\n      query: SELECT account FROM payments",
    )
    assert "country" not in read(disabled)


def test_a_literal_names_no_column(text):
    named = text.replace(WITHOUT_VIEW, NAMED)
    literal = named.replace("where: amount > :limit}", "where: amount > :limit AND id <> 'it''s country'}")
    assert "country" not in read(literal)
    view = named.replace(NAMED, NAMED + " AND account <> 'country'")
    assert "country" not in read(view)


def test_a_columns_own_word_counts(text):
    named = text.replace(WITHOUT_VIEW, NAMED)
    spec = load_text(named, "shop.yaml")[0].spec
    assert policies_of(spec, spec.streams[0])["country"] is OnInvalid.SET_NULL
    strict = named.replace(CARD, CARD.replace("}", ", onInvalid: Refuse}"))
    spec = load_text(strict, "shop.yaml")[0].spec
    assert policies_of(spec, spec.streams[0])["country"] is OnInvalid.REFUSE
    assert policies_of(spec, spec.streams[0])["amount"] is OnInvalid.REFUSE
