"""Footprints to shares: gridmap against geopandas and shapely, the answers compared first.

Two kinds of lines: those that are shipped, short of vertices, and the same with a vertex every few
metres as surveyed ones have, some fifty a cell. Two shares of straddlers: one in a hundred, and
what comes of itself where buildings are sprinkled over cells.
"""

import geopandas
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

import gridmap
from benchmarks.dense import densified
from benchmarks.sheet import Sheet
from benchmarks.timing import interleaved
from gridmap import Layer, Level, Release, ReleaseIndex, measure
from gridmap.cutting import cut
from gridmap.place import PlaceKind

Geometries = NDArray[np.object_]

SIDES_M = (12.0, 40.0)  # of a building
DEGREE_M = (85_000.0, 111_000.0)  # in Beijing, east and north
SAME_M2 = 1e-4
LEAST_M2 = 100.0
AREA_ERROR = 1e-5  # what the issue allows against the geodesic
RUNS = 3


def footprints_to_shares(index: ReleaseIndex, rng: np.random.Generator, count: int) -> Sheet:
    """The shares of buildings in cells."""
    cells = index.release.layers[Level.CELL]
    lines = {"shipped": cells.geometries, "dense": densified(cells.geometries)}
    sheet = Sheet(
        f"{count:,} footprints to {len(cells):,} cells, one core (answers equal)",
        ("lines, straddling", "gridmap", "in a frame", "overlay", "STRtree, cut all", "to overlay"),
    )
    for name, shapes in lines.items():
        layer = Layer.build(
            Level.CELL,
            cells.basis,
            codes=cells.codes,
            names=cells.names,
            parents=cells.parents,
            geometries=shapes,
        )
        alone = ReleaseIndex(Release(id=name, title=name, layers={Level.CELL: layer}))
        alone.layers[Level.CELL].grid()  # as every peer's index: built beforehand
        vertices = int(shapely.get_num_coordinates(shapes).mean())
        for part, buildings in sprinkled(alone, rng, count).items():
            _measure(sheet, f"{name} ({vertices} vertices), {part}", alone, buildings)
    return sheet


def sprinkled(index: ReleaseIndex, rng: np.random.Generator, count: int) -> dict[str, Geometries]:
    """Buildings over cells: as they fall, and with one straddler in a hundred."""
    cells = index.layers[Level.CELL]
    chosen = rng.integers(0, len(cells.layer), 3 * count)
    west, south, east, north = shapely.bounds(cells.layer.geometries[chosen]).T
    spots = rng.uniform(np.column_stack([west, south]), np.column_stack([east, north]))
    spots = spots[cells.locate(spots) >= 0]
    half = rng.uniform(*SIDES_M, spots.shape) / 2 / DEGREE_M
    boxes = shapely.box(*(spots - half).T, *(spots + half).T)
    cuts = cut(boxes, cells, kind=PlaceKind.FOOTPRINT)
    parts = np.bincount(cuts.positions[cuts.sizes > 0], minlength=len(boxes))
    inside, across = boxes[parts == 1], boxes[parts > 1]
    natural = (parts[:count] > 1).mean()
    few = count // 100
    hundredth = np.concatenate([inside[: count - few], across[:few]])
    return {
        "1.0 %": rng.permutation(hundredth),
        f"{natural:.1%}": boxes[:count],
    }


def _measure(sheet: Sheet, name: str, index: ReleaseIndex, buildings: Geometries) -> None:
    cells = index.layers[Level.CELL]
    areas = geopandas.GeoDataFrame(
        {"row": np.arange(len(cells.layer))}, geometry=cells.layer.geometries, crs="EPSG:4490"
    )
    frame = geopandas.GeoDataFrame(
        {"at": np.arange(len(buildings))}, geometry=buildings, crs="EPSG:4490"
    )
    tree = shapely.STRtree(cells.layer.geometries)

    def by_overlay() -> pd.Series:
        pieces = frame.overlay(areas, how="intersection", keep_geom_type=True)
        sizes = measure.areas_m2(pieces.geometry.to_numpy())
        return pd.Series(sizes, index=[pieces["at"], pieces["row"]])

    def by_tree() -> pd.Series:
        at, rows = tree.query(buildings, predicate="intersects")
        pieces = shapely.intersection(cells.layer.geometries[rows], buildings[at])
        return pd.Series(measure.areas_m2(pieces), index=[at, rows])

    def ours() -> pd.Series:
        cuts = cut(buildings, cells, kind=PlaceKind.FOOTPRINT)
        return pd.Series(cuts.sizes, index=[cuts.positions, cuts.rows])

    _compare(ours(), by_overlay(), by_tree())
    _against_the_geodesic(ours(), buildings, cells.layer)
    took = interleaved(
        {
            "ours": ours,
            "frame": lambda: gridmap.shares(frame, index),
            "overlay": by_overlay,
            "tree": by_tree,
        },
        runs=RUNS,
    )
    rates = (f"{len(buildings) / took[way]:,.0f}/s" for way in took)
    ratio = took["overlay"] / took["ours"]
    sheet.add(name, *rates, f"{ratio:.1f} x")
    if ", 1.0 %" in name:
        sheet.target(f"times overlay, {name}", ratio, at_least=5)
        in_frame = took["overlay"] / took["frame"]
        sheet.remark(f"checked places in, a table of claims out (gridmap.shares): {in_frame:.1f} x")


def _compare(ours: pd.Series, *others: pd.Series) -> None:
    """The same pairs with the same areas, to a square centimetre; touching is no part."""
    for other in others:
        both = pd.concat([ours, other], axis=1).fillna(0.0)
        assert (both[0] - both[1]).abs().max() < SAME_M2, "the ways answer otherwise"


def _against_the_geodesic(sizes: pd.Series, buildings: Geometries, layer: Layer) -> None:
    """Areas of a sample of parts against pyproj's geodesic polygons.

    Not of small ones: there the geodesic itself rounds by some square centimetres.
    """
    large = sizes[sizes > LEAST_M2]
    some = large.sample(min(2_000, len(large)), random_state=1)
    for (at, row), size_m2 in some.items():
        piece = shapely.intersection(layer.geometries[row], buildings[at])
        geodesic_m2 = abs(measure.GEOD.geometry_area_perimeter(piece)[0])
        assert abs(size_m2 / geodesic_m2 - 1) < AREA_ERROR, f"{size_m2} is not {geodesic_m2}"
