"""The command line of run: contradictions, durations, the detector as it runs here."""

from pathlib import Path

import pytest

from fraud_api import FraudDetector
from fraud_api.backends import Generator
from fraud_api.base import SecretRef
from fraud_api.load import load_text
from fraud_api.streams import KafkaSecurity, SecurityProtocol, StartFrom
from fraudctl.broker import secured_properties
from fraudctl.errors import UserError
from fraudctl.run.local import is_indexed, localized
from fraudctl.run.options import RunOptions, parse_duration, sources
from fraudctl.run.traffic import Traffic, Wishes, settled

FILE = Path("shop.yaml")
GENERATOR = "  generator: {scenario: transactions, rate: 1000, seed: 7, count: 50}\n"


@pytest.mark.parametrize("wishes", [Wishes(events=5), Wishes(rate=1.0), Wishes(seed=0)])
def test_what_is_for_generated_traffic_contradicts_input(wishes: Wishes):
    with pytest.raises(UserError, match="contradict"):
        RunOptions(FILE, inputs=["a.jsonl"], wishes=wishes).check()


def test_credentials_need_a_kafka():
    with pytest.raises(UserError, match="needs --kafka"):
        RunOptions(FILE, kafka_config=Path("client.properties")).check()


def test_a_rate_needs_a_generator(detector: FraudDetector):
    with pytest.raises(UserError, match=r"--rate is for generated traffic"):
        sources(RunOptions(FILE, wishes=Wishes(rate=5.0)), detector)


@pytest.mark.parametrize(("text", "seconds"), [("30s", 30.0), ("1h30m", 5_400.0), ("250ms", 0.25)])
def test_durations(text: str, seconds: float):
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "30", "s", "-1s", "0s", "1 m"])
def test_no_durations(text: str):
    with pytest.raises(UserError, match="is not a duration"):
        parse_duration(text)


def test_an_embedded_kafka_is_read_from_its_first_record(text: str):
    late = text.replace("      eventId: id", "      startFrom: Latest\n      eventId: id")
    found = localized(load_text(late, "x", {})[0], RunOptions(FILE, parallelism=3), "127.0.0.1:1")
    assert found.spec.streams[0].start_from is StartFrom.EARLIEST
    assert found.spec.kafka.bootstrap_servers == "127.0.0.1:1"
    assert found.spec.flink.parallelism == 3


def test_a_kafka_of_ones_own_is_read_as_the_detector_says(text: str):
    late = text.replace("      eventId: id", "      startFrom: Latest\n      eventId: id")
    found = localized(load_text(late, "x", {})[0], RunOptions(FILE, kafka="k:1"), "k:1")
    assert found.spec.streams[0].start_from is StartFrom.LATEST


def test_a_scenario_for_other_streams_is_refused(text: str):
    detector = load_text(text + GENERATOR, "x", {})[0]
    with pytest.raises(UserError, match="makes traffic for stream transactions"):
        Traffic(detector)


@pytest.fixture
def generator(text: str) -> Generator:
    found = load_text(text.replace("orders", "transactions") + GENERATOR, "x", {})[0].spec.generator
    assert found is not None
    return found


def test_the_generator_gets_the_detectors_settings(generator: Generator):
    assert settled(generator, Wishes(), {}) == generator


def test_the_command_line_wins(generator: Generator):
    environ = {"TRANSACTIONS_PER_SECOND": "5"}
    found = settled(generator, Wishes(events=9, rate=0.0, seed=0), environ)
    assert (found.count, found.rate, found.seed) == (9, None, 0)


def test_a_number_of_events_ends_endless_traffic(generator: Generator):
    endless = generator.model_copy(update={"endless": True, "count": None})
    assert settled(endless, Wishes(), {}).endless
    ending = settled(endless, Wishes(events=9), {})
    assert (ending.endless, ending.count) == (False, 9)


def test_the_environments_rate_wins_over_the_detectors(generator: Generator):
    assert settled(generator, Wishes(), {"TRANSACTIONS_PER_SECOND": "5"}).rate == 5
    with pytest.raises(UserError, match="TRANSACTIONS_PER_SECOND is 'many'; it must be a number"):
        settled(generator, Wishes(), {"TRANSACTIONS_PER_SECOND": "many"})


def test_a_login_is_taken_from_the_detector_only(tmp_path: Path):
    config = tmp_path / "client.properties"
    config.write_text("security.protocol=SASL_SSL\nsasl.password=secret\n")
    with pytest.raises(UserError, match="--secrets-dir") as error:
        RunOptions(tmp_path / "x.yaml", kafka="localhost:9092", kafka_config=config).check()
    assert "secret;" not in str(error.value)


def test_secrets_need_a_kafka():
    with pytest.raises(UserError, match="--secrets-dir needs --kafka"):
        RunOptions(FILE, secrets_dir=Path("secrets")).check()


def test_a_secured_detector_without_secrets_is_refused():
    security = KafkaSecurity(protocol=SecurityProtocol.SASL_SSL, secret_ref=SecretRef(name="login"))
    with pytest.raises(UserError, match=r"spec\.kafka\.security\.secretRef: .* give --secrets-dir DIR"):
        secured_properties(security, None)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"elasticsearch": "localhost:9200"}, "is not an address"),
        ({"elasticsearch": "http://me:secret@localhost"}, "is not an address"),
        ({"replace_indices": True}, "needs --elasticsearch"),
        ({"replace_indices": True, "elasticsearch": "http://e", "kafka": "k:9092"}, "contradict"),
    ],
)
def test_an_elasticsearch_that_can_not_be_meant(options: dict[str, object], said: str):
    with pytest.raises(UserError, match=said):
        RunOptions(FILE, **options).check()  # type: ignore[arg-type]


ELASTICSEARCH = (
    "  elasticsearch: {url: 'http://elasticsearch:9200', secretRef: {name: login}, replicas: 2, shards: 3}\n"
)


@pytest.mark.parametrize(
    ("declared", "options", "indexed"),
    [
        ("", {}, False),
        (ELASTICSEARCH, {}, True),
        (ELASTICSEARCH, {"no_elasticsearch": True}, False),
        ("", {"elasticsearch": "http://mine:9200"}, True),
    ],
)
def test_results_are_indexed_where_that_is_asked_for(
    text: str, declared: str, options: dict[str, object], indexed: bool
):
    detector = load_text(text + declared, "x", {})[0]
    assert is_indexed(detector, RunOptions(FILE, **options)) is indexed  # type: ignore[arg-type]


def test_where_there_is_nothing_to_index(text: str):
    spec = load_text(text + ELASTICSEARCH, "x", {})[0].spec.model_copy(update={"rules": [], "outputs": []})
    detector = load_text(text, "x", {})[0].model_copy(update={"spec": spec})
    assert not is_indexed(detector, RunOptions(FILE))


def test_an_elasticsearch_of_the_runs_own_is_one_node_without_a_login(text: str):
    detector = load_text(text + ELASTICSEARCH, "x", {})[0]
    found = localized(detector, RunOptions(FILE), "k:1", "http://127.0.0.1:1").spec.elasticsearch
    assert found is not None
    assert (found.url, found.secret_ref, found.replicas, found.shards) == ("http://127.0.0.1:1", None, 0, 3)
    assert localized(detector, RunOptions(FILE, no_elasticsearch=True), "k:1").spec.elasticsearch is None


def test_an_elasticsearch_of_ones_own_is_as_the_detector_says(text: str):
    options = RunOptions(FILE, elasticsearch="http://mine:9200")
    found = localized(load_text(text + ELASTICSEARCH, "x", {})[0], options, "k:1", options.elasticsearch)
    where = found.spec.elasticsearch
    assert where is not None
    assert (where.url, where.secret_ref, where.replicas) == ("http://mine:9200", SecretRef(name="login"), 2)
    bare = localized(load_text(text, "x", {})[0], options, "k:1", options.elasticsearch).spec.elasticsearch
    assert bare is not None
    assert bare.url == "http://mine:9200"
