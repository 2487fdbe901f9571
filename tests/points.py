"""Layers for the index, positions that are hard for it, and what GEOS says about them."""

import numpy as np
import shapely

from gridmap.boundary import Layer
from gridmap.geo import LngLat
from gridmap.level import Basis, Level
from gridmap.locate import LayerIndex
from gridmap.measure import MetricPlane


def layer(polygons) -> Layer:
    """A layer of streets with the polygons in the order of their codes."""
    codes = [f"990101{number:03d}" for number in range(1, len(polygons) + 1)]
    return Layer.build(
        Level.STREET,
        Basis.SURVEYED,
        codes=codes,
        names=codes,
        parents=["" for _ in codes],
        geometries=polygons,
    )


def gridded(polygons) -> LayerIndex:
    """The index of a layer, with its grid built."""
    index = LayerIndex(layer(polygons), MetricPlane(LngLat(0, 0)))
    index.grid()
    return index


def truth(polygons, lnglat):
    """All pairs (position, row) that shapely's `covers` finds, sorted.

    Of polygons that are not valid shapely's own predicates say different things; then it is the
    border rule's `intersects`.
    """
    shapes = np.asarray(polygons, dtype=object)
    valid = shapely.is_valid(shapes).all()
    tree = shapely.STRtree(shapely.points(lnglat) if valid else shapes)
    if valid:
        rows, positions = tree.query(shapes, predicate="covers")
    else:
        positions, rows = tree.query(shapely.points(lnglat), predicate="intersects")
    order = np.lexsort((rows, positions))
    return positions[order], rows[order]


def lowest(pairs, count):
    found = np.full(count, -1)
    for position, row in zip(*(part[::-1] for part in pairs), strict=True):
        found[position] = row
    return found


def assert_exact(index: LayerIndex, lnglat) -> None:
    """All pairs and the lowest rows are those of shapely; the grid alone is never wrong."""
    expected = truth(index.layer.geometries, lnglat)
    assert [part.tolist() for part in index.covering(lnglat)] == [
        part.tolist() for part in expected
    ]
    first = lowest(expected, len(lnglat))
    assert index.locate(lnglat).tolist() == first.tolist()
    rows, left_open = index.grid().settle(lnglat)
    rows[left_open] = first[left_open]
    assert rows.tolist() == first.tolist()


def on_borders(polygons):
    """Every vertex of the polygons, and the middle of every edge."""
    rings = shapely.get_rings(shapely.get_parts(np.asarray(polygons, dtype=object)))
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    inner = ring[1:] == ring[:-1]
    return np.concatenate([xy, ((xy[1:] + xy[:-1]) / 2)[inner]])


def ulps_aside(lnglat):
    """The neighbours of positions in eight directions, one step of a double away."""
    x, y = lnglat.T
    return np.concatenate(
        [
            np.column_stack([np.nextafter(x, x + east), np.nextafter(y, y + north)])
            for east in (-1, 0, 1)
            for north in (-1, 0, 1)
            if east or north
        ]
    )


def scattered(polygons, rng, count):
    """Positions in and around the polygons, half of them close to their borders."""
    west, south, east, north = shapely.total_bounds(np.asarray(polygons, dtype=object))
    margin = max(east - west, north - south) / 10
    wide = rng.uniform(
        (west - margin, south - margin), (east + margin, north + margin), (count // 2, 2)
    )
    border = on_borders(polygons)
    near = border[rng.integers(0, len(border), count - count // 2)]
    reach = margin * 10.0 ** rng.uniform(-12, 0, (len(near), 1))
    return np.concatenate([wide, near + rng.normal(size=near.shape) * reach])


def hard_positions(polygons, rng, count=2000):
    border = on_borders(polygons)
    if len(border) > count:
        border = border[rng.choice(len(border), count, replace=False)]
    return np.concatenate([border, ulps_aside(border), scattered(polygons, rng, count)])
