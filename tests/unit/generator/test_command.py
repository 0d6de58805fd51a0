"""The command: options and environment, exit codes, one line for every mistake."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner

from fraud_generator import FileTarget, KafkaTarget, SettingsError, StdoutTarget
from fraud_generator.__main__ import app
from fraud_generator.options import Options, plan

BROKER = {"KAFKA_BROKER_URL": "env:9092"}


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("KAFKA_BROKER_URL", "TRANSACTIONS_TOPIC", "TRANSACTIONS_PER_SECOND"):
        monkeypatch.delenv(name, raising=False)


def test_standard_output_has_records_only() -> None:
    done = CliRunner().invoke(app, ["transactions", "--events", "5", "--no-closing"])
    assert done.exit_code == 0
    assert sorted(orjson.loads(line)["transaction_id"] for line in done.stdout.splitlines()) == [1, 2, 3, 4, 5]
    assert "sent 5, acknowledged 5, failed 0" in done.stderr


def test_files(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["payments", "--events", "100", "--output", str(tmp_path)])
    assert done.exit_code == 0
    assert done.stdout == ""
    assert (tmp_path / "order.jsonl").stat().st_size > 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nope"], "no scenario is called 'nope'"),
        (["bank", "--events", "0"], "count must be at least 1"),
        (["bank", "--rate", "-1"], "rate must be 0"),
        (["bank", "--fraud-share", "7"], "fraud share must be between 0 and 1"),
        (["bank", "--start", "yesterday"], "write it like 2024-01-01T00:00:00Z"),
        (["bank", "--kafka", "x:1", "--output", "y"], "exclude each other"),
        (["bank", "--topic", "a=b"], "need a broker"),
        (["bank", "--kafka", "x:1", "--topic", "ab"], "is not STREAM=TOPIC"),
        (["bank", "--kafka", "x:1", "--topic", "a=b"], "has no stream 'a'"),
        (["bank", "--kafka", "x:1", "--kafka-config", "/no/such"], "cannot read /no/such"),
        (["bank", "--processes", "2"], "only send to Kafka"),
        (["bank", "--endless", "--events", "2"], "--endless and --events exclude each other"),
        (["ad-clicks", "--output", "x.jsonl"], "name a directory"),
        (["bank", "--poison", "2"], "poison must be"),
    ],
)
def test_mistakes_are_one_line_and_exit_2(arguments: list[str], said: str) -> None:
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 2
    assert said in done.stderr
    assert done.stderr.startswith("error: ")
    assert len(done.stderr.splitlines()) == 1


def test_failures_exit_1() -> None:
    done = CliRunner().invoke(app, ["bank", "--output", "/dev/full"])
    assert done.exit_code == 1
    assert done.stderr.splitlines() == ["error: cannot write: No space left on device"]


def test_environment_and_defaults_for_transactions() -> None:
    asked = {**BROKER, "TRANSACTIONS_TOPIC": "mine", "TRANSACTIONS_PER_SECOND": "250"}
    todo = plan(Options("transactions"), asked)
    assert isinstance(todo.target, KafkaTarget)
    assert (todo.target.bootstrap, dict(todo.target.topics)) == ("env:9092", {"transactions": "mine"})
    assert (todo.rate, todo.settings.endless) == (250.0, True)
    assert plan(Options("transactions"), BROKER).rate == 1_000.0


def test_flags_win_over_the_environment() -> None:
    asked = {**BROKER, "TRANSACTIONS_TOPIC": "mine", "TRANSACTIONS_PER_SECOND": "250"}
    todo = plan(Options("transactions", events=7, rate=0, kafka="flag:1", topics=["transactions=t"]), asked)
    assert isinstance(todo.target, KafkaTarget)
    assert (todo.target.bootstrap, dict(todo.target.topics)) == ("flag:1", {"transactions": "t"})
    assert (todo.rate, todo.settings.endless, todo.settings.count) == (None, False, 7)
    assert isinstance(plan(Options("transactions", output="-"), asked).target, StdoutTarget)
    assert isinstance(plan(Options("transactions", output="dir"), asked).target, FileTarget)


def test_environment_of_transactions_is_theirs_alone() -> None:
    todo = plan(Options("bank"), {**BROKER, "TRANSACTIONS_TOPIC": "mine", "TRANSACTIONS_PER_SECOND": "x"})
    assert isinstance(todo.target, KafkaTarget)
    assert (dict(todo.target.topics), todo.rate, todo.settings.endless) == ({}, None, False)
    with pytest.raises(SettingsError, match="TRANSACTIONS_PER_SECOND is 'x'"):
        plan(Options("transactions"), {"TRANSACTIONS_PER_SECOND": "x"})


def test_labels_go_to_a_topic_or_a_file() -> None:
    topic, file = (plan(Options("bank", kafka="x:1", labels=name), {}).target for name in ("truth", "a/truth"))
    assert isinstance(topic, KafkaTarget)
    assert isinstance(file, KafkaTarget)
    assert (topic.labels_topic, topic.labels_file) == ("truth", None)
    assert (file.labels_topic, file.labels_file) == (None, Path("a/truth"))


def test_properties_file(tmp_path: Path) -> None:
    path = tmp_path / "kafka.properties"
    path.write_text("# secret\n\nsasl.password = a=b \nsecurity.protocol=SASL_SSL\n")
    target = plan(Options("bank", kafka="x:1", kafka_config=path), {}).target
    assert isinstance(target, KafkaTarget)
    assert target.config == {"sasl.password": "a=b", "security.protocol": "SASL_SSL"}
    path.write_text("ok=1\nhunter2\n")
    with pytest.raises(SettingsError, match=":2: not a property") as caught:
        plan(Options("bank", kafka="x:1", kafka_config=path), {})
    assert "hunter2" not in str(caught.value)


def test_start_without_a_zone_is_utc() -> None:
    assert plan(Options("bank", start="2023-05-01"), {}).settings.start.isoformat() == "2023-05-01T00:00:00+00:00"


def test_heavy_libraries_stay_out_until_needed() -> None:
    code = "import sys, fraud_generator.command; print({'faker', 'confluent_kafka'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def command(*arguments: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-m", "fraud_generator", *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ},
    )  # fmt: skip


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_run_with_whole_lines_and_counts(number: int) -> None:
    process = command("accounts", "--rate", "100")
    assert process.stdout
    assert process.stderr
    first = process.stdout.readline()
    time.sleep(0.2)
    process.send_signal(number)
    # not communicate: it knows nothing of what readline has read ahead
    out, err = process.stdout.read(), process.stderr.read()
    assert process.wait(5) == 0
    assert all(orjson.loads(line) for line in [first, *out.splitlines()])
    assert b"stopped" in err


def test_a_reader_that_leaves_is_no_error() -> None:
    process = command("accounts", "--events", "200000")
    assert process.stdout
    process.stdout.readline()
    process.stdout.close()
    process.stdout = None
    _, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (0, b"")


def test_endless() -> None:
    assert plan(Options("bank", endless=True), {}).settings.endless
    assert not plan(Options("bank"), {}).settings.endless
    assert plan(Options("transactions", kafka="x:1"), {}).settings.endless
