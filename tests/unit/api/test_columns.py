"""Columns of streams, views and queries."""

import pytest

from fraud_api import load_text
from fraud_api.columns import columns_of, query_columns
from fraud_api.sql_tokens import SqlError


def test_a_stream_has_its_columns_then_time_and_id(detector):
    assert columns_of(detector.spec, "logins") == {
        "account": "STRING",
        "ip": "STRING",
        "at": "BIGINT",
        "event_time": "TIMESTAMP_LTZ(3)",
        "event_id": "STRING",
    }


def test_declared_time_and_id_keep_their_places(text):
    renamed = text.replace("{name: at, type: BIGINT}", "{name: event_time, type: BIGINT}").replace(
        "{column: at, format", "{column: event_time, format"
    )
    (detector,) = load_text(renamed, "x")
    assert list(columns_of(detector.spec, "logins")) == ["account", "ip", "event_time", "event_id"]
    assert columns_of(detector.spec, "logins")["event_time"] == "TIMESTAMP_LTZ(3)"


def test_a_view_passes_columns_on(detector):
    assert columns_of(detector.spec, "big") == columns_of(detector.spec, "payments")


@pytest.mark.parametrize(
    ("query", "columns"),
    [
        ("SELECT amount, CAST(id AS BIGINT) AS n, amount + 1 AS more FROM payments",
         {"amount": "DECIMAL(10, 2)", "n": "BIGINT", "more": "DECIMAL(13, 2)"}),
        ("SELECT l.* FROM logins AS l WHERE ip = 'x'", {"account": "STRING", "ip": "STRING", "at": "BIGINT",
                                                        "event_time": "TIMESTAMP_LTZ(3)", "event_id": "STRING"}),
        ("SELECT account, at FROM logins UNION ALL SELECT account, id FROM payments",
         {"account": "STRING", "at": "BIGINT"}),
        ("SELECT * FROM (SELECT ip AS address FROM logins)", {"address": "STRING"}),
        ("WITH a AS (SELECT ip FROM logins) SELECT * FROM a", {"ip": "STRING"}),
        ("SELECT window_start, ip FROM TABLE(TUMBLE(TABLE logins, DESCRIPTOR(event_time), INTERVAL '1' HOUR))",
         {"window_start": "TIMESTAMP(3)", "ip": "STRING"}),
        ("SELECT p.amount, l.ip FROM payments AS p JOIN logins AS l ON p.account = l.account",
         {"amount": "DECIMAL(10, 2)", "ip": "STRING"}),
        ("SELECT CAST(at AS TIMESTAMP_LTZ(3)) AS t, CAST(id AS STRING) AS s FROM logins",
         {"t": "TIMESTAMP_LTZ(3)", "s": "STRING"}),
    ],
)  # fmt: skip
def test_a_query_tells_its_columns(detector, query, columns):
    assert query_columns(detector.spec, query) == columns


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("SELECT amount + 1 FROM payments", "column 1 has no name"),
        ("SELECT p.account, l.account FROM payments AS p JOIN logins AS l ON TRUE", "two columns are called 'account'"),
        ("SELECT * FROM nothing", "can't tell the columns of 'nothing'"),
        ("SELECT * FROM payments MATCH_RECOGNIZE (PATTERN (A))", "can't tell"),
        ("SELECT 1; SELECT 2", "more than one statement"),
    ],
)
def test_a_query_that_does_not_tell_is_refused(detector, query, message):
    with pytest.raises(SqlError, match=message):
        query_columns(detector.spec, query)


def test_nothing_has_no_columns(detector):
    with pytest.raises(SqlError, match="no stream or view 'nothing'"):
        columns_of(detector.spec, "nothing")
