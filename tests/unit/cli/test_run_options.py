"""The command line of run: contradictions, durations, the detector as it runs here."""

from pathlib import Path

import pytest

from fraud_api import FraudDetector
from fraud_api.load import load_text
from fraud_api.streams import StartFrom
from fraudctl.errors import UserError
from fraudctl.run.options import RunOptions, localized, parse_duration, sources
from fraudctl.run.traffic import Traffic, Wishes

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
        Traffic(detector, Wishes())


@pytest.fixture
def generated(text: str) -> FraudDetector:
    return load_text(text.replace("orders", "transactions") + GENERATOR, "x", {})[0]


def pairs(arguments: list[str]) -> dict[str, str]:
    return dict(zip(arguments[1::2], arguments[2::2], strict=True))


def test_the_generator_gets_the_detectors_settings(generated: FraudDetector, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("TRANSACTIONS_PER_SECOND", raising=False)
    found = pairs(Traffic(generated, Wishes()).arguments("k:1", 2))
    assert found["--topic"] == "transactions=shop.transactions"
    assert (found["--events"], found["--rate"], found["--seed"]) == ("50", "1000", "7")


def test_the_command_line_wins(generated: FraudDetector):
    found = pairs(Traffic(generated, Wishes(events=9, rate=0.0, seed=0)).arguments("k:1", 2))
    assert (found["--events"], found["--rate"], found["--seed"]) == ("9", "0", "0")


def test_the_generators_own_variable_is_left_to_it(generated: FraudDetector, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TRANSACTIONS_PER_SECOND", "5")
    assert "--rate" not in pairs(Traffic(generated, Wishes()).arguments("k:1", 2))


def test_a_secured_broker_is_refused_until_the_job_can_use_one(tmp_path: Path):
    config = tmp_path / "client.properties"
    config.write_text("security.protocol=SASL_SSL\nsasl.password=secret\n")
    with pytest.raises(UserError, match="secured broker") as error:
        RunOptions(tmp_path / "x.yaml", kafka="localhost:9092", kafka_config=config).check()
    assert "secret" not in str(error.value)
