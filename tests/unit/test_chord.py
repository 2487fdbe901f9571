import os
import subprocess
import sys

import numpy as np
import pytest

from gridmap.chord import best_cut, ring_area

SQUARE = np.array([(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)])
LONG = SQUARE * (4, 1)
# A U whose full straight cuts leave three parts: arms at the left and right, open at the top.
BENT = np.array([(0, 0), (5, 0), (5, 9), (4, 9), (4, 1), (1, 1), (1, 9), (0, 9)], dtype=np.float64)


def test_the_area_of_a_ring_tells_its_turn():
    assert ring_area(LONG) == 4
    assert ring_area(LONG[::-1]) == -4


def test_a_long_ring_is_cut_across():
    cut = best_cut(LONG, 2, lng_scale=1.0)
    assert cut.first_count == cut.second_count == 1
    shared = {tuple(point) for point in cut.first} & {tuple(point) for point in cut.second}
    assert sorted((round(lng, 4), lat) for lng, lat in shared) == [(2, 0), (2, 1)]


def test_odd_counts_are_cut_in_proportion():
    cut = best_cut(LONG, 3, lng_scale=1.0)
    assert sorted([ring_area(cut.first), ring_area(cut.second)]) == pytest.approx(
        [4 / 3, 8 / 3], rel=1e-5
    )
    assert sorted([cut.first_count, cut.second_count]) == [1, 2]


def test_the_scale_of_longitude_decides_what_is_long():
    tall_on_the_ground = SQUARE * (1.2, 1)
    cut = best_cut(tall_on_the_ground, 2, lng_scale=0.5)
    shared = {tuple(point) for point in cut.first} & {tuple(point) for point in cut.second}
    assert {round(lat, 3) for _, lat in shared} == {0.5}


def test_a_bent_ring_is_cut_along_one_chord_into_two_connected_pieces():
    cut = best_cut(BENT, 6, lng_scale=1.0)
    assert ring_area(cut.first) + ring_area(cut.second) == pytest.approx(ring_area(BENT), rel=1e-9)
    assert cut.first_count + cut.second_count == 6
    assert cut.error < 0.5


def test_both_pieces_have_the_same_two_ends_on_the_grid():
    cut = best_cut(BENT * 0.0123456789, 4, lng_scale=0.76)
    ends = {tuple(point) for point in (cut.first[0], cut.first[-1])}
    assert ends == {tuple(point) for point in (cut.second[0], cut.second[-1])}
    assert all(round(value, 9) == value for end in ends for value in end)


def test_a_ring_without_ground_has_no_cut():
    flat = np.array([(0.0, 0.0), (1.0, 0.0), (2.0, 0.0)])
    assert best_cut(flat, 2, lng_scale=1.0) is None


PIECES = """
import hashlib, numpy as np, shapely
from gridmap import tessellate
rng = np.random.default_rng(5)
hull = shapely.convex_hull(shapely.multipoints(rng.uniform((116, 40), (116.1, 40.1), (40, 2))))
shapes = [hull, shapely.box(116, 40, 116.1, 40.1), hull.buffer(0.01).boundary.buffer(0.004)]
pieces = [piece for shape in shapes for piece in tessellate.pieces(shape, count=150)]
print(hashlib.sha256(b"".join(shapely.to_wkb(pieces))).hexdigest())
"""


def test_every_processor_cuts_alike():
    """Choices between equals must not hang on how a processor rounds the last digit of a sum."""
    features = np._core._multiarray_umath
    extra = [name for name in features.__cpu_dispatch__ if features.__cpu_features__[name]]
    if not extra:
        pytest.skip("this processor has one way to compute only")
    found = set()
    for disabled, kernel in ("", "Haswell"), (" ".join(extra), "Nehalem"), (extra[-1], "SkylakeX"):
        unlike = {"NPY_DISABLE_CPU_FEATURES": disabled, "OPENBLAS_CORETYPE": kernel}
        command = [sys.executable, "-c", PIECES]
        answer = subprocess.run(
            command, env=os.environ | unlike, check=True, capture_output=True, text=True
        )
        found.add(answer.stdout)
    assert len(found) == 1
