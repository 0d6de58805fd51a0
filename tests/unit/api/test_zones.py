import pytest

from fraud_api.zones import is_zone, zone_hint


@pytest.mark.parametrize("name", ["UTC", "Europe/Berlin", "America/New_York", "Etc/GMT-2", "CET", "GB"])
def test_what_exists_is_a_zone(name: str) -> None:
    assert is_zone(name)


# Python knows the last six of these, Java does not: a job could not run with them
@pytest.mark.parametrize(
    "name", ["CEST", "../etc", "Mars/Olympus", "", "EST", "HST", "localtime", "posixrules", "posix/UTC", "GMT+0"]
)
def test_what_does_not_exist_everywhere_is_none(name: str) -> None:
    assert not is_zone(name)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("CEST", "such as Europe/Berlin"),
        ("est", "such as America/New_York"),
        ("PST", "such as America/Los_Angeles"),
        ("Berlin", "did you mean 'Europe/Berlin'?"),
        ("Europe/Berln", "did you mean 'Europe/Berlin'?"),
        ("america/new_york", "did you mean 'America/New_York'?"),
        ("Z", "did you mean 'UTC'?"),
        ("UTC+2", "Etc/GMT-2 for what is +2:00"),
        ("-05:00", "Etc/GMT+5 for what is -5:00"),
        ("XQZW", "names are those of the IANA, such as Europe/Berlin"),
    ],
)
def test_a_region_is_suggested(name: str, hint: str) -> None:
    assert hint in zone_hint(name)
