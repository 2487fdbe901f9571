"""The shipped city, broken on purpose: the check finds exactly what was broken."""

import numpy as np
import pytest

from gridmap.boundary import Draft, Layer
from gridmap.findings import Kind
from gridmap.level import Level
from gridmap.repair import Kind as Change
from gridmap.repair import repair
from gridmap.topology import check, faults
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


def part(draft, prefix):
    """The communities and cells of one district: a tree of its own."""
    layers = {}
    for level in (Level.DISTRICT, Level.STREET, Level.COMMUNITY, Level.CELL):
        layer = draft.layers[level]
        own = layer.parents if level is Level.CELL else layer.codes
        rows = np.flatnonzero(np.char.startswith(own, prefix))
        fields = {
            name: getattr(layer, name)[rows] for name in ("codes", "names", "parents", "geometries")
        }
        layers[level] = Layer.unchecked(level, layer.basis, **fields)
    return Draft(id="part", title="part", layers=layers)


def test_repair_puts_the_narrow_faults_right_and_leaves_the_others(cells):
    given = part(cells.draft(), "110101")
    done = repair(given)
    moved = [one.kind for one in done.changes if one.moved_m2 > 1]
    assert sorted(moved) == [Change.GAP, Change.OVERLAP, Change.SPLINTER]
    wide = {Kind.GAP, Kind.OVERLAP}
    before = [(one.kind, one.codes) for one in faults(check(given)) if not one.is_sliver]
    left = [(one.kind, one.codes) for one in done.left]
    mended = {Kind.INVALID, Kind.UNMATCHED}
    assert left == [one for one in before if one[0] not in mended]
    assert wide <= {kind for kind, _ in left}
