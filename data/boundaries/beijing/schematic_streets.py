"""Schematic streets of one district from their published centres, extents and areas.

Ground goes to the street whose centre is nearest when distances are measured in that street's
own half width and half height, plus one handicap per street so that its area comes out as
published (an anisotropic power diagram). Its lines are conic sections, here traced on a mesh
and simplified. They are schematic: about three quarters of a street lie where the true one does.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from gridmap import tiling

MESH_POINTS = 60_000  # per district: 40 m apart in 东城, 250 m in 怀柔
# How much a street dislikes ground outside its published extent, per half extent beyond it.
OUTSIDE_PENALTY = 5.0
ROUNDS = 120  # of fitting the areas; the last ones move them by less than a tenth of a percent
STEP = 0.04  # tried: larger steps oscillate where one small street lies inside a large one


@dataclass(frozen=True)
class Street:
    """One line of streets.csv: WGS 84 degrees with four decimals."""

    code: str
    name: str
    lng: float
    lat: float
    west: float
    south: float
    east: float
    north: float
    area_km2: float


@dataclass(frozen=True)
class Mesh:
    """Points ``(rows, columns)`` on a square grid, and which of them the district covers."""

    lng: NDArray[np.float64]
    lat: NDArray[np.float64]
    inside: NDArray[np.bool_]
    spacing_deg: float


def divided(district: BaseGeometry, streets: Sequence[Street]) -> NDArray[np.object_]:
    """Return one polygon per street, in the given order: an exact tiling of the district."""
    mesh = _mesh(district)
    costs = _costs(streets, mesh.lng, mesh.lat)
    handicaps = _handicaps(costs[:, mesh.inside], np.array([one.area_km2 for one in streets]))
    fields = costs + handicaps[:, None, None]
    lines = shapely.intersection(_contours(mesh, fields), district)
    noded = shapely.union_all([shapely.boundary(district), lines], grid_size=tiling.GRID_DEG)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(noded)))
    middles = shapely.point_on_surface(faces)
    faces, middles = faces[held := shapely.intersects(district, middles)], middles[held]
    wanted = _costs(streets, shapely.get_x(middles), shapely.get_y(middles)) + handicaps[:, None]
    owners = _connected(faces, np.argmin(wanted, axis=0))
    shapes = _gathered(faces, owners, len(streets))
    return tiling.exact(
        shapely.coverage_simplify(shapes, tolerance=mesh.spacing_deg, simplify_boundary=False)
    )


def _mesh(district: BaseGeometry) -> Mesh:
    west, south, east, north = district.bounds
    squash = np.cos(np.radians((south + north) / 2))
    spacing = np.sqrt((east - west) * squash * (north - south) / MESH_POINTS)
    lng, lat = np.meshgrid(
        np.arange(west - spacing, east + 2 * spacing, spacing / squash),
        np.arange(south - spacing, north + 2 * spacing, spacing),
    )
    return Mesh(lng, lat, shapely.contains_xy(district, lng, lat), float(spacing))


def _costs(
    streets: Sequence[Street], lng: NDArray[np.float64], lat: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return ``(streets, *points)``: the squared scaled distance to each street's centre."""
    costs = []
    for one in streets:
        half_width, half_height = (one.east - one.west) / 2, (one.north - one.south) / 2
        scaled = np.hypot((lng - one.lng) / half_width, (lat - one.lat) / half_height)
        beyond = np.maximum(0, np.maximum(one.west - lng, lng - one.east)) / half_width
        beyond += np.maximum(0, np.maximum(one.south - lat, lat - one.north)) / half_height
        costs.append((scaled + OUTSIDE_PENALTY * beyond) ** 2)
    return np.array(costs)


def _handicaps(costs: NDArray[np.float64], areas: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what to add to each street's costs so that each gets about its published area."""
    wanted = areas / areas.sum()
    handicaps = np.zeros(len(areas))
    nothing = 1 / costs.shape[1]  # a street without any point still needs a finite step
    for turn in range(ROUNDS):
        owners = np.argmin(costs + handicaps[:, None], axis=0)
        shares = np.bincount(owners, minlength=len(areas)) / costs.shape[1]
        step = STEP * (1 - turn / ROUNDS) + STEP / 10
        handicaps += step * np.log((shares + nothing) / (wanted + nothing))
    return handicaps


def _contours(mesh: Mesh, fields: NDArray[np.float64]) -> BaseGeometry:
    """Return the lines between the cheapest streets, traced through the mesh's triangles."""
    owners = np.argmin(fields, axis=0).ravel()
    points = np.column_stack([mesh.lng.ravel(), mesh.lat.ravel()])
    flat = fields.reshape(len(fields), -1)
    triangles = _triangles(*mesh.lng.shape)
    split = [
        owners[triangles[:, a]] != owners[triangles[:, b]] for a, b in ((0, 1), (1, 2), (2, 0))
    ]
    mixed = triangles[np.logical_or.reduce(split)]
    segments: list[NDArray[np.float64]] = []
    for corners in mixed:
        crossings = [
            _crossing(points, flat, owners, *sorted((corners[a], corners[b])))
            for a, b in ((0, 1), (1, 2), (2, 0))
            if owners[corners[a]] != owners[corners[b]]
        ]
        if len(crossings) < 3:  # noqa: PLR2004 - two streets meet
            segments.append(np.array(crossings))
        else:  # three streets meet
            centre = np.mean(crossings, axis=0)
            segments.extend(np.array([crossing, centre]) for crossing in crossings)
    return shapely.multilinestrings([shapely.linestrings(one) for one in segments])


def _triangles(rows: int, columns: int) -> NDArray[np.int64]:
    """Return corner numbers of two triangles per mesh square."""
    at = np.arange(rows * columns).reshape(rows, columns)
    here, right, below, across = at[:-1, :-1], at[:-1, 1:], at[1:, :-1], at[1:, 1:]
    upper = np.stack([here, right, across], axis=-1).reshape(-1, 3)
    lower = np.stack([here, across, below], axis=-1).reshape(-1, 3)
    return np.concatenate([upper, lower])


def _crossing(
    points: NDArray[np.float64],
    fields: NDArray[np.float64],
    owners: NDArray[np.int64],
    start: int,
    end: int,
) -> NDArray[np.float64]:
    """Return where the two ends' streets cost the same, kept off the ends themselves."""
    one, other = owners[start], owners[end]
    at_start = fields[other, start] - fields[one, start]
    at_end = fields[one, end] - fields[other, end]
    part = float(np.clip(at_start / (at_start + at_end), 0.05, 0.95))
    return points[start] + part * (points[end] - points[start])


def _connected(faces: NDArray[np.object_], owners: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return owners such that each street is one piece, where the district is one.

    All but a street's largest face go, smallest first, to the neighbour with the longest shared
    line; a face without neighbours is an exclave of the district and keeps its street.
    """
    owners = owners.copy()
    sizes = shapely.area(faces)
    largest = {
        int(one): max(np.flatnonzero(owners == one), key=sizes.__getitem__) for one in set(owners)
    }
    one_side, other_side = shapely.STRtree(faces).query(faces, predicate="touches")
    shared = shapely.length(shapely.intersection(faces[one_side], faces[other_side]))
    strays = [row for row in np.argsort(sizes) if row != largest[int(owners[row])]]
    for row in strays:
        pairs = np.flatnonzero((one_side == row) & (shared > 0))
        if len(pairs):
            owners[row] = owners[other_side[pairs[np.argmax(shared[pairs])]]]
    return owners


def _gathered(
    faces: NDArray[np.object_], owners: NDArray[np.int64], count: int
) -> NDArray[np.object_]:
    if missing := sorted(set(range(count)) - set(owners.tolist())):
        raise ValueError(f"streets {missing} got no ground; lower STEP or raise MESH_POINTS")
    _, shapes = tiling.unions(faces, [f"{one:04d}" for one in owners])
    return shapes
