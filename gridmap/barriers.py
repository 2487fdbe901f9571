"""Lines that no cell may cross (roads, rivers), and the blocks into which they cut a polygon.

Lines come as people draw them: they stop short of each other, run past each other, end in the
middle of nowhere. A line that stops short by less than the policy's ``closing_m`` is closed; a
longer dead end is carried on straight until it meets something, so that cells lie on either side
of it and not across; a dead end below ``stub_m`` is left out. The lines added here are no
barriers: small blocks may join across them.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from math import dist

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from gridmap import tiling
from gridmap.cell_policy import CellPolicy
from gridmap.errors import TessellationError
from gridmap.measure import local_metres, metres_per_degree

Lines = NDArray[np.object_]

# Metres and square metres that differ by less are equal: processors round differently, and the
# same lines shall give the same cells on all of them.
TIE_DECIMALS = 3
# Noding moves a line by at most the grid; what is this near is the same line.
_SAME_DEG = 3 * tiling.GRID_DEG


@dataclass(frozen=True)
class Barriers:
    """Lines in EPSG:4490 on the grid of `gridmap.tiling`, whatever order they were given in."""

    lines: Lines

    @staticmethod
    def build(geometries: Iterable[BaseGeometry]) -> "Barriers":
        """Return the barriers of lines and multilines; what is shorter than the grid is dropped.

        Raises
        ------
        TessellationError
            Something is no line.
        """
        parts = shapely.get_parts(np.array(list(geometries), dtype=object))
        if (other := shapely.get_dimensions(parts) != 1).any():
            kind = parts[int(np.argmax(other))].geom_type
            raise TessellationError(why=f"barriers are lines, and one is a {kind}")
        lines = shapely.normalize(shapely.get_parts(tiling.snapped(shapely.force_2d(parts))))
        lines = lines[~shapely.is_empty(lines)]
        texts, first = np.unique(shapely.to_wkb(lines, hex=True).astype(str), return_index=True)
        return Barriers(lines[first] if len(texts) else lines)

    @cached_property
    def _tree(self) -> shapely.STRtree:
        return shapely.STRtree(self.lines)

    def outside(self, ground: Iterable[BaseGeometry]) -> Lines:
        """Return the lines that meet none of the polygons."""
        _, rows = self._tree.query(np.array(list(ground), dtype=object), predicate="intersects")
        return np.delete(self.lines, np.unique(rows))

    def inside(self, ground: BaseGeometry) -> Lines:
        """Return the lines inside a polygon (on the grid), noded, in chains between their nodes."""
        rows = np.sort(self._tree.query(ground, predicate="intersects"))
        clipped = shapely.intersection(self.lines[rows], ground, grid_size=tiling.GRID_DEG)
        return _chains(clipped)


@dataclass(frozen=True)
class Blocks:
    """What barriers leave of a polygon: ``shapes`` without holes in their lines, row by row.

    ``barriers`` are the true lines inside the polygon; ``stubs`` those of them that were too
    short to divide anything.
    """

    shapes: NDArray[np.object_]
    barriers: Lines
    stubs: Lines


def blocks(polygon: BaseGeometry, barriers: Barriers, *, policy: CellPolicy) -> Blocks:
    """Cut a polygon (EPSG:4490) along the barriers inside it.

    Without barriers inside, the blocks are its parts. Slivers of the grid's width between two
    drawings of one line are left out; `gridmap.tiling.exact` gives them to a neighbour.
    """
    ground = tiling.snapped(polygon)
    drawn = barriers.inside(ground)
    if not len(drawn):
        return Blocks(shapely.get_parts(ground), drawn, drawn)
    lines = _Linework(ground, policy)
    kept, stubs = lines.without_stubs(drawn)
    faces = lines.faces(np.concatenate([kept, lines.continued(kept)]))
    return Blocks(faces, drawn, stubs)


@dataclass(frozen=True)
class _Linework:
    """Lines inside one polygon; lengths are taken in its own local metres."""

    ground: BaseGeometry
    policy: CellPolicy

    @cached_property
    def outline(self) -> BaseGeometry:
        return shapely.boundary(self.ground)

    def flat(self, geometry: BaseGeometry) -> BaseGeometry:
        return local_metres(geometry, self._middle_deg)

    @cached_property
    def _middle_deg(self) -> float:
        return float(shapely.bounds(self.ground)[[1, 3]].mean())

    def without_stubs(self, chains: Lines) -> tuple[Lines, Lines]:
        """Return the chains without short dead ends, and those; a fork of two is one, too."""
        stubs: list[Lines] = []
        while True:
            rows, _ = self._loose_ends(chains)
            short = np.zeros(len(chains), dtype=bool)
            short[rows] = shapely.length(self.flat(chains[rows])) < self.policy.stub_m
            short &= ~self._reaches(chains)
            if not short.any():
                return chains, np.concatenate([np.empty(0, dtype=object), *stubs])
            stubs.append(chains[short])
            chains = _chains(chains[~short])

    def _reaches(self, chains: Lines) -> NDArray[np.bool_]:
        """Tell which chains have a loose end that something else is near enough to close."""
        reaches = np.zeros(len(chains), dtype=bool)
        loose, ends = self._loose_ends(chains)
        for row, end in zip(loose, ends, strict=True):
            reaches[row] |= self._closing(chains, int(row), end) is not None
        return reaches

    def continued(self, chains: Lines) -> Lines:
        """Return for each loose end a line that takes it to the next line or the outline."""
        everything = shapely.union_all([*chains, self.outline])
        added = [
            self._closing(chains, int(row), end) or self._carried_on(chains[row], end, everything)
            for row, end in zip(*self._loose_ends(chains), strict=True)
        ]
        return np.array([line for line in added if line is not None], dtype=object)

    def _loose_ends(self, chains: Lines) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return (row of the chain, position) of every end that meets nothing."""
        ends = np.array([line.coords[at] for line in chains for at in (0, -1)]).reshape(-1, 2)
        rows = np.repeat(np.arange(len(chains)), 2)
        _, which, counts = np.unique(ends, axis=0, return_inverse=True, return_counts=True)
        alone = counts[which.reshape(-1)] == 1
        alone &= shapely.distance(shapely.points(ends), self.outline) > _SAME_DEG
        return rows[alone], ends[alone]

    def _closing(self, chains: Lines, row: int, end: NDArray[np.float64]) -> LineString | None:
        """Return the shortest line from a loose end to another chain or the outline, if short.

        What begins where this chain begins is none: an end that ran past a line is not led back.
        """
        met = shapely.intersects(chains, shapely.boundary(chains[row]))
        others = np.append(chains[~met], self.outline)
        gaps = shapely.shortest_line(self.flat(shapely.Point(end)), self.flat(others))
        lengths_m = shapely.length(gaps).round(TIE_DECIMALS)
        nearest = int(np.argmin(lengths_m))
        if not 0 < lengths_m[nearest] <= self.policy.closing_m:
            return None
        target = shapely.get_coordinates(gaps[nearest])[1] / metres_per_degree(self._middle_deg)
        return _segment(end, target)

    def _carried_on(
        self, chain: LineString, end: NDArray[np.float64], everything: BaseGeometry
    ) -> LineString | None:
        """Return the straight line from a loose end to the first thing ahead of it."""
        xy = shapely.get_coordinates(chain)
        before = xy[-2] if (xy[-1] == end).all() else xy[1]
        ahead = (end - before) / dist(end, before)
        west, south, east, north = shapely.bounds(self.ground)
        ray = LineString([end, end + ahead * dist((west, south), (east, north))])
        met = shapely.get_coordinates(shapely.intersection(ray, everything))
        away = np.sqrt(((met - end) ** 2).sum(axis=1))
        beyond = away > _SAME_DEG
        return _segment(end, met[beyond][int(np.argmin(away[beyond]))]) if beyond.any() else None

    def faces(self, lines: Lines) -> NDArray[np.object_]:
        """Return the polygons between the lines and the outline, as wide as the grid at least.

        A line that leads from the outline to a hole, or to a ring of lines, has the same face on
        both sides: a cut through the hole makes two of it.
        """
        while True:
            noded = shapely.get_parts(tiling.noded_lines(np.append(lines, self.outline)))
            faces, bridges, _, _ = (
                shapely.get_parts(found) for found in shapely.polygonize_full(noded)
            )
            inside = shapely.intersects(self.ground, shapely.point_on_surface(faces))
            faces = faces[inside & (tiling.widths(faces) >= tiling.SLIVER_WIDTH_DEG)]
            cuts = list(_cuts(faces, bridges))
            if not cuts:
                return np.asarray(shapely.normalize(faces), dtype=object)
            lines = np.append(lines, cuts)


def _cuts(faces: NDArray[np.object_], bridges: Lines) -> Iterator[BaseGeometry]:
    """Yield a line through the first hole of every face that has a bridge."""
    if not len(bridges):
        return
    middles = shapely.line_interpolate_point(bridges, 0.5, normalized=True)
    _, rows = shapely.STRtree(faces).query(middles, predicate="intersects")
    for face in faces[np.unique(rows)]:
        if len(face.interiors):
            yield from shapely.get_parts(
                shapely.intersection(_across(face), face, grid_size=tiling.GRID_DEG)
            )


def _across(face: Polygon) -> LineString:
    west, south, east, north = face.bounds
    middle = face.interiors[0].envelope.centroid
    if east - west > north - south:
        return LineString([(middle.x, south), (middle.x, north)])
    return LineString([(west, middle.y), (east, middle.y)])


def _chains(lines: Lines) -> Lines:
    """Return lines that meet only in their ends, as long as they go without a node."""
    if not len(lines):
        return lines
    noded = tiling.noded_lines(lines)
    chains = shapely.get_parts(shapely.line_merge(noded))
    chains = shapely.normalize(chains[shapely.get_dimensions(chains) == 1])
    order = np.argsort(shapely.to_wkb(chains, hex=True).astype(str), kind="stable")
    found: Lines = chains[order]
    return found


def _segment(start: NDArray[np.float64], end: NDArray[np.float64]) -> LineString:
    return LineString([start, np.round(end, tiling.GRID_DECIMALS)])
