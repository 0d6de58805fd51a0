from datetime import UTC, datetime, timedelta

from harness.world import World

from fraud_operator.peering import Peers, outranked, priority

NOW = datetime(2024, 5, 1, 12, tzinfo=UTC)


def peer(rank: int, seconds_ago: float = 5.0, lifetime: int = 30) -> dict[str, object]:
    seen = NOW - timedelta(seconds=seconds_ago)
    return {"priority": rank, "lastseen": seen.isoformat(), "lifetime": lifetime}


def test_the_older_operator_works() -> None:
    older, younger = priority(NOW - timedelta(hours=1)), priority(NOW)
    peers = {"older": peer(older), "younger": peer(younger)}
    assert outranked(peers, "younger", younger, NOW) == "older"
    assert outranked(peers, "older", older, NOW) is None


def test_one_that_died_is_missed_after_its_lifetime() -> None:
    assert outranked({"dead": peer(9, seconds_ago=31)}, "me", 1, NOW) is None
    assert outranked({"alive": peer(9, seconds_ago=29)}, "me", 1, NOW) == "alive"


def test_odd_entries_are_no_peers() -> None:
    assert outranked({"gone": None, "odd": {}}, "me", 1, NOW) is None


def test_without_peering_objects_or_rights_it_works_alone() -> None:
    world = World()
    peers = Peers(world.cluster, "fraud-operator", (), "me", 1)
    peers.look(NOW)
    assert peers.superior is None
    world.cluster.forbidden.add("clusterkopfpeerings")
    peers.look(NOW)
    assert peers.superior is None


def test_any_of_its_namespaces_makes_it_wait() -> None:
    world = World()
    body = {"metadata": {"name": "fraud-operator"}, "status": {"other": peer(9)}}
    world.cluster.objects["kopfpeerings", "b", "fraud-operator"] = body
    peers = Peers(world.cluster, "fraud-operator", ("a", "b"), "me", 1)
    peers.look(NOW)
    assert peers.superior == "other"
    peers.look(NOW + timedelta(minutes=1))
    assert peers.superior is None


def test_what_nobody_sane_has_written_is_no_peer() -> None:
    mad = [
        {**peer(9), "lifetime": "long"},
        {**peer(9), "priority": "first"},
        {**peer(9), "lastseen": 7},
        {**peer(9), "lastseen": "9999-12-31T23:59:59Z", "lifetime": 10**12},
        {**peer(9, seconds_ago=3_600), "lifetime": 10**12},
        ["a", "list"],
    ]
    for one in mad:
        assert outranked({"mad": one}, "me", 1, NOW) is None
