"""What changed between two releases: areas, names, parents, and the ground that changed hands.

Areas are compared by code; where a code is only in one release, by their ground. Every square
metre whose codes are others in the new release is in exactly one change, whatever the word for it
is; what is below the smallest ground is not told.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from gridmap.boundary import Layer, Release
from gridmap.level import Level
from gridmap.measure import area_m2, areas_m2
from gridmap.surface import sound, surface

# Below a square metre no part counts anywhere in gridmap.
SMALLEST_M2 = 1.0

# An area is the same one under another code when that much of each is the other's ground, and it
# comes from another when most of it does. Two drawings of one street agree to some per cent.
SAME_GROUND, MOST = 0.9, 0.5


class Kind(StrEnum):
    """What happened to an area, or to two."""

    ADDED = "added"  # a code that is new, on ground of nobody or of several
    REMOVED = "removed"  # a code that is gone, its ground with nobody or several
    RENAMED = "renamed"
    RECODED = "recoded"  # the same ground under another code
    REPARENTED = "reparented"  # the same code under another parent
    SPLIT = "split"  # one area became several, one of which may keep the code
    MERGED = "merged"  # several became one, which may keep the code of one
    MOVED = "moved"  # ground changed hands between two areas, or to or from nobody
    OVERLAPPED = "overlapped"  # ground that several had or have, and others than before


_SAYS = {
    Kind.ADDED: "{level} {after} is new",
    Kind.REMOVED: "{level} {before} is gone",
    Kind.RENAMED: "{level} {after} is called {detail}",
    Kind.RECODED: "{level} {before} has the code {after}",
    Kind.REPARENTED: "{level} {after} belongs to {detail}",
    Kind.SPLIT: "{level} {before} was split into {after}",
    Kind.MERGED: "{level} {before} were merged into {after}",
    Kind.MOVED: "{level}: ground of {before} belongs to {after}",
    Kind.OVERLAPPED: "{level}: ground of {before} is now of {after} (several named overlap)",
}


@dataclass(frozen=True)
class Change:
    """One difference: codes before and after, and the ground concerned with its true size.

    ``moved_m2`` is the ground whose code is another one now, what was recoded included; 0 for
    names and parents. Before is empty for what came from nobody, after for what went to nobody.
    """

    kind: Kind
    level: Level
    before: tuple[str, ...]
    after: tuple[str, ...]
    moved_m2: float
    geometry: BaseGeometry
    detail: str = ""

    def __str__(self) -> str:
        says = _SAYS[self.kind].format(
            level=self.level,
            before=", ".join(self.before) or "nobody",
            after=", ".join(self.after) or "nobody",
            detail=self.detail,
        )
        return f"{says}, {self.moved_m2:,.1f} m²" if self.moved_m2 else says

    def as_dict(self) -> dict[str, Any]:
        """Return everything but the geometry, ready for JSON."""
        return {
            "kind": self.kind,
            "level": self.level,
            "before": list(self.before),
            "after": list(self.after),
            "moved_m2": self.moved_m2,
            "message": str(self),
        }


def difference(
    old: Release, new: Release, *, smallest_m2: float = SMALLEST_M2
) -> tuple[Change, ...]:
    """Return what changed from one release to another, coarsest level first, then by kind.

    A level that only one of them has is as if the other had no areas there. Ground below
    ``smallest_m2`` is not told. Two releases with the same areas and lines have no difference,
    whatever their ids, sources and dates.

    Where an area was recoded, split or merged, that is one change, and its ground is not told
    again as moved; between all others moved ground is told for each pair of areas. Ground that
    several areas have in one of the releases, and others than in the other one, is told as
    overlapped, once for all that had and all that have it, and in no other change: what was
    recoded or split leaves it out.
    """
    changes: list[Change] = []
    for level in Level:
        if level in old.layers or level in new.layers:
            both = _Levels(level, old.layers.get(level), new.layers.get(level))
            changes += both.changes(smallest_m2)
    return tuple(changes)


_Holders = tuple[tuple[str, ...], tuple[str, ...]]  # the codes before, and those after


@dataclass(frozen=True)
class _Move:
    """Ground of one area that is another's now; "" for nobody."""

    before: str
    after: str
    ground: BaseGeometry
    size_m2: float


@dataclass
class _Areas:
    """One level of one release: what the areas are, by code."""

    shapes: dict[str, BaseGeometry]
    names: dict[str, str]
    parents: dict[str, str]
    sizes_m2: dict[str, float]

    @staticmethod
    def of(layer: Layer | None) -> "_Areas":
        if layer is None:
            return _Areas({}, {}, {}, {})
        codes, shapes = layer.codes.tolist(), sound(layer.geometries)
        return _Areas(
            dict(zip(codes, shapes, strict=True)),
            dict(zip(codes, layer.names.tolist(), strict=True)),
            dict(zip(codes, layer.parents.tolist(), strict=True)),
            dict(zip(codes, areas_m2(shapes).tolist(), strict=True)),
        )


class _Levels:
    """The same level of two releases."""

    def __init__(self, level: Level, old: Layer | None, new: Layer | None) -> None:
        self.level = level
        self.old, self.new = _Areas.of(old), _Areas.of(new)
        self.common = sorted(self.old.shapes.keys() & self.new.shapes.keys())
        self.gone = sorted(self.old.shapes.keys() - self.new.shapes.keys())
        self.fresh = sorted(self.new.shapes.keys() - self.old.shapes.keys())
        lost, gained = self._lost_and_gained()
        contested = self._contested(lost, gained)
        self.moves = {(one.before, one.after): one for one in _moves(lost, gained)}
        self.flows_m2 = self._flows_m2(lost)
        self.overlaps = _by_holders(contested, self.old.shapes, self.new.shapes)
        if not contested.is_empty:
            lost, gained = _all_without(lost, contested), _all_without(gained, contested)
            self.moves = {(one.before, one.after): one for one in _moves(lost, gained)}
        self._explained: set[tuple[str, str]] = set()

    def changes(self, smallest_m2: float) -> list[Change]:
        told = [*self._recoded(), *self._split(), *self._merged()]
        told += self._alone(told)
        told += [
            self._change(Kind.MOVED, (move.before,), (move.after,))
            for pair, move in self.moves.items()
            if pair not in self._explained and move.size_m2 >= smallest_m2
        ]
        told += self._overlapped(smallest_m2)
        told += self._labels()
        return sorted(told, key=lambda one: (list(Kind).index(one.kind), one.before, one.after))

    # --- ground -------------------------------------------------------------------------------

    def _lost_and_gained(self) -> tuple[dict[str, BaseGeometry], dict[str, BaseGeometry]]:
        old = np.array([self.old.shapes[code] for code in self.common], dtype=object)
        new = np.array([self.new.shapes[code] for code in self.common], dtype=object)
        same = shapely.equals_exact(shapely.normalize(old), shapely.normalize(new))
        lost = {code: self.old.shapes[code] for code in self.gone}
        gained = {code: self.new.shapes[code] for code in self.fresh}
        for row in np.flatnonzero(~same).tolist():
            code = self.common[row]
            lost[code] = surface(shapely.difference(old[row], new[row]))
            gained[code] = surface(shapely.difference(new[row], old[row]))
        return lost, gained

    def _contested(
        self, lost: dict[str, BaseGeometry], gained: dict[str, BaseGeometry]
    ) -> BaseGeometry:
        """Return the ground that several areas have, before or after, and others than before."""
        several = [*_overlaps(self.old.shapes.values()), *_overlaps(self.new.shapes.values())]
        if not several:
            return shapely.MultiPolygon()
        changed = shapely.union_all([*lost.values(), *gained.values()])
        return surface(shapely.intersection(shapely.union_all(several), changed))

    def _flows_m2(self, lost: dict[str, BaseGeometry]) -> dict[tuple[str, str], float]:
        """Return how much of each old area is in each new one, what it kept included."""
        flows = {pair: move.size_m2 for pair, move in self.moves.items() if all(pair)}
        for code in self.common:
            lost_m2 = area_m2(lost[code]) if code in lost else 0.0
            flows[code, code] = max(self.old.sizes_m2[code] - lost_m2, 0.0)
        return flows

    # --- the words for it ---------------------------------------------------------------------

    def _recoded(self) -> Iterator[Change]:
        fresh, gone = set(self.fresh), set(self.gone)
        for (before, after), flow_m2 in self.flows_m2.items():
            of_old = flow_m2 >= SAME_GROUND * self.old.sizes_m2[before]
            of_new = flow_m2 >= SAME_GROUND * self.new.sizes_m2[after]
            if before in gone and after in fresh and of_old and of_new:
                yield self._change(Kind.RECODED, (before,), (after,))

    def _split(self) -> Iterator[Change]:
        parts: dict[str, list[str]] = {}
        for before, after in sorted(self.flows_m2):
            mostly = self.flows_m2[before, after] >= MOST * self.new.sizes_m2[after]
            if mostly and (after == before or after not in self.old.shapes):
                parts.setdefault(before, []).append(after)
        for before, afters in parts.items():
            whole_m2 = sum(self.flows_m2[before, after] for after in afters)
            if len(afters) > 1 and whole_m2 >= SAME_GROUND * self.old.sizes_m2[before]:
                yield self._change(Kind.SPLIT, (before,), tuple(afters))

    def _merged(self) -> Iterator[Change]:
        parts: dict[str, list[str]] = {}
        for before, after in sorted(self.flows_m2):
            mostly = self.flows_m2[before, after] >= MOST * self.old.sizes_m2[before]
            if mostly and (after == before or before not in self.new.shapes):
                parts.setdefault(after, []).append(before)
        for after, befores in parts.items():
            whole_m2 = sum(self.flows_m2[before, after] for before in befores)
            if len(befores) > 1 and whole_m2 >= SAME_GROUND * self.new.sizes_m2[after]:
                yield self._change(Kind.MERGED, tuple(befores), (after,))

    def _alone(self, told: list[Change]) -> Iterator[Change]:
        """Yield the areas that are new or gone and that no other word explains."""
        before = {code for one in told for code in one.before}
        after = {code for one in told for code in one.after}
        for code in self.fresh:
            if code not in after:
                yield self._change(Kind.ADDED, (), (code,))
        for code in self.gone:
            if code not in before:
                yield self._change(Kind.REMOVED, (code,), ())

    def _labels(self) -> Iterator[Change]:
        for code in self.common:
            shape = self.new.shapes[code]
            for kind, old, new in (
                (Kind.RENAMED, self.old.names[code], self.new.names[code]),
                (Kind.REPARENTED, self.old.parents[code], self.new.parents[code]),
            ):
                if old != new:
                    detail = f"{new or 'nobody'}, before {old or 'nobody'}"
                    yield Change(kind, self.level, (code,), (code,), 0.0, shape, detail)

    def _overlapped(self, smallest_m2: float) -> Iterator[Change]:
        for (before, after), ground in self.overlaps.items():
            if (size_m2 := area_m2(ground)) >= smallest_m2:
                yield Change(Kind.OVERLAPPED, self.level, before, after, size_m2, ground)

    def _pairs(self, before: tuple[str, ...], after: tuple[str, ...]) -> list[tuple[str, str]]:
        """Return the pairs of codes between which ground moved that no other change tells."""
        pairs = [(one, other) for one in before or ("",) for other in after or ("",)]
        return [one for one in pairs if one in self.moves and one not in self._explained]

    def _change(self, kind: Kind, before: tuple[str, ...], after: tuple[str, ...]) -> Change:
        pairs = self._pairs(before, after)
        self._explained.update(pairs)
        moves = [self.moves[pair] for pair in pairs]
        ground = surface(shapely.union_all([move.ground for move in moves]))
        size_m2 = sum(move.size_m2 for move in moves)
        named = tuple(filter(None, before)), tuple(filter(None, after))
        return Change(kind, self.level, *named, size_m2, ground)


def _moves(lost: dict[str, BaseGeometry], gained: dict[str, BaseGeometry]) -> Iterator[_Move]:
    """Yield all ground that belongs to another area now, or to nobody, or did to nobody."""
    losers, takers = sorted(lost), sorted(gained)
    before = np.array([lost[code] for code in losers], dtype=object)
    after = np.array([gained[code] for code in takers], dtype=object)
    ones, others = shapely.STRtree(after).query(before, predicate="intersects")
    for one, other in sorted(zip(ones.tolist(), others.tolist(), strict=True)):
        yield from _move(
            losers[one], takers[other], shapely.intersection(before[one], after[other])
        )
    for one, code in enumerate(losers):
        yield from _move(code, "", _without(before[one], after[others[ones == one]]))
    for other, code in enumerate(takers):
        yield from _move("", code, _without(after[other], before[ones[others == other]]))


def _overlaps(areas: Iterable[BaseGeometry]) -> Iterator[BaseGeometry]:
    """Yield the ground that two of the areas have in common, for each such pair."""
    shapes = np.array(list(areas), dtype=object)
    if shapely.coverage_is_valid(shapes):  # a tiling, which is told much faster
        return
    suspects = np.flatnonzero(~shapely.is_empty(shapely.coverage_invalid_edges(shapes)))
    ones, others = shapely.STRtree(shapes).query(shapes[suspects], predicate="intersects")
    pairs = np.sort(np.column_stack([suspects[ones], others]), axis=1)
    for one, other in np.unique(pairs[pairs[:, 0] < pairs[:, 1]], axis=0):
        common = surface(shapely.intersection(shapes[one], shapes[other]))
        if not common.is_empty:
            yield common


def _by_holders(
    ground: BaseGeometry, old: dict[str, BaseGeometry], new: dict[str, BaseGeometry]
) -> dict[_Holders, BaseGeometry]:
    """Return a piece of ground for all codes that had and that have it, where these differ."""
    found: dict[_Holders, list[BaseGeometry]] = {}
    sides = [(list(areas), shapely.STRtree(list(areas.values()))) for areas in (old, new)]
    for part in shapely.get_parts(ground):
        pieces: dict[_Holders, BaseGeometry] = {((), ()): part}
        for side, (codes, tree) in enumerate(sides):
            for row in np.sort(tree.query(part, predicate="intersects")):
                pieces = dict(_divided(pieces, side, codes[row], tree.geometries[row]))
        for (before, after), piece in pieces.items():
            if before != after:
                found.setdefault((before, after), []).append(piece)
    return {holders: surface(shapely.union_all(of)) for holders, of in sorted(found.items())}


def _divided(
    pieces: dict[_Holders, BaseGeometry], side: int, code: str, shape: BaseGeometry
) -> Iterator[tuple[_Holders, BaseGeometry]]:
    """Yield the pieces in the area, which is one holder more, and those beside it."""
    for (before, after), piece in pieces.items():
        within = surface(shapely.intersection(piece, shape))
        beside = surface(shapely.difference(piece, shape))
        if not beside.is_empty:
            yield (before, after), beside
        if not within.is_empty:
            yield ((*before, code), after) if side == 0 else (before, (*after, code)), within


def _all_without(areas: dict[str, BaseGeometry], ground: BaseGeometry) -> dict[str, BaseGeometry]:
    return {code: surface(shapely.difference(shape, ground)) for code, shape in areas.items()}


def _move(before: str, after: str, ground: BaseGeometry) -> Iterator[_Move]:
    ground = surface(ground)
    if size_m2 := area_m2(ground):
        yield _Move(before, after, ground, size_m2)


def _without(shape: BaseGeometry, others: NDArray[np.object_]) -> BaseGeometry:
    return shapely.difference(shape, shapely.union_all(others)) if len(others) else shape
