"""Names of indices and their buckets, and which of them are old."""

import pytest

from fraud_services.indices.names import bucket_label, bucket_start, expired, start_in, version_of

DAY, HOUR, MINUTE = 86_400_000, 3_600_000, 60_000
LEAP_DAY = 1_709_210_096_789  # 2024-02-29T12:34:56.789Z


@pytest.mark.parametrize(
    ("length", "label"),
    [
        (DAY, "2024.02.29"),
        (7 * DAY, "2024.02.29"),
        (HOUR, "2024.02.29.12"),
        (6 * HOUR, "2024.02.29.12"),
        (15 * MINUTE, "2024.02.29.12.30"),
        (1000, "2024.02.29.12.34.56"),
    ],
)
def test_a_bucket_is_labelled_with_its_start(length: int, label: str):
    start = bucket_start(LEAP_DAY, length)
    assert bucket_label(start, length) == label
    assert start_in(f"vns.v1-d.alerts.v12.{label}") == start


@pytest.mark.parametrize("name", ["a.b.alerts.v1.base", "a.b.alerts.v1", "a.b.alerts", "a.b.c.v1.2024.02"])
def test_other_indices_have_no_start(name: str):
    assert start_in(name) is None


@pytest.mark.parametrize(
    ("index", "version"),
    [
        ("a.b.c.v1", 1),
        ("a.b.c.v12.base", 12),
        ("a.b.c.v0", None),
        ("a.b.cv1", None),
        ("a.b.c", None),
        ("a.bxc.v1", None),
    ],
)
def test_the_version_is_in_the_name(index: str, version: int | None):
    assert version_of(index, "a.b.c") == version


def bucket(day: int) -> str:
    return f"a.b.c.v1.2024.01.{day:02}"


def test_buckets_expire_once_their_end_is_old_enough():
    buckets = {bucket(day): DAY for day in (1, 2, 3, 10)}
    the_tenth_ends = start_in(bucket(11))
    assert expired(buckets, 7 * DAY, the_tenth_ends) == [bucket(1), bucket(2), bucket(3)]
    assert expired(buckets, 8 * DAY, the_tenth_ends) == [bucket(1), bucket(2)]
    assert expired(buckets, 8 * DAY - 1, the_tenth_ends) == [bucket(1), bucket(2)]


def test_age_counts_from_the_newest_bucket_of_old_events():
    buckets = {bucket(day): DAY for day in (1, 2, 10)}
    assert expired(buckets, 8 * DAY, 2_000_000_000_000) == [bucket(1), bucket(2)]
    assert expired(buckets, 9 * DAY, 2_000_000_000_000) == [bucket(1)]


def test_an_event_of_the_future_makes_nothing_older():
    buckets = {bucket(1): DAY, bucket(20): DAY}
    assert expired(buckets, 7 * DAY, start_in(bucket(5))) == []


def test_each_bucket_has_the_length_it_was_made_with():
    buckets = {bucket(1): 7 * DAY, bucket(2): DAY, bucket(20): DAY}
    assert expired(buckets, 14 * DAY, start_in(bucket(20))) == [bucket(2)]


def test_indices_without_a_bucket_never_expire():
    assert expired({"a.b.c.v1.base": DAY, "a.b.c.v1": DAY}, DAY, 2_000_000_000_000) == []
