"""The faces that the lines of all levels draw together, and who owns each at one level.

Where every face has one owner, and the owner's parent owns it one level up, a release is a
tiling. `Ownership.settle` makes narrow exceptions so; wide ones are not its to decide.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from gridmap import measure, tiling

Rows = NDArray[np.int64]
NOBODY, SEVERAL = -1, -2


@dataclass(frozen=True)
class Patchwork:
    """All faces, as an array of polygons without overlap that share their vertices."""

    faces: NDArray[np.object_]
    tree: shapely.STRtree
    inside: NDArray[np.object_]  # a point inside each face

    @staticmethod
    def of(shapes: NDArray[np.object_]) -> "Patchwork":
        """Return the faces between the lines of valid polygons, of all levels together.

        Raises
        ------
        TilingError
            The lines do not come to rest on the grid.
        """
        lines = tiling.noded(shapes)
        faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(lines)))
        return Patchwork(faces, shapely.STRtree(faces), _inside(faces))

    def owners(self, shapes: NDArray[np.object_]) -> list[tuple[int, ...]]:
        """Return for each face the rows of the polygons it lies in, ascending."""
        faces, rows = shapely.STRtree(shapes).query(self.inside, predicate="intersects")
        found: list[tuple[int, ...]] = [()] * len(self.faces)
        for face, row in sorted(zip(faces.tolist(), rows.tolist(), strict=True)):
            found[face] += (row,)
        return found

    def borders_m(self, ground: BaseGeometry) -> Iterator[tuple[int, float]]:
        """Yield each face that shares a line with a surface, and the line's length in metres."""
        near = np.sort(self.tree.query(ground, predicate="touches"))
        common = shapely.intersection(self.faces[near], ground)
        for face, line in zip(near.tolist(), common, strict=True):
            if (length_m := measure.length_m(line)) > 0:
                yield face, length_m

    def within(self, ground: BaseGeometry) -> Rows:
        """Return the faces that lie in a surface."""
        candidates = self.tree.query(ground, predicate="intersects")
        lies = shapely.intersects(self.inside[candidates], ground)
        return np.sort(candidates[lies])

    def merged(self, owners: Sequence[tuple[int, ...]], *, count: int) -> NDArray[np.object_]:
        """Return for each of ``count`` rows the union of its faces, ``None`` without any."""
        faces = np.array([face for face, rows in enumerate(owners) for _ in rows], dtype=np.int64)
        rows = np.array([row for one in owners for row in one], dtype=np.int64)
        order = np.argsort(rows, kind="stable")
        starts = np.searchsorted(rows[order], np.arange(count + 1))
        found = np.full(count, None, dtype=object)
        for row in range(count):
            own = self.faces[faces[order[starts[row] : starts[row + 1]]]]
            if len(own):
                found[row] = own[0] if len(own) == 1 else shapely.coverage_union_all(own)
        normal: NDArray[np.object_] = shapely.normalize(found)
        return normal


@dataclass(frozen=True)
class Closed:
    """A narrow piece of ground that got another owner: the rows that had it, the one that has.

    ``has`` is `NOBODY` where it was taken away.
    """

    ground: BaseGeometry
    had: tuple[int, ...]
    has: int


class Ownership:
    """Who owns each face at one level, made definite where the doubt is narrow.

    Parameters
    ----------
    owners
        Per face the rows of the level that it lies in.
    parents
        Per row of the level the row of its parent, -1 for none.
    above
        Per face the row that owns it one level up, `NOBODY` or `SEVERAL`; ``None`` at the top,
        where only what areas enclose between them can be a gap.
    """

    def __init__(
        self,
        patchwork: Patchwork,
        owners: list[tuple[int, ...]],
        *,
        parents: Rows,
        above: Rows | None,
    ) -> None:
        self.patchwork = patchwork
        self.owners = owners
        self._parents = parents
        self._above = above
        self._counts = Counter(row for rows in owners for row in rows)
        self._doubtful = {face for face in range(len(owners)) if self._is_doubtful(face)}

    def rows(self) -> Rows:
        """Return per face the one row that owns it, `NOBODY` or `SEVERAL`."""
        found = [rows[0] if len(rows) == 1 else SEVERAL if rows else NOBODY for rows in self.owners]
        return np.array(found, dtype=np.int64)

    def settle(self, *, width_m: float) -> list[Closed]:
        """Give every doubtful piece narrower than ``width_m`` to one area; return the changes.

        It goes to the area with the longest common line: an overlap to one of those that had it,
        and what nobody had to a neighbour; only children of the area that owns it one level up
        count, and the lower row wins a tie. Ground that no area owns one level up is taken away.
        No area loses its last undoubted face. What only borders on doubtful ground waits until
        that is settled.
        """
        changes: list[Closed] = []
        while done := self._settle_once(width_m):
            changes += done
        return changes

    def _settle_once(self, width_m: float) -> list[Closed]:
        groups: dict[tuple[tuple[int, ...], int], list[int]] = {}
        for face in sorted(self._doubtful):
            groups.setdefault((self.owners[face], self._superior(face)), []).append(face)
        changes: list[Closed] = []
        for (had, superior), faces in sorted(groups.items()):
            whole = shapely.coverage_union_all(self.patchwork.faces[faces])
            for ground in shapely.get_parts(whole):
                if measure.width_m(ground) < width_m:
                    changes += self._give(ground, had, superior)
        return changes

    def give_away(self, ground: BaseGeometry, row: int) -> list[Closed]:
        """Give a separate part of an area to its neighbour with the longest common line."""
        faces = [
            one for one in self.patchwork.within(ground).tolist() if self.owners[one] == (row,)
        ]
        if not faces or len(faces) == self._counts[row]:
            return []
        return self._give(ground, (row,), self._superior(faces[0]))

    def _give(self, ground: BaseGeometry, had: tuple[int, ...], superior: int) -> list[Closed]:
        faces = [one for one in self.patchwork.within(ground).tolist() if self.owners[one] == had]
        if any(self._counts[row] <= len(faces) for row in had):
            return []
        has = self._taker(ground, had, superior)
        if has is None:
            return []
        for face in faces:
            self._counts.subtract(had)
            self.owners[face] = () if has == NOBODY else (has,)
            self._counts.update(self.owners[face])
        self._doubtful.difference_update(faces)
        return [Closed(ground, had, has)]

    def _taker(self, ground: BaseGeometry, had: tuple[int, ...], superior: int) -> int | None:
        if self._above is not None and superior == NOBODY:
            return NOBODY
        lengths_m: dict[int, float] = {}
        for face, length_m in self.patchwork.borders_m(ground):
            for row in self.owners[face] if face not in self._doubtful else ():
                if superior < 0 or self._parents[row] == superior:
                    lengths_m[row] = lengths_m.get(row, 0.0) + length_m
        # An overlap is for those that had it, unless all of them are strangers to the parent.
        rightful = [row for row in had if superior < 0 or self._parents[row] == superior]
        if len(had) > 1 and rightful:
            candidates = [row for row in rightful if row in lengths_m]
        else:
            candidates = [row for row in lengths_m if row not in had]
        return min(candidates, key=lambda row: (-lengths_m[row], row), default=None)

    def _is_doubtful(self, face: int) -> bool:
        rows, superior = self.owners[face], self._superior(face)
        if not rows:
            return superior != NOBODY if self._above is not None else len(self._parents) > 1
        if len(rows) > 1:
            return True
        parent = self._parents[rows[0]]
        return self._above is not None and parent >= 0 and superior not in {parent, SEVERAL}

    def _superior(self, face: int) -> int:
        return NOBODY if self._above is None else int(self._above[face])


def _inside(faces: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return a point inside each face, and not in a spike of it that is thinner than the grid."""
    points = np.asarray(shapely.point_on_surface(faces), dtype=object)
    margins = shapely.distance(shapely.boundary(faces), points)
    spiked = (tiling.widths(faces) >= tiling.SLIVER_WIDTH_DEG) & (margins < tiling.SLIVER_WIDTH_DEG)
    radii = shapely.maximum_inscribed_circle(faces[spiked], tolerance=tiling.GRID_DEG)
    points[spiked] = shapely.get_point(radii, 0)
    return points
