import numpy as np
import pytest
import shapely

from gridmap import tessellate, tiling
from gridmap.errors import TessellationError
from gridmap.measure import area_m2, areas_m2

BLOCK = shapely.box(116.3, 39.9, 116.32, 39.91)


def test_cells_have_about_the_target_area():
    cells = tessellate.cells(BLOCK, target_m2=10_000)
    assert len(cells) == round(area_m2(BLOCK) / 10_000)
    assert areas_m2(cells) == pytest.approx(10_000, rel=0.02)


def test_pieces_are_compact():
    pieces = tessellate.pieces(BLOCK, count=50)
    roundness = 4 * np.pi * shapely.area(pieces) / shapely.length(pieces) ** 2
    assert roundness.min() > 0.5  # a square has 0.79, a 1:4 strip 0.5


def test_pieces_tile_the_polygon_exactly():
    tiles = tiling.exact(tessellate.pieces(BLOCK, count=37))
    assert shapely.coverage_is_valid(tiles)
    assert (
        shapely.coverage_union_all(tiles).equals(BLOCK)
        or shapely.hausdorff_distance(shapely.coverage_union_all(tiles), BLOCK)
        <= 2 * tiling.GRID_DEG
    )


def test_one_piece_is_the_polygon_itself():
    (whole,) = tessellate.pieces(BLOCK, count=1)
    assert whole.equals(tiling.snapped(BLOCK))
    assert len(tessellate.cells(BLOCK, target_m2=1e9)) == 1


def test_a_hole_is_cut_through_and_no_piece_keeps_it():
    ring = BLOCK.difference(shapely.box(116.308, 39.904, 116.312, 39.906))
    pieces = tessellate.pieces(ring, count=12)
    assert len(pieces) == 12
    assert all(piece.geom_type == "Polygon" and not piece.interiors for piece in pieces)
    assert shapely.area(pieces).sum() == pytest.approx(ring.area, rel=1e-6)


def test_exclaves_get_pieces_by_their_area():
    exclave = shapely.box(116.4, 39.9, 116.41, 39.91)
    pieces = tessellate.pieces(shapely.union(BLOCK, exclave), count=9)
    assert shapely.intersects(pieces, exclave).sum() == 3


def test_an_exclave_too_small_for_a_piece_joins_the_nearest():
    speck = shapely.box(116.321, 39.9, 116.3211, 39.9001)
    pieces = tessellate.pieces(shapely.union(BLOCK, speck), count=4)
    assert len(pieces) == 4
    assert sorted(piece.geom_type for piece in pieces) == ["MultiPolygon"] + ["Polygon"] * 3


def test_pieces_are_the_same_every_time():
    first, second = (tessellate.pieces(BLOCK, count=23) for _ in range(2))
    assert shapely.equals_exact(first, second).all()


def test_reading_order_goes_west_to_east_then_north_to_south():
    boxes = [shapely.box(x, y, x + 1, y + 1) for y in (0, 1, 2) for x in (2, 0, 1)]
    order = tessellate.reading_order(boxes)
    corners = [boxes[row].bounds[:2] for row in order]
    assert corners == [(x, y) for y in (2, 1, 0) for x in (0, 1, 2)]


def test_reading_order_takes_a_ragged_row_as_one_line():
    ragged = [shapely.box(x, y, x + 1, y + 1) for x, y in ((0, 9.8), (1, 10.1), (2, 9.9), (0, 8.7))]
    assert tessellate.reading_order(ragged).tolist() == [0, 1, 2, 3]


def test_nothing_has_an_order_too():
    assert len(tessellate.reading_order([])) == 0


@pytest.mark.parametrize(
    ("shape", "count"),
    [
        (BLOCK, 0),
        (shapely.Polygon(), 3),
        (shapely.Point(116, 40), 3),
        (shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)]), 3),
    ],
)
def test_what_cannot_be_divided_is_refused(shape, count):
    with pytest.raises(TessellationError):
        tessellate.pieces(shape, count=count)


@pytest.mark.parametrize("target_m2", [0, -1, float("nan")])
def test_a_target_without_ground_is_refused(target_m2):
    with pytest.raises(TessellationError, match="target area"):
        tessellate.cells(BLOCK, target_m2=target_m2)
