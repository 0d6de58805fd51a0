"""The embedded Elasticsearch: up, down, up again, and nothing left of it."""

from pathlib import Path

import pytest
from harness.elastic import START_SECONDS, Elastic

from fraudctl.errors import MachineError
from fraudctl.runtime.elasticsearch import EmbeddedElasticsearch

pytestmark = [pytest.mark.elasticsearch, pytest.mark.integration, pytest.mark.timeout(1200)]


def processes_of(directory: Path) -> list[str]:
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            if str(directory).encode() in path.read_bytes():
                found.append(path.parent.name)
        except OSError:
            continue
    return found


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_a_node_comes_back_with_its_data(end: str):
    node = EmbeddedElasticsearch()
    try:
        node.start(START_SECONDS)
        elastic = Elastic(node.url)
        elastic.client.indices.create(index="kept")
        elastic.client.index(index="kept", id="1", document={"a": 1})
        getattr(node, end)()
        assert not node.running
        node.start(START_SECONDS)
        assert elastic.documents("kept") == {"1": {"a": 1}}
        directory = node.directory
        assert processes_of(directory)
    finally:
        node.close()
    assert not node.running
    assert not directory.exists()
    assert processes_of(directory) == []


def test_a_taken_port_and_a_wrong_setting_are_told(elasticsearch: EmbeddedElasticsearch):
    second = EmbeddedElasticsearch(port=elasticsearch.port)
    with pytest.raises(MachineError, match=f"port {elasticsearch.port} is taken"):
        second.start()
    second.close()
    wrong = EmbeddedElasticsearch(settings={"no.such.setting": "1"})
    with pytest.raises(MachineError, match=r"unknown setting \[no.such.setting\]"):
        wrong.start()
    wrong.close()


def test_no_index_without_a_template(elastic: Elastic):
    with pytest.raises(Exception, match="index_not_found"):
        elastic.client.index(index="nobody.made.this", document={"a": 1})
