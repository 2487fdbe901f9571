"""What the shipped boundaries promise: real districts, one exact tiling, schematic below."""

import importlib
from itertools import pairwise

import geopandas
import numpy as np
import pytest
import shapely
from pyproj import Geod

from gridmap import tiling
from gridmap.level import Basis, Level
from gridmap.measure import areas_m2
from gridmap.topology import Kind, check, faults


@pytest.fixture(scope="session")
def folder(boundaries):
    return boundaries / "beijing"


@pytest.fixture(scope="session")
def build(folder):
    """The build script beside the data."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        yield importlib.import_module("build")


def test_every_level_is_there_with_its_basis(beijing):
    assert {level: layer.basis for level, layer in beijing.layers.items()} == {
        Level.CITY: Basis.MAPPED,
        Level.DISTRICT: Basis.MAPPED,
        Level.STREET: Basis.SCHEMATIC,
        Level.COMMUNITY: Basis.SCHEMATIC,
        Level.CELL: Basis.SCHEMATIC,
    }
    assert len(beijing.layers[Level.DISTRICT]) == 16
    assert len(beijing.layers[Level.STREET]) == 331
    assert len(beijing.layers[Level.CELL]) == pytest.approx(40_000, rel=0.05)


def test_all_levels_are_one_exact_tiling(beijing):
    assert faults(check(beijing, smallest_m2=0)) == ()


def test_the_one_exclave_is_the_airport_of_chaoyang_inside_shunyi(beijing):
    (one,) = check(beijing)
    assert (one.kind, one.codes) == (Kind.EXCLAVE, ("110105", "110113"))
    assert "inside 110113" in str(one)


def test_every_vertex_of_a_coarser_line_is_on_the_finer_one(beijing):
    vertices = [
        set(map(tuple, shapely.get_coordinates(layer.geometries).tolist()))
        for layer in beijing.layers.values()
    ]
    for coarser, finer in pairwise(vertices):
        assert coarser <= finer


def test_the_districts_are_the_extracted_ones_to_the_grid(beijing, folder):
    extracted = geopandas.read_parquet(folder / "districts-amap.parquet")
    shipped = beijing.layers[Level.DISTRICT]
    assert shipped.codes.tolist() == extracted["code"].tolist()
    moved = shapely.hausdorff_distance(shipped.geometries, extracted.geometry.to_numpy())
    assert moved.max() <= 2 * tiling.GRID_DEG
    assert areas_m2(shipped.geometries).sum() == pytest.approx(16_406.08e6, abs=0.01e6)


def test_the_reference_building_has_its_known_shares(beijing, boundaries):
    example = boundaries.parents[1] / "examples" / "reference_building_2000m2_wgs84.geojson"
    building = geopandas.read_file(example).geometry[0]
    ground = Geod(ellps="GRS80")
    parts_m2 = {
        code: abs(
            ground.geometry_area_perimeter(shapely.intersection(beijing.geometry(code), building))[
                0
            ]
        )
        for code in ("110102", "110106", "110102020", "110106002")
    }
    assert parts_m2["110102"] == pytest.approx(1737.7, abs=0.1)
    assert parts_m2["110106"] == pytest.approx(263.7, abs=0.1)
    assert parts_m2["110102020"] == parts_m2["110102"]  # 广安门外街道 has all of Xicheng's part
    assert parts_m2["110106002"] == parts_m2["110106"]  # 太平桥街道 all of Fengtai's


def test_core_cells_are_nominal_and_grow_outward(beijing):
    cells = beijing.layers[Level.CELL]
    sizes_m2 = areas_m2(cells.geometries)
    medians_m2 = {
        code: float(np.median(sizes_m2[np.char.startswith(cells.codes, code)]))
        for code in ("110101", "110102", "110105", "110114", "110116")
    }
    assert medians_m2["110101"] == pytest.approx(10_000, rel=0.05)
    assert medians_m2["110102"] == pytest.approx(10_000, rel=0.05)
    assert list(medians_m2.values())[1:] == sorted(list(medians_m2.values())[1:])


def test_what_is_invented_is_numbered_and_says_so(beijing):
    for level, word in ((Level.COMMUNITY, "示意社区 "), (Level.CELL, "示意网格 ")):
        names = beijing.layers[level].names
        assert np.char.startswith(names, word).all()
        assert np.char.isdigit(np.char.replace(names, word, "")).all()


def test_one_district_rebuilt_is_the_committed_one(beijing, build, folder):
    district = geopandas.read_parquet(folder / "districts-amap.parquet").set_index("code")
    rebuilt = list(build.cells_of(district.geometry["110107"], build.facts()["110107"]))
    shapes = tiling.exact([cell.shape for cell in rebuilt])
    committed = np.array([beijing.geometry(cell.code) for cell in rebuilt])
    held = np.char.startswith(beijing.layers[Level.CELL].codes, "110107")
    assert sorted(cell.code for cell in rebuilt) == beijing.layers[Level.CELL].codes[held].tolist()
    assert shapely.hausdorff_distance(shapes, committed).max() <= 3 * tiling.GRID_DEG


def test_half_of_the_schematic_streets_overlap_the_true_ones_by_three_quarters(beijing, shared):
    true = geopandas.read_file(shared("beijing_streets_wgs84.geojson"))
    true = {
        (row.district_code, row.name_): row.geometry
        for row in true.rename(columns={"name": "name_"}).itertuples()
    }
    layer = beijing.layers[Level.STREET]
    overlaps = []
    for code, name, shape in zip(layer.codes, layer.names, layer.geometries, strict=True):
        other = true[code[:6], name]
        overlaps.append(shape.intersection(other).area / shape.union(other).area)
    assert np.median(overlaps) >= 0.75
