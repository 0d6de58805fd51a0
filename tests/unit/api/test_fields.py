"""What documents are made of."""

from harness.detectors import manifest

from fraud_api import FraudDetector, load_text
from fraud_api.fields import FieldKind, documents
from fraud_api.outputs import OutputIndex


def kinds(detector: FraudDetector, source: str) -> dict[str, str]:
    found = documents(detector.spec, source)
    assert found is not None
    return {name: field.kind.value for name, field in found.fields.items()}


def test_alerts_and_the_block_list_have_fixed_fields(detector: FraudDetector) -> None:
    alerts = documents(detector.spec, "alerts")
    assert alerts
    assert alerts.time
    assert (alerts.time.name, alerts.fields["entity"].exact) == ("event_time", "entity.id")
    blocked = documents(detector.spec, "blocked")
    assert blocked
    assert blocked.time
    assert (blocked.time.name, blocked.fields["amount"].kind) == ("when", FieldKind.NUMBER)


def test_an_outputs_columns(detector: FraudDetector) -> None:
    assert kinds(detector, "totals") == {"account": "string", "total": "number"}
    found = documents(detector.spec, "totals")
    assert found
    assert (found.time, found.newest) == (None, None)


def test_a_panel_finds_a_nested_field_at_its_path(text: str) -> None:
    nested = text.replace("{name: country, type: STRING", "{name: country, path: after.country, type: STRING")
    found = documents(load_text(nested, "shop.yaml")[0].spec, "flagged")
    assert found
    assert (found.fields["country"].shown, found.fields["country"].exact) == ("after.country", "after.country")


def test_a_split_has_the_streams_columns_and_the_indexers_time(detector: FraudDetector) -> None:
    assert kinds(detector, "flagged") == {
        "id": "string",
        "account": "string",
        "amount": "number",
        "country": "string",
        "at": "string",
    }
    found = documents(detector.spec, "flagged")
    assert found
    assert found.time
    assert (found.time.exact, found.newest) == ("@timestamp", "@timestamp")


def test_added_rows_without_a_time_are_sorted_by_when_they_were_written() -> None:
    found = documents(manifest("payments").spec, "sink")
    assert found
    assert (found.time, found.newest) == (None, "@timestamp")


def test_a_time_column_that_is_no_date_is_read_by_the_indexer() -> None:
    payments = manifest("payments")
    (sink,) = payments.spec.outputs
    dated = sink.model_copy(update={"index": OutputIndex(time_column="payTime")})
    found = documents(payments.spec.model_copy(update={"outputs": [dated]}), "sink")
    assert found
    assert found.time
    assert found.time.exact == "@timestamp"


def test_columns_may_be_indexed_as_something_else(text: str) -> None:
    columns = "columns: [{name: account, type: STRING}, {name: total, type: DOUBLE}]"
    more = (
        "columns: [{name: account, type: STRING, indexAs: Text}, {name: total, type: BIGINT, indexAs: Date}]\n"
        "      index: {enabled: true}"
    )
    assert columns in text
    text = text.replace(columns, more).replace("column: total, function: Sum", "function: Count")
    text = text.replace("SUM(amount) AS total", "CAST(SUM(amount) AS BIGINT) AS total")
    (detector,) = load_text(text, "shop.yaml")
    found = documents(detector.spec, "totals")
    assert found
    assert (found.fields["account"].shown, found.fields["account"].exact) == ("account", "account.raw")
    assert found.time == found.fields["total"]


def test_no_such_source(detector: FraudDetector) -> None:
    assert documents(detector.spec, "nothing") is None
