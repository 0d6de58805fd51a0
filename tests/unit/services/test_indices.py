"""What a detector's indices are, and what becomes of the version that is there."""

import dataclasses
import re

import pytest
from harness.detectors import manifest, written
from harness.elastic import indexed

from fraud_api.outputs import OutputColumn
from fraud_api.streams import Column
from fraud_services.indices import Index, fields, indices_of, templates
from fraud_services.indices.templates import Version

EVENTS = {
    "name": "events",
    "columns": [{"name": "id", "type": "STRING"}, {"name": "at", "type": "STRING"}],
    "eventTime": {"column": "at"},
}
VALID_NAME = re.compile(r"(?![-_+.])[^\\/*?\"<>| ,#:A-Z]{1,255}")


def bank(**changes: object) -> dict[str, Index]:
    return {one.what: one for one in indices_of(indexed(manifest("bank"), "http://e:9200", **changes))}


def test_without_elasticsearch_nothing_is_indexed():
    detector = manifest("bank")
    spec = detector.spec.model_copy(update={"elasticsearch": None})
    assert indices_of(detector.model_copy(update={"spec": spec})) == []


def test_alerts_blocks_and_outputs_are_indexed():
    assert {what: (one.topic, one.upsert, one.time_field) for what, one in bank().items()} == {
        "alerts": ("default.bank.alerts", False, "event_time"),
        "blocked": ("blocked_customers", True, "when"),
        "customer-risk": ("customer_risk", True, None),
        "fraud-dashboard": ("fraud_dashboard", True, "minute"),
    }


def test_an_output_may_be_left_out_and_have_its_own_retention():
    output = {"name": "o", "query": "SELECT id FROM events", "columns": [{"name": "id", "type": "STRING"}]}
    outputs = [output | {"index": {"retention": "2d"}}, output | {"name": "p", "index": {"enabled": False}}]
    (only,) = indices_of(indexed(written(streams=[EVENTS], outputs=outputs), "http://e"))
    assert (only.what, only.retention_ms, only.stamped, only.time_field) == ("o", 172_800_000, True, "@timestamp")


@pytest.mark.parametrize("name", ["accounts", "ad-clicks", "bank", "payments", "transactions"])
def test_names_are_such_as_elasticsearch_takes(name: str):
    for one in indices_of(indexed(manifest(name), "http://e")):
        assert VALID_NAME.fullmatch(one.first(12)), one


@pytest.mark.parametrize(
    ("sql_type", "field"),
    [
        ("STRING", "keyword"), ("BOOLEAN", "boolean"), ("TINYINT", "byte"), ("SMALLINT", "short"), ("INT", "integer"),
        ("BIGINT", "long"), ("FLOAT", "float"), ("DOUBLE", "double"), ("DECIMAL(12, 2)", "double"), ("DATE", "date"),
        ("TIMESTAMP(3)", "date"), ("TIMESTAMP_LTZ(3)", "date"),
    ],
)  # fmt: skip
def test_each_sql_type_has_its_field(sql_type: str, field: str):
    assert fields.of_stream([Column(name="c", type=sql_type)])["c"]["type"] == field


def test_a_splits_documents_have_the_records_own_shape():
    columns = [("id", "after.id"), ("amount", "after.amount"), ("lsn", "source.position.lsn"), ("op", None)]
    made = [Column.model_validate({"name": name, "type": "BIGINT", "path": path}) for name, path in columns]
    long = {"type": "long"}
    assert fields.of_stream(made) == {
        "after": {"properties": {"id": long, "amount": long}},
        "source": {"properties": {"position": {"properties": {"lsn": long}}}},
        "op": long,
    }


@pytest.mark.parametrize(
    ("index_as", "field"),
    [("Keyword", "keyword"), ("Text", "text"), ("Ip", "ip"), ("GeoPoint", "geo_point"), ("Date", "date")],
)
def test_what_is_declared_wins(index_as: str, field: str):
    column = OutputColumn.model_validate({"name": "c", "type": "STRING", "indexAs": index_as})
    found = fields.of_output([column])["c"]
    assert found["type"] == field
    assert (found.get("fields", {}).get("raw", {}).get("type") == "keyword") == (index_as == "Text")


def test_only_events_as_they_came_may_have_other_fields():
    transactions = indices_of(indexed(manifest("transactions"), "http://e"))
    assert {one.what: one.strict for one in transactions} == {"alerts": True, "fraud": False, "legit": False}


def changed(index: Index, **properties: object) -> Index:
    return dataclasses.replace(index, fields={**index.fields, **properties})


def test_a_first_version_is_1():
    one = bank()["customer-risk"]
    assert templates.next_version(one, None) == Version(1, one.fields)


def test_a_new_field_joins_the_version_that_is_there():
    one = bank()["customer-risk"]
    more = templates.next_version(changed(one, extra=fields.KEYWORD), Version(3, one.fields))
    assert (more.number, set(more.fields)) == (3, {*one.fields, "extra"})


def test_a_field_that_goes_is_kept_for_the_documents_that_have_it():
    one = bank()["customer-risk"]
    assert templates.next_version(one, Version(3, {**one.fields, "gone": fields.KEYWORD})).number == 3


def test_another_type_makes_a_new_version():
    one = bank()["customer-risk"]
    other = changed(one, Total_Txns=fields.KEYWORD)
    assert templates.next_version(other, Version(3, one.fields)) == Version(4, other.fields)
    assert other.fingerprint != one.fingerprint


def test_retention_makes_no_other_index():
    assert bank(retention="1d")["alerts"].fingerprint == bank()["alerts"].fingerprint
    assert bank(shards=2)["alerts"].fingerprint != bank()["alerts"].fingerprint


def test_patterns_catch_no_other_output():
    detector = indexed(manifest("bank"), "http://e")
    alerts = bank()["alerts"]
    (pattern,) = templates.template(detector, alerts, Version(1, alerts.fields))["index_patterns"]
    assert pattern == "default.bank.alerts.v1.*"


def test_a_data_stream_keeps_its_own_time():
    detector = indexed(manifest("ad-clicks"), "http://e", dataStreams=True, retention="2d")
    alerts = indices_of(detector)[0]
    body = templates.template(detector, alerts, Version(1, alerts.fields))
    assert body["index_patterns"] == ["default.ad-clicks.alerts.v1"]
    assert body["template"]["lifecycle"] == {"data_retention": "172800s"}
    assert alerts.time_field == "@timestamp"


def test_only_our_own_is_ours():
    detector = indexed(manifest("bank"), "http://e")
    told = templates.meta(detector, bank()["alerts"], Version(1, {}))
    assert templates.is_ours(told, detector)
    for other in (None, {}, told | {"managed_by": "somebody"}, told | {"detector": "default/other"}):
        assert not templates.is_ours(other, detector)
