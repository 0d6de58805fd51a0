"""The client against the stand-in: what it keeps right, and what it says when Kibana won't."""

import json
import ssl
from pathlib import Path
from typing import Any

import pytest
from harness.detectors import manifest
from harness.kibana import StandIn, running
from harness.secure import Authority

from fraud_api import FraudDetector
from fraud_services.kibana.client import KibanaClient
from fraud_services.kibana.credentials import Credentials
from fraud_services.kibana.http import Http
from fraud_services.kibana.objects import SavedObject, owner, saved_objects
from fraud_services.kibana.verdict import Reason, Verdict

IMPORT = "POST /api/saved_objects/_import"
BANK = manifest("bank")
OWNER = owner(BANK)


@pytest.fixture
def objects() -> list[SavedObject]:
    return saved_objects(BANK)


def without_panels(detector: FraudDetector, *names: str) -> FraudDetector:
    kibana = detector.spec.kibana
    assert kibana
    panels = [panel for panel in kibana.panels if panel.name not in names]
    spec = detector.spec.model_copy(update={"kibana": kibana.model_copy(update={"panels": panels})})
    return detector.model_copy(update={"spec": spec})


def test_imports_once(kibana: StandIn, connect: Any, objects: list[SavedObject]) -> None:
    client = connect()
    first, second = client.apply(OWNER, objects), client.apply(OWNER, objects)
    assert (first.ready, first.changed) == (True, True)
    assert (second.ready, second.changed) == (True, False)
    assert kibana.count(IMPORT) == 1
    assert kibana.ids() == {one["id"] for one in objects}


@pytest.mark.parametrize("name", ["accounts", "ad-clicks", "payments", "transactions"])
def test_every_detector_is_accepted(kibana: StandIn, connect: Any, name: str) -> None:
    detector = manifest(name)
    assert connect().apply(owner(detector), saved_objects(detector)).ready
    assert connect().apply(owner(detector), saved_objects(detector)).changed is False


@pytest.mark.parametrize("place", range(6))
def test_an_object_that_is_gone_comes_back(
    kibana: StandIn, connect: Any, objects: list[SavedObject], place: int
) -> None:
    client: KibanaClient = connect()
    client.apply(OWNER, objects)
    del kibana.spaces["default"][objects[place]["type"], objects[place]["id"]]
    assert client.apply(OWNER, objects) == Verdict(Reason.READY, "the dashboard is as declared", changed=True)
    assert kibana.ids() == {one["id"] for one in objects}


def _retitle(one: dict[str, Any]) -> None:
    one["attributes"]["title"] = "mine"


def _move_a_panel(one: dict[str, Any]) -> None:
    panels = json.loads(one["attributes"]["panelsJSON"])
    panels[0]["gridData"]["x"] += 1
    one["attributes"]["panelsJSON"] = json.dumps(panels)


def _drop_a_panel(one: dict[str, Any]) -> None:
    one["attributes"]["panelsJSON"] = json.dumps(json.loads(one["attributes"]["panelsJSON"])[1:])


def _break_a_panel(one: dict[str, Any]) -> None:
    one["attributes"]["panelsJSON"] = "[not json"


def _misdirect(one: dict[str, Any]) -> None:
    one["references"][0]["id"] = "another"


@pytest.mark.parametrize("spoil", [_retitle, _move_a_panel, _drop_a_panel, _break_a_panel, _misdirect])
def test_drift_is_repaired(kibana: StandIn, connect: Any, objects: list[SavedObject], spoil: Any) -> None:
    client = connect()
    client.apply(OWNER, objects)
    spoil(kibana.spaces["default"]["dashboard", objects[-1]["id"]])
    assert client.apply(OWNER, objects).changed
    assert client.apply(OWNER, objects).changed is False


def test_what_kibana_adds_is_no_drift(kibana: StandIn, connect: Any, objects: list[SavedObject]) -> None:
    client = connect()
    client.apply(OWNER, objects)
    for one in kibana.spaces["default"].values():
        one["attributes"]["newDefault"] = {"a": 1}
        one["references"].reverse()
        one |= {"created_at": "2024-01-01T00:00:00.000Z", "namespaces": ["default"]}
    assert client.apply(OWNER, objects).changed is False


def test_what_is_no_longer_declared_goes(kibana: StandIn, connect: Any, objects: list[SavedObject]) -> None:
    client = connect()
    client.apply(OWNER, objects)
    fewer = saved_objects(without_panels(BANK, "recently-blocked"))
    assert client.apply(OWNER, fewer).changed
    assert kibana.ids() == {one["id"] for one in objects} - {OWNER.id("table", "recently-blocked")}
    last = [one for one in fewer if "customer-risk" not in one["id"]]
    last[-1] = {**last[-1], "references": [], "attributes": {**last[-1]["attributes"], "panelsJSON": "[]"}}
    assert client.apply(OWNER, last).changed
    assert OWNER.id("data", "customer-risk") not in kibana.ids()


def test_others_objects_are_left_alone(kibana: StandIn, connect: Any, objects: list[SavedObject]) -> None:
    client = connect()
    client.apply(OWNER, objects)
    other = manifest("payments")
    client.apply(owner(other), saved_objects(other))
    mine = {
        "type": "search",
        "id": "an-analysts",
        "attributes": {"title": "Mine"},
        "references": [{"type": "index-pattern", "id": objects[0]["id"], "name": "x"}],
    }
    kibana.spaces["default"]["search", "an-analysts"] = mine
    assert client.remove(OWNER) == Verdict(Reason.READY, "the dashboard is gone", changed=True)
    assert kibana.ids() == {"an-analysts", *(one["id"] for one in saved_objects(other))}
    assert client.remove(OWNER) == Verdict(Reason.READY, "the dashboard is gone")


@pytest.mark.parametrize(("version", "api"), [("8.19.21", "saved_objects/dashboard"), ("9.4.0", "dashboards")])
def test_dashboards_are_removed_through_the_api_that_is_offered(
    kibana: StandIn, connect: Any, objects: list[SavedObject], version: str, api: str
) -> None:
    kibana.version = version
    connect().apply(OWNER, objects)
    assert connect().remove(OWNER).changed
    assert kibana.count(f"DELETE /api/{api}/{OWNER.id('dashboard')}") == 1
    assert kibana.ids() == set()


def test_a_dashboard_without_panels_is_removed_too(kibana: StandIn, connect: Any, objects: list[SavedObject]) -> None:
    kibana.spaces["default"]["dashboard", objects[-1]["id"]] = {**objects[-1], "references": []}
    assert connect().remove(OWNER).changed
    assert kibana.ids() == set()


def test_spaces(kibana: StandIn, connect: Any, objects: list[SavedObject]) -> None:
    kibana.spaces["fraud"] = {}
    assert connect("fraud").apply(OWNER, objects).ready
    assert kibana.ids("default") == set()
    assert kibana.ids("fraud") == {one["id"] for one in objects}
    lost = connect("nowhere").apply(OWNER, objects)
    assert lost.reason is Reason.REFUSED
    assert "space/nowhere" in lost.message


def test_an_id_that_is_taken_in_another_space(kibana: StandIn, connect: Any, objects: list[SavedObject]) -> None:
    kibana.spaces["fraud"] = {}
    assert connect("fraud").apply(OWNER, objects).ready
    found = connect().apply(OWNER, objects)
    assert found.reason is Reason.REFUSED
    assert "taken in another space" in found.message


def test_waits_for_a_kibana_that_starts(kibana: StandIn, connect: Any) -> None:
    kibana.starting = 3
    assert connect().wait(60).ready
    assert kibana.count("GET /api/status") == 4


def test_waits_no_longer_than_asked(kibana: StandIn) -> None:
    kibana.starting = 1_000
    ticks = iter(range(1_000))
    client = KibanaClient(Http(kibana.url, "default", Credentials()), clock=lambda: next(ticks), sleep=lambda _: None)
    found = client.wait(5)
    assert found.reason is Reason.UNAVAILABLE
    assert "not ready yet" in found.message


def test_does_not_wait_for_what_time_does_not_heal(kibana: StandIn, connect: Any) -> None:
    kibana.authorization = "ApiKey right"
    assert connect().wait(60).reason is Reason.UNAUTHORIZED
    assert len(kibana.requests) == 1


def test_credentials_are_sent_and_never_told(kibana: StandIn, connect: Any, objects: list[SavedObject]) -> None:
    kibana.authorization = "ApiKey right"
    assert connect(authorization="ApiKey right").apply(OWNER, objects).ready
    wrong = connect(authorization="ApiKey wr0ng-secret").apply(OWNER, objects)
    assert wrong.reason is Reason.UNAUTHORIZED
    assert "wr0ng-secret" not in repr(wrong)


def test_nobody_there(connect: Any, objects: list[SavedObject]) -> None:
    found = connect(url="http://127.0.0.1:1").apply(OWNER, objects)
    assert found.reason is Reason.UNAVAILABLE
    assert found.message.startswith("no answer from http://127.0.0.1:1: ")
    assert "0x" not in found.message


def test_a_certificate_from_ones_own_authority(tmp_path: Path, objects: list[SavedObject]) -> None:
    authority = Authority.make(tmp_path)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(authority.certificate("broker"), authority.key("broker"))
    with running(tls) as secured:
        trusting = Http(secured.url, "default", Credentials(None, authority.ca.read_text()))
        assert KibanaClient(trusting).apply(OWNER, objects).ready
        found = KibanaClient(Http(secured.url, "default", Credentials())).wait(60)
    assert found.reason is Reason.NOT_TRUSTED
    assert "certificate" in found.message.lower()


ERRORS = json.dumps(
    {
        "success": False,
        "successCount": 5,
        "errors": [
            {
                "type": "dashboard",
                "id": "d",
                "error": {"type": "missing_references", "references": [{"type": "index-pattern", "id": "v"}]},
            },
            {"type": "search", "id": "s", "error": {"type": "unknown", "message": "no\nway", "statusCode": 400}},
            {"type": "search", "id": "t", "error": {"type": "conflict"}},
        ],
    }
).encode()


def test_200_with_success_false_is_an_error(kibana: StandIn, connect: Any, objects: list[SavedObject]) -> None:
    kibana.scripted["/api/saved_objects/_import"] = (200, "application/json", ERRORS)
    found = connect().apply(OWNER, objects)
    assert found.reason is Reason.REFUSED
    assert found.errors == (
        "dashboard d refers to what is not there: index-pattern v",
        "search s: no way",
        "search t: conflict",
    )
    assert "search s: no way" in found.message


def test_many_errors_are_told_in_one_line(kibana: StandIn, connect: Any, objects: list[SavedObject]) -> None:
    errors = [{"type": "search", "id": str(n), "error": {"type": "unknown", "message": "m" * 999}} for n in range(40)]
    body = json.dumps({"success": False, "errors": errors}).encode()
    kibana.scripted["/api/saved_objects/_import"] = (200, "application/json", body)
    found = connect().apply(OWNER, objects)
    assert len(found.errors) == 40
    assert len(found.message) < 1_200
    assert found.message.endswith("and 35 more")


@pytest.mark.parametrize(
    ("path", "status", "body", "reason", "said"),
    [
        ("/api/status", 200, b"<html>Log in</html>", Reason.REFUSED, "not JSON"),
        ("/api/status", 200, b"[]", Reason.REFUSED, "nothing of a status"),
        ("/api/status", 200, b'{"status": {"overall": {"level": "critical"}}}', Reason.UNAVAILABLE, "critical"),
        ("/api/status", 302, b"", Reason.REFUSED, "answered 302"),
        ("/api/status", 404, b"nginx", Reason.REFUSED, "nginx"),
        ("/api/status", 403, b'{"message": "no rights"}', Reason.UNAUTHORIZED, "no rights"),
        ("/api/status", 502, b"Bad Gateway", Reason.UNAVAILABLE, "502"),
        ("/api/saved_objects/_export", 200, b"{not json", Reason.REFUSED, "not JSON"),
        ("/api/saved_objects/_export", 400, b'{"message": "other"}', Reason.REFUSED, "other"),
        ("/api/saved_objects/_export", 429, b"{}", Reason.UNAVAILABLE, "429"),
        ("/api/saved_objects/_import", 200, b"", Reason.REFUSED, "not JSON"),
        ("/api/saved_objects/_import", 200, b"{}", Reason.REFUSED, "does not say"),
        ("/api/saved_objects/_import", 200, b'{"success": false}', Reason.REFUSED, "no reason"),
        ("/api/saved_objects/_import", 200, b'{"success": "true"}', Reason.REFUSED, "no reason"),
        (
            "/api/saved_objects/_import",
            200,
            b'{"success": true, "errors": ["x", {"error": 1}]}',
            Reason.REFUSED,
            "no reason",
        ),
        ("/api/saved_objects/_import", 413, b'{"message": "too large"}', Reason.REFUSED, "too large"),
        ("/api/saved_objects/_import", 500, b"\xff\xfe", Reason.UNAVAILABLE, "500"),
        ("/api/data_views", 200, b"{}", Reason.REFUSED, "lists no data views"),
        ("/api/data_views", 200, b'{"data_view": [null, {"title": "x"}]}', Reason.READY, "as declared"),
    ],
)
def test_rubbish_from_kibana(
    kibana: StandIn,
    connect: Any,
    objects: list[SavedObject],
    path: str,
    status: int,
    body: bytes,
    reason: Reason,
    said: str,
) -> None:
    kibana.scripted[path] = (status, "application/json", body)
    found = connect().apply(OWNER, objects)
    assert found.reason is reason
    assert said in found.message
    assert "\n" not in found.message


def _newer(one: SavedObject) -> None:
    one["typeMigrationVersion"] = "99.0.0"


def _newer_core(one: SavedObject) -> None:
    one["coreMigrationVersion"] = "9.9.9"


def _unknown_attribute(one: SavedObject) -> None:
    one["attributes"]["colour"] = "red"


def _to_nothing(one: SavedObject) -> None:
    one["references"].append({"type": "index-pattern", "id": "none", "name": "x"})


def _unknown_type(one: SavedObject) -> None:
    one["type"] = "canvas"


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (_newer, "belongs to a more recent version"),
        (_newer_core, "belongs to a more recent version"),
        (_unknown_attribute, "colour"),
        (_to_nothing, "refers to what is not there: index-pattern none"),
        (_unknown_type, "unsupported_type"),
    ],
)
def test_rubbish_for_kibana(kibana: StandIn, connect: Any, objects: list[SavedObject], spoil: Any, said: str) -> None:
    spoil(objects[-1])
    found = connect().apply(OWNER, objects)
    assert found.reason is Reason.REFUSED
    assert said in found.message
    assert kibana.ids() == set()


def test_an_object_twice(kibana: StandIn, connect: Any, objects: list[SavedObject]) -> None:
    found = connect().apply(OWNER, [*objects, objects[-1]])
    assert (found.reason, "Non-unique" in found.message) == (Reason.REFUSED, True)
