"""What is wrong with the lines of a release: overlaps, gaps, children outside, orphans.

`check` only looks; nothing is repaired here. A release that is an exact tiling (`gridmap.tiling`)
has no findings, and that is told by comparing vertices, not by overlaying areas, so a whole city
takes seconds.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from gridmap.boundary import Layer, Release
from gridmap.level import Level
from gridmap.measure import area_m2

# A square decimetre: lines that differ by less are the same line written with other rounding.
SMALLEST_M2 = 0.01


class Kind(StrEnum):
    """What a finding says about its areas."""

    INVALID = "invalid"  # an outline crosses itself, or rings lie wrongly
    ORPHAN = "orphan"  # the parent is not in the release
    OVERLAP = "overlap"  # two areas of one level claim the same ground
    GAP = "gap"  # ground of a parent, or between areas, that no area claims
    OUTSIDE = "outside"  # ground of a child that its parent does not have
    UNMATCHED = "unmatched"  # neighbours draw their common line with different vertices


_SAYS = {
    Kind.INVALID: "{level} {first} is not a valid polygon",
    Kind.ORPHAN: "{level} {first} has no parent in this release",
    Kind.OVERLAP: "{level} {first} overlaps {rest} by {size_m2:,.2f} m²",
    Kind.GAP: "no {level} claims {size_m2:,.2f} m² next to or inside {all}",
    Kind.OUTSIDE: "{level} {first} lies outside its parent {rest} with {size_m2:,.2f} m²",
    Kind.UNMATCHED: "{level} {first} draws a common line with other vertices than its neighbour",
}


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong: the areas concerned, the ground in EPSG:4490, its true size."""

    kind: Kind
    level: Level
    codes: tuple[str, ...]
    size_m2: float
    geometry: BaseGeometry

    def __str__(self) -> str:
        says = _SAYS[self.kind].format(
            level=self.level,
            first=self.codes[0] if self.codes else "",
            rest=", ".join(self.codes[1:]),
            all=", ".join(self.codes) or "the release",
            size_m2=self.size_m2,
        )
        if self.geometry.is_empty:
            return says
        at = self.geometry.representative_point()
        return f"{says}, at {at.x:.6f}, {at.y:.6f}"


def check(release: Release, *, smallest_m2: float = SMALLEST_M2) -> tuple[Finding, ...]:
    """Return everything wrong with the lines of a release, coarsest level first.

    Parameters
    ----------
    release
        Any release; levels may be missing, each is compared with the next coarser one it has.
    smallest_m2
        Overlaps, gaps and outside parts below this true ground area are not told.

    Notes
    -----
    Invalid polygons are told, and for the other questions taken as `shapely.make_valid` reads
    them. A gap inside one parent is told with the parent first, then the children that touch it;
    at the top level only gaps that areas enclose can be known.
    """
    found: list[Finding] = []
    for level in release.levels:
        found += _alone(release.layers[level], smallest_m2)
    top = release.layers[release.levels[0]]
    found += _enclosed(top, smallest_m2)
    for above, level in pairwise(release.levels):
        found += _against(release.layers[above], release.layers[level], smallest_m2)
    order = {level: row for row, level in enumerate(release.levels)}
    return tuple(sorted(found, key=lambda one: order[one.level]))


def _alone(layer: Layer, smallest_m2: float) -> Iterator[Finding]:
    """Yield what is wrong inside one level: invalid polygons, overlaps, unmatched lines."""
    for row in np.flatnonzero(~shapely.is_valid(layer.geometries)):
        yield _finding(Kind.INVALID, layer, [row], layer.geometries[row], size_m2=0.0)
    shapes = _sound(layer)
    edges = shapely.coverage_invalid_edges(shapes)
    suspects = np.flatnonzero(~shapely.is_empty(edges))
    overlapping: set[int] = set()
    for one, other in _touching_pairs(shapes, suspects):
        common = _surface(shapely.intersection(shapes[one], shapes[other]))
        if (size_m2 := area_m2(common)) >= smallest_m2:
            overlapping |= {one, other}
            yield _finding(Kind.OVERLAP, layer, [one, other], common, size_m2=size_m2)
    for row in suspects:
        if row not in overlapping:
            yield _finding(Kind.UNMATCHED, layer, [row], edges[row], size_m2=0.0)


def _touching_pairs(
    shapes: NDArray[np.object_], suspects: NDArray[np.int64]
) -> Iterator[tuple[int, int]]:
    """Yield each pair of rows once in which a suspect meets another area."""
    if not len(suspects):
        return
    ones, others = shapely.STRtree(shapes).query(shapes[suspects], predicate="intersects")
    pairs = np.sort(np.column_stack([suspects[ones], others]), axis=1)
    for one, other in np.unique(pairs[pairs[:, 0] < pairs[:, 1]], axis=0):
        yield int(one), int(other)


def _enclosed(layer: Layer, smallest_m2: float) -> Iterator[Finding]:
    """Yield the gaps that the areas of the top level enclose between them."""
    if len(layer) == 1:  # the hole of a lone area is its own, such as another city's enclave
        return
    whole = shapely.union_all(_sound(layer))
    for part in shapely.get_parts(whole):
        for ring in part.interiors:
            yield from _gaps(layer, shapely.polygons(ring), (), smallest_m2)


def _against(above: Layer, layer: Layer, smallest_m2: float) -> Iterator[Finding]:
    """Yield what is wrong between a level and the next coarser one."""
    known = np.isin(layer.parents, above.codes)
    for row in np.flatnonzero(~known):
        yield _finding(Kind.ORPHAN, layer, [row], layer.geometries[row], size_m2=0.0)
    shapes, parents = _sound(layer), _sound(above)
    rows_by_parent = np.argsort(layer.parents, kind="stable")
    starts = np.searchsorted(layer.parents[rows_by_parent], above.codes, side="left")
    ends = np.searchsorted(layer.parents[rows_by_parent], above.codes, side="right")
    for parent_row, (start, end) in enumerate(zip(starts, ends, strict=True)):
        rows = rows_by_parent[start:end]
        parent = parents[parent_row]
        code = str(above.codes[parent_row])
        if _is_exact_union(parent, shapes[rows]):
            continue
        missing = shapely.difference(parent, shapely.union_all(shapes[rows]))
        yield from _gaps(layer, missing, (code,), smallest_m2)
        for row in rows:
            beyond = _surface(shapely.difference(shapes[row], parent))
            if (size_m2 := area_m2(beyond)) >= smallest_m2:
                codes = (str(layer.codes[row]), code)
                yield Finding(Kind.OUTSIDE, layer.level, codes, size_m2, beyond)


def _is_exact_union(parent: BaseGeometry, children: NDArray[np.object_]) -> bool:
    """Tell whether the children make the parent vertex for vertex."""
    if not len(children) or not shapely.coverage_is_valid(children):
        return False
    whole = shapely.normalize(shapely.coverage_union_all(children))
    return bool(shapely.equals_exact(whole, shapely.normalize(parent)))


def _gaps(
    layer: Layer, ground: BaseGeometry, parent: tuple[str, ...], smallest_m2: float
) -> Iterator[Finding]:
    for part in shapely.get_parts(_surface(ground)):
        if (size_m2 := area_m2(part)) < smallest_m2:
            continue
        near = shapely.STRtree(layer.geometries).query(part, predicate="intersects")
        codes = parent + tuple(sorted(str(layer.codes[row]) for row in near))
        yield Finding(Kind.GAP, layer.level, codes, size_m2, part)


def _sound(layer: Layer) -> NDArray[np.object_]:
    """Return the level's polygons, invalid ones as what they most plausibly mean."""
    shapes = layer.geometries.copy()
    bad = ~shapely.is_valid(shapes)
    shapes[bad] = [_surface(shapely.make_valid(shape)) for shape in shapes[bad]]
    return shapes


def _surface(shape: BaseGeometry) -> BaseGeometry:
    """Return only the surfaces of a shape: what it touches in lines and points is no ground."""
    parts = shapely.get_parts(shape, return_index=False)
    parts = shapely.get_parts(parts)  # collections hold multipolygons
    surfaces = parts[shapely.get_dimensions(parts) == 2]  # noqa: PLR2004 - a surface
    return surfaces[0] if len(surfaces) == 1 else shapely.multipolygons(surfaces)


def _finding(
    kind: Kind,
    layer: Layer,
    rows: Sequence[int | np.integer],
    geometry: BaseGeometry,
    *,
    size_m2: float,
) -> Finding:
    codes = tuple(str(layer.codes[row]) for row in rows)
    return Finding(kind, layer.level, codes, size_m2, geometry)
