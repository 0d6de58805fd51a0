"""The stand-in itself: it must refuse what Kibana refuses, or the client's tests say nothing."""

import json
from typing import Any

import pytest
import urllib3
from harness.detectors import manifest
from harness.kibana import StandIn

from fraud_services.kibana.objects import ndjson, saved_objects

CONTENT = ndjson(saved_objects(manifest("bank"))).encode()


def post(kibana: StandIn, name: str = "d.ndjson", content: bytes = CONTENT, **more: Any) -> tuple[int, Any]:
    body, kind = urllib3.encode_multipart_formdata({more.get("field", "file"): (name, content)})
    headers = {"content-type": kind, "kbn-xsrf": "true"} | more.get("headers", {})
    headers = {key: value for key, value in headers.items() if value}
    url = f"{kibana.url}/api/saved_objects/_import{more.get('query', '')}"
    found = urllib3.request("POST", url, body=body, headers=headers)
    return found.status, json.loads(found.data)


def test_it_imports(kibana: StandIn) -> None:
    status, body = post(kibana)
    assert (status, body["success"], body["successCount"]) == (200, True, 6)


@pytest.mark.parametrize(
    ("asked", "status", "said"),
    [
        ({"headers": {"kbn-xsrf": ""}}, 400, "kbn-xsrf"),
        ({"headers": {"content-type": "application/json"}}, 415, "Unsupported"),
        ({"name": "dashboard.json"}, 400, "Invalid file extension .json"),
        ({"name": "dashboard"}, 400, "Invalid file extension"),
        ({"field": "dashboard"}, 400, "request body.file"),
        ({"content": b"{not json}\n"}, 400, "Unexpected token"),
    ],
)
def test_it_refuses(kibana: StandIn, asked: dict[str, Any], status: int, said: str) -> None:
    found, body = post(kibana, **asked)
    assert (found, body["statusCode"]) == (status, status)
    assert said in body["message"]


def test_it_overwrites_only_when_told(kibana: StandIn) -> None:
    post(kibana)
    _, again = post(kibana)
    assert again["success"] is False
    assert {error["error"]["type"] for error in again["errors"]} == {"conflict"}
    assert post(kibana, query="?overwrite=true")[1]["success"] is True


def test_the_old_kibana_has_no_dashboards_api(kibana: StandIn) -> None:
    post(kibana)
    identity = saved_objects(manifest("bank"))[-1]["id"]
    url = f"{kibana.url}/api/dashboards/{identity}"
    assert urllib3.request("DELETE", url, headers={"kbn-xsrf": "true"}).status == 404
    kibana.version = "9.4.1"
    assert urllib3.request("DELETE", url, headers={"kbn-xsrf": "true"}).status == 200
