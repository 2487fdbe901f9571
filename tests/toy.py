"""A small city on integer coordinates: every border case in a few lines.

Two districts side by side, 0 <= x <= 4 and 4 <= x <= 8, both 0 <= y <= 4. The western one has two
streets, south and north of y = 2; the eastern one has one street with a hole at (6 2), in which
an exclave of the western district's northern street lies.
"""

import shutil
from collections.abc import Mapping

import numpy as np
import shapely

from gridmap import write
from gridmap.boundary import Layer, Release
from gridmap.definition import Columns
from gridmap.level import Basis, Level

# The columns of a written release.
COLUMNS = Columns(parent="parent")
CITY, WEST, EAST = "990000", "990101", "990102"
SOUTH_STREET, NORTH_STREET, EAST_STREET = "990101001", "990101002", "990102001"

HOLE = "POLYGON ((5 1, 7 1, 7 3, 5 3, 5 1))"
STREETS = {
    SOUTH_STREET: "POLYGON ((0 0, 4 0, 4 2, 0 2, 0 0))",
    NORTH_STREET: f"MULTIPOLYGON (((0 2, 4 2, 4 4, 0 4, 0 2)), {HOLE.removeprefix('POLYGON ')})",
    EAST_STREET: "POLYGON ((4 0, 8 0, 8 4, 4 4, 4 2, 4 0), (5 1, 5 3, 7 3, 7 1, 5 1))",
}
DISTRICTS = {
    WEST: f"MULTIPOLYGON (((0 0, 4 0, 4 2, 4 4, 0 4, 0 2, 0 0)), {HOLE.removeprefix('POLYGON ')})",
    EAST: STREETS[EAST_STREET],
}


def release(
    streets: Mapping[str, str] = STREETS,
    *,
    line_accuracy_m: float | None = None,
    basis: Basis = Basis.SURVEYED,
    release_id: str = "toy",
) -> Release:
    """The toy city, with other streets where a test wants a gap or an overlap."""
    layers = [
        _layer(Level.CITY, {CITY: "POLYGON ((0 0, 8 0, 8 4, 0 4, 0 0))"}, basis, line_accuracy_m),
        _layer(Level.DISTRICT, DISTRICTS, basis, line_accuracy_m),
        _layer(Level.STREET, streets, basis, line_accuracy_m),
    ]
    return Release(id=release_id, title="toy city", layers={layer.level: layer for layer in layers})


def _layer(
    level: Level, shapes: Mapping[str, str], basis: Basis, line_accuracy_m: float | None
) -> Layer:
    return Layer.build(
        level,
        basis,
        codes=shapes,
        names=[f"{level} {code}" for code in shapes],
        parents=[_parent(level, code) for code in shapes],
        geometries=[shapely.from_wkt(wkt) for wkt in shapes.values()],
        line_accuracy_m=line_accuracy_m,
    )


def _parent(level: Level, code: str) -> str:
    return {Level.CITY: "", Level.DISTRICT: CITY}.get(level, code[:6])


def written(folder, streets: Mapping[str, str] = STREETS):
    """Write the toy city as files with a definition, in the place of an older one."""
    shutil.rmtree(folder)
    write.release(release(streets), folder)
    return folder / "definition.toml"


def assert_equal(one, other):
    """Both hold the same areas on the same coordinates; rings may begin and turn otherwise."""
    assert one.levels == other.levels
    for level in one.levels:
        a, b = one.layers[level], other.layers[level]
        assert a.codes.tolist() == b.codes.tolist()
        assert a.names.tolist() == b.names.tolist()
        assert a.parents.tolist() == b.parents.tolist()
        normal = shapely.normalize(a.geometries), shapely.normalize(b.geometries)
        assert np.all(shapely.equals_identical(*normal))
