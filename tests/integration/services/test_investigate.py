"""The analyst's page, executed: asked of a node that holds a run of the bank, its commands answer as it says."""

import os
import re
import subprocess
from pathlib import Path

import pytest
from harness.elastic import Elastic

PAGE = Path(__file__).parents[3] / "docs" / "investigate.md"
CONSOLE = re.compile(r"```console\n\$ (.*?)\n(.*?)\n```", re.S)
BANK = str(Path(__file__).parents[3] / "manifests" / "bank.yaml")
EVENTS = "20000"

pytestmark = [pytest.mark.elasticsearch, pytest.mark.integration, pytest.mark.timeout(1200)]


def test_the_page_says_what_elasticsearch_answers(fraudctl, elastic: Elastic):
    own = ("--elasticsearch", elastic.url, "--replace-indices", "--rate", "0", "--json")
    run = fraudctl("run", BANK, *own, "--events", EVENTS)
    assert run.end() == 0, run.errors
    commands = CONSOLE.findall(PAGE.read_text())
    assert len(commands) == 6
    for command, answer in commands:
        asked = subprocess.run(
            ["bash", "-c", command], env=os.environ | {"ES": elastic.url}, text=True, capture_output=True, check=True
        )
        assert asked.stdout.strip() == answer, command
