"""The index of one release: which areas cover a position, and what lies around it.

The border rule stands here and nowhere else: **borders are closed**. A position on a shared line
is in both areas; rows come in the order of the codes, so the deterministic first is the lowest.
Batches go through a grid (`gridmap.gridindex`), which leaves to the rule what it cannot settle.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from threading import Lock

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from gridmap.borderlines import Borderlines
from gridmap.boundary import Layer, Release
from gridmap.crossings import Crossings
from gridmap.errors import DateLineError
from gridmap.geo import LngLat
from gridmap.gridindex import GridIndex
from gridmap.gridtables import BATCH
from gridmap.level import Level
from gridmap.measure import MetricPlane
from gridmap.relation import GAP, INSIDE, ON_LINE, OVERLAP

Rows = NDArray[np.int64]

# A grid pays for its building in one batch from so many positions for each vertex of the layer,
# but not below some thousands; one that is built already, from `BUILT_GRID_FROM`
# (see docs/decisions/0004-the-point-index.md).
GRID_FROM_PER_VERTEX = 3
GRID_FROM = 10_000
BUILT_GRID_FROM = 30
_HALF_AROUND_DEG = 180.0
# So many boxes pay for sorting the borders by pixels (0.3 s for 40,000 cells).
CROSSINGS_FROM = 1_000


class LayerIndex:
    """Spatial look-ups in one level of a release.

    Nothing is prepared beforehand: GEOS fills a prepared geometry at its first use, which is not
    safe when two threads ask at once, and tree queries prepare the question anyway.
    """

    def __init__(self, layer: Layer, plane: MetricPlane) -> None:
        self.layer = layer
        self._plane = plane
        self._areas = shapely.STRtree(layer.geometries)
        self._grid: GridIndex | None = None
        self._building = Lock()

    def covering(self, lnglat: NDArray[np.float64]) -> tuple[Rows, Rows]:
        """Return pairs (position, row) of every area covering each of n positions.

        Parameters
        ----------
        lnglat
            Shape (n, 2), EPSG:4490 degrees.

        Returns
        -------
        positions, rows
            Equal length; sorted by position, then by area code. A position on a border stands
            with all the areas that share it; one in a gap, or not finite, not at all.
        """
        found, positions, rows = self._settled(lnglat)
        settled = np.flatnonzero(found >= 0)
        return _sorted(np.concatenate([settled, positions]), np.concatenate([found[settled], rows]))

    def locate(self, lnglat: NDArray[np.float64]) -> Rows:
        """Return for n positions the row of the lowest code that covers each; -1 for none."""
        found, positions, rows = self._settled(lnglat)
        found[positions[::-1]] = rows[::-1]  # the last one written is the first
        return found

    def related(self, lnglat: NDArray[np.float64]) -> tuple[Rows, NDArray[np.int8]]:
        """Return `locate`'s rows, and how each of the n positions lies to the level's areas.

        The relations are numbers of `gridmap.relation`: inside, on a line, overlap or gap.
        What is near a line takes a distance: see `gridmap.attribute`.
        """
        found, positions, rows = self._settled(lnglat)
        relations = self.relations(lnglat, (positions, rows))
        relations[found >= 0] = INSIDE
        found[positions[::-1]] = rows[::-1]
        return found, relations

    def relations(
        self, lnglat: NDArray[np.float64], covering: tuple[Rows, Rows]
    ) -> NDArray[np.int8]:
        """Return how each of n positions lies to the areas that cover it, given all such pairs."""
        positions, rows = covering
        relations = np.full(len(lnglat), GAP, dtype=np.int8)
        relations[positions] = INSIDE
        several = np.bincount(positions, minlength=len(lnglat))[positions] > 1
        positions, rows = positions[several], rows[several]
        relations[positions] = ON_LINE
        inner = shapely.contains_properly(
            self.layer.geometries[rows], shapely.points(lnglat[positions])
        )
        relations[positions[inner]] = OVERLAP
        return relations

    def _settled(self, lnglat: NDArray[np.float64]) -> tuple[Rows, Rows, Rows]:
        """Return the rows that the grid settles, and the rule's pairs (position, row) for the rest.

        The rows are -1 where the rule was asked; its pairs are sorted.
        """
        grid = self._grid_for(len(lnglat))
        if grid is None:
            return np.full(len(lnglat), -1), *self.covering_by_rule(lnglat)
        found, left_open = grid.settle(lnglat)
        asked, rows = self.covering_by_rule(lnglat[left_open])
        return found, left_open[asked], rows

    def covering_by_rule(self, lnglat: NDArray[np.float64]) -> tuple[Rows, Rows]:
        """Apply the border rule position by position.

        GEOS is exact here; for a point, `intersects` and `covers` are the same.
        """
        finite = np.flatnonzero(np.isfinite(lnglat).all(axis=1))
        points = shapely.points(lnglat[finite])
        positions, rows = self._areas.query(points, predicate="intersects")
        return _sorted(finite[positions], rows)

    def grid(self) -> GridIndex:
        """Return the grid that settles batches; built at the first call."""
        with self._building:
            if self._grid is None:
                self._grid = GridIndex.build(self.layer, self.covering_by_rule)
            return self._grid

    def prepare(self, count: int) -> None:
        """Build the grid now, where it pays for that many positions in several batches."""
        self._grid_for(count)

    def use(self, grid: GridIndex) -> None:
        """Settle batches by a grid that was loaded from a file."""
        self._grid = grid

    def _grid_for(self, count: int) -> GridIndex | None:
        if self._grid is not None:
            return self._grid if count >= BUILT_GRID_FROM else None
        return self.grid() if count >= self._pays_from else None

    @cached_property
    def _pays_from(self) -> int:
        vertices = int(shapely.get_num_coordinates(self.layer.geometries).sum())
        return max(GRID_FROM, GRID_FROM_PER_VERTEX * vertices)

    def meeting(self, geometry: BaseGeometry) -> Rows:
        """Return the rows of the areas that share at least one point with a geometry."""
        return np.sort(self._areas.query(geometry, predicate="intersects"))

    def meetings(self, geometries: NDArray[np.object_]) -> tuple[Rows, Rows]:
        """Return pairs (position, row), sorted, of n geometries and the areas that meet each."""
        return _sorted(*self._areas.query(geometries, predicate="intersects"))

    def crossed(self, boxes: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Tell of n closed boxes (west, south, east, north) whether a border may touch them.

        All of a box that none touches lies in the same areas. A few boxes are not worth the look
        and count as touched.
        """
        if len(boxes) < CROSSINGS_FROM or self._crossings is None:
            return np.ones(len(boxes), dtype=bool)
        return self._crossings.touch(boxes)

    @cached_property
    def invalid(self) -> Rows:
        """The rows of areas that are no valid polygons, by which nothing can be cut."""
        return np.flatnonzero(~shapely.is_valid(self.layer.geometries))

    def may_overlap(self, rows: Rows) -> NDArray[np.bool_]:
        """Tell of areas whether another may claim some of their ground.

        Of two that overlap it is a yes for one at least. A few areas are not worth the look.
        """
        if len(rows) < CROSSINGS_FROM:
            return np.ones(len(rows), dtype=bool)
        suspects: NDArray[np.bool_] = self._suspects[rows]
        return suspects

    @cached_property
    def _suspects(self) -> NDArray[np.bool_]:
        """The areas that are invalid, or whose lines do not fit their neighbours'."""
        areas = self.layer.geometries
        suspects = np.zeros(len(areas), dtype=bool)
        suspects[self.invalid] = True
        sound = np.flatnonzero(~suspects)
        suspects[sound] = ~shapely.is_empty(shapely.coverage_invalid_edges(areas[sound]))
        return suspects

    @cached_property
    def _crossings(self) -> Crossings | None:
        return Crossings.build(self.layer.geometries)

    @cached_property
    def borderlines(self) -> Borderlines:
        """The level's borders in the release's plane: what is near, and how far."""
        return Borderlines(self.layer.geometries, self._plane)


@dataclass(frozen=True)
class Located:
    """Answers for positions, as parallel arrays of length k: one or several for each position."""

    positions: Rows  # which of the n positions an answer is for
    rows: Mapping[Level, Rows]  # the area at each level; -1 for none
    relations: NDArray[
        np.int8
    ]  # to the areas of the finest level, numbers in `gridmap.relation.RELATIONS`

    @staticmethod
    def nowhere(positions: Rows, levels: Sequence[Level]) -> "Located":
        """Return answers that name no area, to be filled in."""
        rows = {level: np.full(len(positions), -1) for level in levels}
        return Located(positions, rows, np.full(len(positions), GAP, dtype=np.int8))

    def part(self, start: int, end: int) -> "Located":
        """Return the answers from one number to another, to be filled in; positions from 0."""
        rows = {level: found[start:end] for level, found in self.rows.items()}
        relations = self.relations[start:end]
        return Located(np.arange(len(relations)), rows, relations)


class ReleaseIndex:
    """All levels of one release, ready for look-ups; immutable, shared between threads.

    Another process that is sent an index builds its own from the release; grids that were saved
    are mapped there again (`load_grid`).

    Raises
    ------
    DateLineError
        The release lies on both sides of the 180th meridian.
    """

    def __reduce__(self) -> tuple[type["ReleaseIndex"], tuple[Release]]:
        return ReleaseIndex, (self.release,)

    def __init__(self, release: Release) -> None:
        self.release = release
        bounds = release.bounds
        if bounds.east - bounds.west > _HALF_AROUND_DEG:
            raise DateLineError(release=release.id)
        centre = LngLat((bounds.west + bounds.east) / 2, (bounds.south + bounds.north) / 2)
        self.plane = MetricPlane(centre)
        self.layers = {
            level: LayerIndex(release.layers[level], self.plane) for level in release.levels
        }

    def warm(self) -> "ReleaseIndex":
        """Build everything that is otherwise built at the first question; return self."""
        for layer in self.layers.values():
            _ = layer.borderlines
        return self

    def locate(self, lnglat: NDArray[np.float64], *, level: Level) -> Rows:
        """Return for n positions the row of the lowest code that covers each; -1 for none."""
        return self.layers[level].locate(lnglat)

    def located(self, lnglat: NDArray[np.float64]) -> "Located":
        """Return one answer for each of n positions: its finest area and the ancestors of that.

        On a line it is the area of the lowest code. Where the finest level has a gap, the next
        coarser one answers, and the relation says so.

        See Also
        --------
        covering : every finest area, also the other ones on a line.
        attribute : shares, probabilities and distances, for one place.
        """
        answers = Located.nowhere(np.arange(len(lnglat)), self.release.levels)
        self.layers[self.release.levels[-1]].prepare(len(lnglat))
        for start in range(0, len(lnglat), BATCH):
            self._locate(lnglat[start : start + BATCH], answers.part(start, start + BATCH))
        return answers

    def _locate(self, lnglat: NDArray[np.float64], answers: "Located") -> None:
        """Put in the answers of one batch, small enough for the caches."""
        waiting: Rows | slice = slice(None)
        for level, layer in reversed(self.layers.items()):
            rows, relations = layer.related(lnglat[waiting])
            answers.rows[level][waiting] = rows
            if level is self.release.levels[-1]:
                answers.relations[:] = relations
            waiting = np.flatnonzero(rows < 0) if isinstance(waiting, slice) else waiting[rows < 0]
            if not len(waiting):
                break
        self._add_ancestors(answers, lnglat)

    def covering(self, lnglat: NDArray[np.float64]) -> "Located":
        """Return every finest area that covers each of n positions, and the ancestors of each.

        A position on a line stands once for every area that shares it, in the order of the
        codes; one that no level covers stands once, with -1 everywhere.

        See Also
        --------
        located : the first of them only, and faster.
        """
        found: list[tuple[Level, Rows, Rows]] = []
        waiting = np.arange(len(lnglat))
        for level, layer in reversed(self.layers.items()):
            at, rows = layer.covering(lnglat[waiting])
            found.append((level, waiting[at], rows))
            waiting = np.delete(waiting, at)
        positions = np.concatenate([*(at for _, at, _ in found), waiting])
        order = np.argsort(positions, kind="stable")
        place = np.argsort(order)  # of each answer among all of them
        answers = Located.nowhere(positions[order], self.release.levels)
        start = 0
        for level, _, rows in found:
            answers.rows[level][place[start : start + len(rows)]] = rows
            start += len(rows)
        _, relations = self.layers[self.release.levels[-1]].related(lnglat)
        answers.relations[:] = relations[answers.positions]
        self._add_ancestors(answers, lnglat)
        return answers

    def _add_ancestors(self, answers: "Located", lnglat: NDArray[np.float64]) -> None:
        """Fill in the levels above those that answered; an orphan's are those that cover it."""
        for level, parents in reversed(self._parents.items()):
            rows, above = answers.rows[level], answers.rows[self._above[level]]
            found = parents[rows]  # -1 is the last one
            np.copyto(above, found, where=rows >= 0)
            orphans = np.flatnonzero((rows >= 0) & (found < 0))
            if len(orphans):
                where = lnglat[answers.positions[orphans]]
                above[orphans] = self.layers[self._above[level]].locate(where)

    @cached_property
    def _above(self) -> dict[Level, Level]:
        """The next coarser level of each level that has one."""
        return {level: above for above, level in pairwise(self.release.levels)}

    @cached_property
    def _parents(self) -> dict[Level, Rows]:
        """The row of each area's parent in the next coarser level, -1 without any; then a -1."""
        layers = self.release.layers
        return {
            level: np.append(layers[above].rows(layers[level].parents), -1)
            for level, above in self._above.items()
        }

    def save_grid(self, path: str | os.PathLike[str], *, level: Level) -> None:
        """Write the grid of a level to a file, for `load_grid`; build it where it is not yet."""
        self.layers[level].grid().save(path, release=self.release.id)

    def load_grid(self, path: str | os.PathLike[str], *, level: Level) -> None:
        """Settle batches of a level by the grid in a file, shared with other processes.

        Raises
        ------
        StaleGridError
            The file belongs to another release or layer, or is not a whole grid.
        """
        layer = self.layers[level]
        layer.use(GridIndex.load(path, layer.layer, release=self.release.id))


def _sorted(positions: Rows, rows: Rows) -> tuple[Rows, Rows]:
    order = np.lexsort((rows, positions))
    return positions[order], rows[order]
