"""Every scenario keeps its promises: planted episodes trip their rules, nothing else does."""

from collections import Counter, defaultdict
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import orjson
import pytest
from unit.generator.rules import MINUTE, RULES, Data, data, frauds, overlap

from fraud_generator import SCENARIOS, Settings, SettingsError, generate

DAY = 24 * 60 * MINUTE
LEFT_OUT = {"bank": {"moderate"}}


def check(scenario: str, traffic: Data) -> None:
    alerts = set(RULES[scenario](traffic))
    for pattern in SCENARIOS[scenario].patterns:
        episodes = traffic.episodes(pattern)
        fired = [alert for alert in alerts if alert.pattern == pattern]
        assert episodes, pattern
        by_entity = defaultdict(list)
        for episode in episodes:
            by_entity[episode.entity].append(episode)
        found = set()
        for alert in fired:
            hits = [episode for episode in by_entity[alert.entity] if overlap(alert, episode)]
            assert hits, f"nobody planted {alert}"
            found.update(hits)
        assert found == set(episodes)


@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_planted_episodes_and_nothing_else_trip_the_rules(scenario: str, seed: int) -> None:
    traffic = data(scenario, seed=seed)
    check(scenario, traffic)
    closing = 2 * len(SCENARIOS[scenario].streams)
    assert len(traffic.records) == SCENARIOS[scenario].default_count + closing


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_rules_hold_for_several_cycles_from_an_odd_start(scenario: str) -> None:
    start = datetime(2023, 9, 20, 22, 17, 3, 123_000, tzinfo=UTC)
    count = int(SCENARIOS[scenario].default_count * 1.3)
    check(scenario, data(scenario, seed=7, start=start, count=count))


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_large_share_still_trips_nothing_by_chance(scenario: str) -> None:
    check(scenario, data(scenario, seed=5, fraud_share=0.25))


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_no_share_plants_nothing(scenario: str) -> None:
    traffic = data(scenario, count=6_000, fraud_share=0.0)
    assert not list(RULES[scenario](traffic))
    assert all("closing" in label for label in traffic.labels)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_same_settings_same_bytes_and_other_seed_other_bytes(scenario: str) -> None:
    settings = Settings(count=2_000, poison=0.01, late=0.01)
    first, again = (list(generate(scenario, settings)) for _ in range(2))
    assert first == again
    assert list(generate(scenario, replace(settings, seed=2))) != first


@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.parametrize("count", [1, 2, 999, 2_500])
def test_exactly_as_many_events_as_asked_for(scenario: str, count: int) -> None:
    assert len(data(scenario, count=count, closing=False).records) == count


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_disorder_stays_within_the_bound_but_exists(scenario: str) -> None:
    traffic = data(scenario, closing=False, count=6_000)
    latest: dict[tuple[str, int], int] = defaultdict(int)
    worst = 0
    for record in traffic.records:
        at = record.stream, record.partition
        worst = max(worst, latest[at] - record.event_time_ms)
        latest[at] = max(latest[at], record.event_time_ms)
    bound = SCENARIOS[scenario].bound / timedelta(milliseconds=1)
    assert bound * 0.02 < worst < bound


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_no_disorder_on_request_and_none_beyond_the_bound(scenario: str) -> None:
    times = [r.event_time_ms for r in data(scenario, count=2_000, disorder=timedelta(0), closing=False).records]
    assert times == sorted(times)
    with pytest.raises(SettingsError, match="disorder"):
        generate(scenario, Settings(disorder=SCENARIOS[scenario].bound))


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_keys_stay_in_their_partition(scenario: str) -> None:
    homes = defaultdict(set)
    for record in data(scenario, count=3_000, partitions=3, closing=False).records:
        homes[record.key].add(record.partition)
    assert all(len(partitions) == 1 for partitions in homes.values())
    assert set.union(*homes.values()) == {0, 1, 2}


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_ids_are_unique_in_their_stream(scenario: str) -> None:
    fields = {stream.name: stream.id_field for stream in SCENARIOS[scenario].streams}
    ids = Counter(
        (record.stream, orjson.loads(record.value)[fields[record.stream]])
        for record in data(scenario, count=4_000, late=0.01).records
    )
    assert max(ids.values()) == 1


@pytest.mark.parametrize("scenario", ["payments", "transactions", "bank", "accounts"])
def test_times_are_unique_in_each_stream(scenario: str) -> None:
    times = Counter((record.stream, record.event_time_ms) for record in data(scenario, count=6_000).records)
    assert max(times.values()) == 1


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_event_time_is_what_the_value_says(scenario: str) -> None:
    fields = {"timestamp": "timestamp", "createTime": "createTime", "txn_time": "txn_time"}
    for record in data(scenario, count=500).records:
        row = orjson.loads(record.value)
        value = next(row[field] for field in fields if field in row)
        if isinstance(value, str):
            moment = datetime.fromisoformat(value)
            moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
            value = round(moment.timestamp() * 1_000)
        elif value < 10_000_000_000:
            value *= 1_000
        assert value == record.event_time_ms


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_closing_records_end_every_partition_a_day_ahead(scenario: str) -> None:
    *events, last = data(scenario, count=3_000, partitions=3).batches
    latest = max(record.event_time_ms for batch in events for record in batch.records)
    places = [(record.stream, record.partition) for record in last.records]
    assert sorted(places) == sorted((s.name, p) for s in SCENARIOS[scenario].streams for p in range(3))
    assert all(latest + DAY - 1_000 <= record.event_time_ms <= latest + DAY + 3 for record in last.records)
    assert last.labels == [record.label for record in last.records]
    assert all(label["closing"] is True for label in last.labels)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_labels_come_with_or_after_their_events(scenario: str) -> None:
    seen = set()
    fields = {stream.name: stream.id_field for stream in SCENARIOS[scenario].streams}
    for batch in data(scenario, count=5_000, closing=False).batches:
        seen.update(str(orjson.loads(r.value)[fields[r.stream]]) for r in batch.records if r.label)
        for label in batch.labels:
            assert seen.issuperset(label["event_ids"])
            assert 1 <= len(label["event_ids"]) <= 20


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_episode_names_are_unique(scenario: str) -> None:
    names = Counter(label["episode"] for label in data(scenario, count=5_000, closing=False).labels)
    assert max(names.values()) == 1


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_endless_goes_on_without_closing(scenario: str) -> None:
    total = 0
    for batch in generate(scenario, Settings(endless=True, count=1)):
        assert not any("closing" in label for label in batch.labels)
        total += len(batch.records)
        if total > SCENARIOS[scenario].default_count:
            return


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_shards_share_no_id_key_or_partition(scenario: str) -> None:
    shards = [data(scenario, count=2_001, partitions=5, shard=shard, shards=2) for shard in (0, 1)]
    counts = [len(shard.batches) and sum("closing" not in (r.label or ()) for r in shard.records) for shard in shards]
    assert counts == [1_001, 1_000]
    owned = [{record.partition for record in shard.records} for shard in shards]
    assert owned == [{0, 2, 4}, {1, 3}]
    keys = [{r.key for r in shard.records if "closing" not in (r.label or ())} for shard in shards]
    assert not keys[0] & keys[1]


def test_transaction_shards_together_have_every_id_and_time() -> None:
    records = [r for s in (0, 1) for r in data("transactions", count=3_000, shard=s, shards=2, closing=False).records]
    assert sorted(orjson.loads(r.value)["transaction_id"] for r in records) == list(range(1, 3_001))
    assert len({record.event_time_ms for record in records}) == 3_000


@pytest.mark.parametrize("share", [0.01, 0.05, 0.2, 1.0])
def test_share_of_transactions(share: float) -> None:
    labels = data("transactions", count=50_000, fraud_share=share, closing=False).labels
    assert len(labels) == pytest.approx(50_000 * share, rel=0.1)


@pytest.mark.parametrize(("scenario", "share"), [("bank", 0.02), ("bank", 0.1), ("accounts", 0.02), ("accounts", 0.2)])
def test_share_of_events_in_episodes(scenario: str, share: float) -> None:
    records = data(scenario, fraud_share=share, closing=False).records
    planted = sum(record.label is not None for record in records)
    assert planted == pytest.approx(len(records) * share, rel=0.05)


@pytest.mark.parametrize("scenario", ["ad-clicks", "payments"])
def test_more_share_more_episodes(scenario: str) -> None:
    few, many = (len(data(scenario, fraud_share=share).labels) for share in (0.05, 0.3))
    assert many > 3 * few


def test_exactly_900_occurs_and_is_no_fraud() -> None:
    rows = data("transactions", count=20_000).rows("transactions")
    assert any(row["amount"] == 900.00 for row in rows)


def test_about_a_tenth_of_the_displays_is_clicked() -> None:
    traffic = data("ad-clicks", fraud_share=0.0)
    assert len(traffic.rows("clicks")) / len(traffic.rows("displays")) == pytest.approx(0.1, abs=0.03)


def test_normal_clicks_stay_far_from_the_rules() -> None:
    clicks = data("ad-clicks", fraud_share=0.0, closing=False).rows("clicks")
    windows = Counter((row["ip"], row["t"] // (10 * MINUTE)) for row in clicks)
    assert max(windows.values()) < 15
    assert max(Counter((row["uid"], row["t"] // (30 * MINUTE)) for row in clicks).values()) < 10


def test_bank_knows_moderate_customers_and_near_amounts() -> None:
    traffic = data("bank")
    moderate = {episode.entity for episode in traffic.episodes("moderate")}
    high = {episode.entity for episode in traffic.episodes("customer-turns-high")}
    by_customer = frauds(traffic)
    assert set(by_customer) == moderate | high
    assert all(len(by_customer[customer]) in (1, 2) for customer in moderate)
    assert all(len(by_customer[customer]) >= 4 for customer in high)
    assert len(moderate) < len(high)
    assert any(2_700 <= row["amount"] <= 3_000 for row in traffic.rows("bank_transactions"))


def test_accounts_have_near_misses_and_sums_that_a_late_event_tips() -> None:
    traffic = data("accounts", closing=False)
    sums: dict[tuple[str, int], float] = defaultdict(float)
    latest, tipped = 0, 0
    for record in traffic.records:
        row = orjson.loads(record.value)
        at = row["account_id"], record.event_time_ms // (5 * MINUTE)
        before, sums[at] = sums[at], sums[at] + row["txn_amount"]
        after_window = latest >= (at[1] + 1) * 5 * MINUTE
        tipped += before < 3_000 < sums[at] and after_window
        latest = max(latest, record.event_time_ms)
    assert tipped >= 10
    assert sum(2_500 <= spent <= 2_900 for spent in sums.values()) >= 10
    assert not any(1_400 < spent < 2_500 or 2_900 < spent < 4_500 for spent in sums.values())


def test_unknown_scenario_names_the_known() -> None:
    with pytest.raises(SettingsError, match="ad-clicks, payments"):
        generate("nothing", Settings())


@pytest.mark.parametrize(
    "wrong",
    [
        {"count": 0},
        {"partitions": 0},
        {"fraud_share": 1.5},
        {"poison": 1.0},
        {"late": -0.1},
        {"poison": 0.6, "late": 0.6},
        {"start": datetime(2024, 1, 1)},
        {"shards": 3},
    ],
)
def test_settings_that_cannot_work(wrong: dict) -> None:
    with pytest.raises(SettingsError):
        Settings(**wrong)


def test_share_beyond_what_a_scenario_can_hide() -> None:
    with pytest.raises(SettingsError, match="at most"):
        generate("accounts", Settings(fraud_share=0.9))
