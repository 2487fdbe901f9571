"""For any polygon: pieces partition it exactly, are deterministic, and each point has one piece."""

import numpy as np
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gridmap import tessellate, tiling
from gridmap.boundary import Layer, Release
from gridmap.level import Basis, Level
from gridmap.topology import check


def star(radii, lng, lat, size_deg):
    """A simple polygon: one vertex per radius, in turn around a centre."""
    angles = np.linspace(0, 2 * np.pi, len(radii), endpoint=False)
    ring = np.column_stack([np.cos(angles), np.sin(angles)]) * np.array(radii)[:, None] * size_deg
    return tiling.snapped(shapely.Polygon(np.add(ring, (lng, lat))))


polygons = st.builds(
    star,
    st.lists(st.floats(0.15, 1.0), min_size=3, max_size=24),
    st.floats(115.4, 117.5),
    st.floats(39.4, 41.1),
    st.floats(0.002, 0.2),
)


@given(polygon=polygons, count=st.integers(1, 24))
@example(polygon=shapely.box(116, 40, 116.1, 40.001), count=24)  # a strip
@example(polygon=star([1.0, 0.15] * 12, 116, 40, 0.1), count=7)  # twelve spikes
@settings(max_examples=60, deadline=None)
def test_pieces_are_an_exact_partition(polygon, count):
    tiles = tiling.exact(tessellate.pieces(polygon, count=count))
    assert 1 <= len(tiles) <= count
    assert shapely.coverage_is_valid(tiles)
    whole = shapely.coverage_union_all(tiles)
    assert shapely.hausdorff_distance(whole, polygon) <= 3 * tiling.GRID_DEG
    assert abs(shapely.area(tiles).sum() - polygon.area) <= polygon.length * tiling.GRID_DEG


@given(polygon=polygons, count=st.integers(1, 24))
@settings(max_examples=40, deadline=None)
def test_every_representative_point_is_in_exactly_one_piece(polygon, count):
    tiles = tiling.exact(tessellate.pieces(polygon, count=count))
    points = shapely.point_on_surface(tiles)
    holds = shapely.intersects(tiles[:, None], points[None, :])
    assert (holds == np.eye(len(tiles), dtype=bool)).all()


@given(polygon=polygons, count=st.integers(1, 24))
@settings(max_examples=20, deadline=None)
def test_pieces_are_deterministic_and_in_reading_order(polygon, count):
    pieces = tessellate.pieces(polygon, count=count)
    again = tessellate.pieces(polygon, count=count)
    assert shapely.equals_exact(pieces, again).all()
    assert tessellate.reading_order(pieces).tolist() == list(range(len(pieces)))


@given(one=polygons, counts=st.tuples(st.integers(2, 8), st.integers(1, 8)))
@settings(max_examples=20, deadline=None)
def test_two_levels_of_pieces_nest_without_findings(one, counts):
    communities = tessellate.pieces(one, count=counts[0])
    cells = [tessellate.pieces(each, count=counts[1]) for each in communities]
    tiles = tiling.exact(np.concatenate(cells))
    codes = [
        f"110101001{number:03d}{place:03d}"
        for number, of_one in enumerate(cells, start=1)
        for place in range(1, len(of_one) + 1)
    ]
    parents = [code[:12] for code in codes]
    above, shapes = tiling.unions(tiles, parents)
    release = Release(
        id="r",
        title="r",
        layers={
            Level.COMMUNITY: Layer.build(
                Level.COMMUNITY,
                Basis.SCHEMATIC,
                codes=above,
                names=above,
                parents=["" for _ in above],
                geometries=shapes,
            ),
            Level.CELL: Layer.build(
                Level.CELL,
                Basis.SCHEMATIC,
                codes=codes,
                names=codes,
                parents=parents,
                geometries=tiles,
            ),
        },
    )
    assert check(release, smallest_m2=0) == ()
