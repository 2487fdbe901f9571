import numpy as np
import pytest
import shapely

from gridmap import facts
from gridmap.errors import FactsMismatchError
from gridmap.measure import area_m2

BOXES = np.array([shapely.box(116, 40, 116.1, 40.1), shapely.box(116.1, 40, 116.3, 40.1)])


def table(tmp_path, boxes=BOXES, *, header="code,name,west,south,east,north,area_km2"):
    rows = [
        f"11010100{row},street {row},{','.join(str(side) for side in box.bounds)},"
        f"{area_m2(box) / 1e6:.3f}"
        for row, box in enumerate(boxes)
    ]
    path = tmp_path / "facts.csv"
    path.write_text("\n".join([header, *rows]), encoding="utf-8")
    return path


def test_polygons_are_known_by_their_extent_whatever_their_order(tmp_path):
    assert facts.identified(BOXES[::-1], facts.load(table(tmp_path))).tolist() == [1, 0]


def test_another_number_of_polygons_is_refused(tmp_path):
    with pytest.raises(FactsMismatchError, match="lists 2 areas and the file has 1"):
        facts.identified(BOXES[:1], facts.load(table(tmp_path)))


def test_a_moved_polygon_is_refused(tmp_path):
    moved = shapely.transform(BOXES, lambda lnglat: lnglat + 0.001)
    with pytest.raises(FactsMismatchError, match=r"extent 116\.001, 40\.001"):
        facts.identified(moved, facts.load(table(tmp_path)))


def test_the_same_extent_with_another_area_is_refused(tmp_path):
    triangle = shapely.Polygon([(116, 40), (116.1, 40), (116, 40.1)])
    with pytest.raises(FactsMismatchError, match="km²"):
        facts.identified(np.array([triangle, BOXES[1]]), facts.load(table(tmp_path)))


def test_two_polygons_on_one_line_are_refused(tmp_path):
    with pytest.raises(FactsMismatchError, match="no polygon of the file is street 1"):
        facts.identified(BOXES[[0, 0]], facts.load(table(tmp_path)))


def test_a_missing_file_or_column_is_named(tmp_path):
    with pytest.raises(FactsMismatchError, match="cannot be read"):
        facts.load(tmp_path / "nothing.csv")
    with pytest.raises(FactsMismatchError, match="'west'"):
        facts.load(table(tmp_path, header="code,name,w,south,east,north,area_km2"))
