"""The operator's indices on a real Elasticsearch: made, repaired, thinned out and removed."""

import pytest

from fraud_operator.clients.backends import Indices

pytestmark = [pytest.mark.elasticsearch, pytest.mark.integration]


def test_indices_are_made_repaired_thinned_out_and_removed(make):
    it = make()
    rows, sums = it.index("rows").alias, it.index("sums").alias
    view = Indices().keep(it.detector, {})
    assert view.ready, view.message
    assert it.elastic.indices(f"{sums}.v*") == [f"{sums}.v1"]

    it.elastic.client.indices.delete(index=f"{sums}.v1")
    for bucket in ("2000.01.01", "2024.01.01"):
        it.elastic.client.indices.create(index=f"{rows}.v1.{bucket}")
    again = Indices().keep(it.detector, {})
    assert again == view
    assert it.elastic.indices(f"{sums}.v*") == [f"{sums}.v1"]
    assert it.elastic.indices(f"{rows}.v*") == [f"{rows}.v1.2024.01.01", f"{rows}.v1.base"]

    assert Indices().remove(it.detector, {}).ready
    assert it.elastic.indices(f"{it.detector.metadata.namespace}.*") == []
    assert Indices().remove(it.detector, {}).ready


def test_somebody_elses_index_is_told_and_left(make):
    it = make()
    name = it.index("sums").alias
    it.elastic.client.indices.create(index=name)
    view = Indices().keep(it.detector, {})
    assert (view.ready, view.reason) == (False, "NotOurs")
    assert name in view.message
    assert Indices().remove(it.detector, {}).ready
    assert it.elastic.indices(name) == [name]
