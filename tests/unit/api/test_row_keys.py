"""What tells the rows of a query apart."""

import pytest

from fraud_api.row_keys import row_keys
from fraud_api.sql import parse_select

VIEWS = {
    "per_shop": parse_select("SELECT card, shop, SUM(amount) AS s FROM pay GROUP BY card, shop"),
    "plain": parse_select("SELECT card, amount FROM pay"),
}
HOURLY = (
    "FROM TABLE(TUMBLE(TABLE pay, DESCRIPTOR(event_time), INTERVAL '1' HOUR)) GROUP BY card, window_start, window_end"
)
GROWING = HOURLY.replace("TUMBLE", "CUMULATE").replace("INTERVAL", "INTERVAL '1' MINUTE, INTERVAL")


@pytest.mark.parametrize(
    ("query", "keys"),
    [
        ("SELECT card, SUM(amount) FROM pay GROUP BY card HAVING SUM(amount) > 1", {"card": {0}}),
        ("SELECT SUM(amount), card AS c FROM pay GROUP BY card, shop", {"card": {1}, "shop": set()}),
        ("SELECT UPPER(card) AS c, COUNT(*) FROM pay GROUP BY UPPER(card)", {"UPPER(card)": {0}}),
        ("SELECT p.card, COUNT(*) FROM pay AS p GROUP BY card", {"card": {0}}),
        (f"SELECT window_start AS s, card, COUNT(*) {HOURLY}", {"card": {1}, "window_start": {0}}),
        (f"SELECT card, window_end, COUNT(*) {HOURLY}", {"card": {0}, "window_start": {1}}),
        # windows that grow begin alike
        (f"SELECT card, window_start, COUNT(*) {GROWING}", {"card": {0}, "window_end": set()}),
        (f"SELECT card, window_end, COUNT(*) {GROWING}", {"card": {0}, "window_end": {1}}),
        ("SELECT shop, s FROM per_shop", {"card": set(), "shop": {0}}),
        ("SELECT * FROM per_shop WHERE s > 1", {"card": {0}, "shop": {1}}),
        ("SELECT s * 2, shop AS x, card FROM (SELECT * FROM per_shop)", {"card": {2}, "shop": {1}}),
        ("WITH g AS (SELECT card, COUNT(*) AS n FROM pay GROUP BY card) SELECT n FROM g", {"card": set()}),
    ],
)
def test_tells_what_a_query_groups_by(query: str, keys: dict[str, set[int]]) -> None:
    found = row_keys(parse_select(query), VIEWS)
    assert found is not None
    assert {key.name: set(key.places) for key in found} == keys


@pytest.mark.parametrize(
    "query",
    [
        "SELECT card, amount FROM pay",
        "SELECT card FROM plain",
        "SELECT COUNT(*) FROM pay",
        "SELECT card, COUNT(*) FROM pay GROUP BY 1",
        "SELECT card, COUNT(*) FROM pay GROUP BY ROLLUP (card)",
        "SELECT a.card, b.s FROM per_shop AS a JOIN per_shop AS b ON a.card = b.card",
        "SELECT card, s FROM per_shop UNION ALL SELECT card, s FROM per_shop",
    ],
)
def test_claims_nothing_where_nobody_can_tell(query: str) -> None:
    assert row_keys(parse_select(query), VIEWS) is None
