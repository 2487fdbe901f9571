"""Schematic communities around seed points: each has the ground that is nearest to its seed.

A Voronoi diagram inside each connected part of a street, with distances as on the ground. Ground
that the street's outline cuts off from its seed goes to the neighbour it borders on most; a
detached part of the street without a seed belongs to the nearest one as its exclave.

References
----------
.. [1] F. Aurenhammer, Voronoi diagrams, ACM Computing Surveys 23 (1991).
"""

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from gridmap import tiling
from gridmap.errors import TessellationError
from gridmap.measure import metres_per_degree
from gridmap.tessellate import refuse_unsound

Seeds = NDArray[np.float64]  # (n, 2) degrees in EPSG:4490, longitude first


def unique(lnglat: Seeds) -> tuple[Seeds, NDArray[np.int64]]:
    """Return the seeds on the grid of `gridmap.tiling`, sorted, each once, and how often it stood.

    >>> seeds, counts = unique(np.array([[2.0, 1.0], [1.0, 1.0], [2.0, 1.0]]))
    >>> seeds.tolist(), counts.tolist()
    ([[1.0, 1.0], [2.0, 1.0]], [1, 2])
    """
    on_grid = np.round(np.asarray(lnglat, dtype=np.float64).reshape(-1, 2), tiling.GRID_DECIMALS)
    seeds, counts = np.unique(on_grid, axis=0, return_counts=True)
    return seeds, counts


def territories(polygon: BaseGeometry, seeds: Seeds) -> NDArray[np.object_]:
    """Return for each seed its part of the polygon (EPSG:4490), parts of one tiling.

    Parameters
    ----------
    polygon
        A street: holes and detached parts are normal.
    seeds
        Shape (n, 2), at least one, each once (see `unique`), inside the polygon or on its border.

    Raises
    ------
    TessellationError
        The shape is no valid polygon, there is no seed, or a seed stands outside or twice.
    """
    refuse_unsound(polygon)
    points = shapely.points(seeds)
    if not len(seeds) or not shapely.covers(polygon, points).all():
        raise TessellationError(why="it needs at least one seed, and every seed inside it")
    if len(np.unique(seeds, axis=0)) < len(seeds):
        raise TessellationError(why="a seed stands twice")
    parts = shapely.get_parts(tiling.snapped(polygon))
    # A seed on the border may be a hair outside after snapping, or touch two parts: the nearest.
    home = np.argmin(shapely.distance(parts[:, None], points[None, :]), axis=0)
    shapes: list[BaseGeometry] = []
    owners: list[int] = []
    for row, part in enumerate(parts):
        own = np.flatnonzero(home == row)
        if len(own):
            found, of = _divided(part, seeds[own])
            shapes += found
            owners += own[of].tolist()
        else:
            shapes.append(part)
            owners.append(int(np.argmin(shapely.distance(points, part))))
    return tiling.merged(np.array(shapes, dtype=object), np.array(owners), count=len(seeds))


def _divided(part: Polygon, seeds: Seeds) -> tuple[list[BaseGeometry], NDArray[np.int64]]:
    """Return the pieces of one connected part and for each the row of its seed."""
    if len(seeds) == 1:
        return [part], np.zeros(1, dtype=np.int64)
    nearest = shapely.intersection(_voronoi(part, seeds), part, grid_size=tiling.GRID_DEG)
    pieces, owners = shapely.get_parts(nearest, return_index=True)
    surface = shapely.get_dimensions(pieces) == 2  # noqa: PLR2004 - clipping may leave lines
    pieces, owners = tiling.exact(pieces[surface]), owners[surface]
    return list(pieces), _connected(pieces, owners, seeds)


def _voronoi(part: Polygon, seeds: Seeds) -> NDArray[np.object_]:
    """Return the ground nearest to each seed, in the order of the seeds."""
    scale = metres_per_degree(float(shapely.bounds(part)[[1, 3]].mean()))
    origin = seeds[0]  # near it doubles are exact to a nanometre
    cells = shapely.voronoi_polygons(
        shapely.MultiPoint((seeds - origin) * scale),
        extend_to=shapely.transform(part, lambda xy: (xy - origin) * scale),
        ordered=True,
    )
    found: NDArray[np.object_] = shapely.transform(
        shapely.get_parts(cells), lambda xy: xy / scale + origin
    )
    return found


def _connected(
    pieces: NDArray[np.object_], owners: NDArray[np.int64], seeds: Seeds
) -> NDArray[np.int64]:
    """Return the owners, ground cut off from its seed given to the neighbour it borders most."""
    settled = _main(pieces, owners, seeds)
    owners = owners.copy()
    ones, others, lines = tiling.common_lines(pieces)
    lengths = shapely.length(lines)
    while not settled.all():
        best: dict[int, tuple[float, int]] = {}
        for one, other, length in zip(ones, others, lengths, strict=True):
            for row, to in ((int(one), int(other)), (int(other), int(one))):
                if settled[to] and not settled[row]:
                    best[row] = max(best.get(row, (0.0, 0)), (float(length), -int(owners[to])))
        if not best:  # it meets the rest in points only, and stays with its seed as its exclave
            break
        for row, (_, owner) in best.items():
            owners[row] = -owner
            settled[row] = True
    return owners


def _main(
    pieces: NDArray[np.object_], owners: NDArray[np.int64], seeds: Seeds
) -> NDArray[np.bool_]:
    """Tell which piece of each seed it stands in: the largest where it stands in more."""
    away = shapely.distance(pieces, shapely.points(seeds[owners]))
    order = np.lexsort((-shapely.area(pieces), away, owners))
    first = np.ones(len(order), dtype=bool)
    first[1:] = owners[order][1:] != owners[order][:-1]
    main = np.zeros(len(order), dtype=bool)
    main[order[first]] = True
    return main
