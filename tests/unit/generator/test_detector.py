"""The command that a detector's pod runs: what it refuses, and that it waits for what is not there yet."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner
from unit.job.samples import detector, stream

from fraud_generator.detector import app

GENERATOR = {"scenario": "transactions", "count": 5}


def write(tmp_path: Path, **spec: object) -> str:
    file = tmp_path / "detector.json"
    file.write_text(detector(**spec).model_dump_json(by_alias=True))
    return str(file)


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ({}, "has no spec.generator"),
        ({"generator": GENERATOR | {"enabled": False}}, "has no spec.generator, or has it disabled"),
        ({"generator": GENERATOR}, "makes traffic for stream transactions, which is not in the detector"),
        (
            {
                "generator": GENERATOR,
                "streams": [stream(), stream("transactions")],
                "kafka": {"security": {"protocol": "SASL_SSL", "secretRef": {"name": "login"}}},
            },
            "spec.kafka.security.secretRef: the detector needs Secret login; give --secrets-dir",
        ),
    ],
)
def test_mistakes_are_one_line_and_exit_2(tmp_path: Path, spec: dict[str, object], said: str) -> None:
    done = CliRunner().invoke(app, [write(tmp_path, **spec)])
    assert (done.exit_code, said in done.stderr, len(done.stderr.splitlines())) == (2, True, 1), done.stderr


def test_no_detector(tmp_path: Path) -> None:
    file = tmp_path / "detector.json"
    file.write_text('{"kind": "Other"}')
    for name in (str(file), str(tmp_path / "none.json")):
        done = CliRunner().invoke(app, [name])
        assert (done.exit_code, len(done.stderr.splitlines())) == (2, 1), done.stderr


def test_it_waits_for_a_broker_and_ends_when_asked(tmp_path: Path) -> None:
    file = write(
        tmp_path,
        generator={"scenario": "transactions", "endless": True},
        streams=[stream(), stream("transactions")],
        kafka={"bootstrapServers": "127.0.0.1:1"},
    )
    command = [sys.executable, "-m", "fraud_generator.detector", file]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        assert process.stderr.readline().startswith("waiting: no Kafka broker answers at 127.0.0.1:1")
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        told = process.stderr.read()
    assert process.returncode == 0
    assert time.monotonic() - began < 15
    assert told.splitlines()[-1].startswith("transactions: sent 0,")
    assert told.rstrip().endswith("stopped")
