"""The shipped city, broken on purpose: the check finds exactly what was broken."""

import pytest

from gridmap.findings import Kind
from gridmap.topology import check
from tests.broken import broken


@pytest.fixture(scope="module")
def cells(beijing):
    return broken(beijing)


def test_exactly_what_was_broken_is_found(cells):
    found = [
        (one.kind, one.codes, one.is_sliver)
        for one in check(cells.draft())
        if one.kind is not Kind.EXCLAVE
    ]
    assert sorted(found) == sorted(cells.expected)
