"""The names that the compiler adds, none of which an analyst may give to a column."""

import re

import pytest
from golden.renew import cases

from fraud_api.columns import INTERNAL
from fraud_api.load import load_file

_NAME = re.compile(r"`(_[A-Za-z0-9_]*)`")


@pytest.mark.parametrize(("detector", "golden"), cases(), ids=lambda path: path.name)
def test_every_name_that_the_compiler_adds_is_known(detector, golden):
    (found,) = load_file(detector)
    own = {column.name for stream in found.spec.streams for column in stream.columns}
    used = set(_NAME.findall(golden.read_text()))
    assert used - own <= INTERNAL, "add it to fraud_api.columns.INTERNAL"
