"""What is wrong with the lines and codes of a draft or release; nothing is repaired here.

A release that is an exact tiling (`gridmap.tiling`) has no findings but its exclaves, and that
is told by comparing vertices, not by overlaying areas, so a whole city takes seconds.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from gridmap import coding, measure
from gridmap.boundary import Draft, Layer
from gridmap.findings import Finding, Kind, Severity, faults, table
from gridmap.measure import area_m2
from gridmap.surface import part_surfaces, sound, surface

__all__ = ["Finding", "Kind", "Severity", "check", "faults", "table"]

# A square decimetre: lines that differ by less are the same line written with other rounding.
SMALLEST_M2 = 0.01

# Ground narrower than this is noise of drawing: nobody marks a kerb or a wall's foot better than
# to some decimetres, and two vintages of the Xicheng/Fengtai line differ by 4.7 m in the median.
SLIVER_WIDTH_M = 1.0

# A degree of latitude is 111.7 km at most, and of longitude 111.3: for looking before measuring.
_LONGEST_DEGREE_M = 112_000.0


def check(
    draft: Draft, *, smallest_m2: float = SMALLEST_M2, sliver_width_m: float = SLIVER_WIDTH_M
) -> tuple[Finding, ...]:
    """Return everything there is to say about a draft or release, coarsest level first.

    Parameters
    ----------
    draft
        What `gridmap.read.draft` or `gridmap.read.release` returned; levels may be missing, each
        is compared with the next coarser one it has.
    smallest_m2
        Overlaps, gaps, outside and separate parts below this true ground area are not told.
    sliver_width_m
        Overlaps, gaps and outside parts narrower than this (twice the area over the outline)
        are told as slivers, which are warnings; a separate part of an area that narrow is a
        splinter.

    Notes
    -----
    Exclaves are normal, and told as information; `faults` leaves them out. Invalid polygons are
    told, and for the other questions taken as `shapely.make_valid` reads them. A gap inside one
    parent is told with the parent first, then the children that touch it; at the top level only
    gaps that areas enclose can be known. A narrow arm of an area that is one piece with the rest
    is not told.
    """
    found = list(coding.duplicates(draft))
    ruler = _Ruler(smallest_m2=smallest_m2, sliver_width_m=sliver_width_m)
    for level in draft.levels:
        found += coding.ill_formed(draft.layers[level])
        found += _alone(draft.layers[level], ruler)
        found += _parts(draft.layers[level], ruler)
    found += _enclosed(draft.layers[draft.levels[0]], ruler)
    for above, level in pairwise(draft.levels):
        found += coding.orphans(draft.layers[above], draft.layers[level])
        found += _against(draft.layers[above], draft.layers[level], ruler)
    order = {level: row for row, level in enumerate(draft.levels)}
    return tuple(sorted(found, key=lambda one: order[one.level]))


class _Ruler:
    """The thresholds of one check, applied to pieces of ground."""

    def __init__(self, *, smallest_m2: float, sliver_width_m: float) -> None:
        self._smallest_m2 = smallest_m2
        self.sliver_width_m = sliver_width_m

    def ground(
        self, kind: Kind, layer: Layer, codes: Sequence[str], ground: BaseGeometry
    ) -> Iterator[Finding]:
        """Yield the finding about a piece of ground, unless it is too small to tell."""
        if (size_m2 := area_m2(ground)) < self._smallest_m2 or not size_m2:
            return
        width_m = measure.width_m(ground)
        narrow = width_m < self.sliver_width_m
        yield Finding(kind, layer.level, tuple(codes), size_m2, ground, width_m, narrow)


def _alone(layer: Layer, ruler: _Ruler) -> Iterator[Finding]:
    """Yield what is wrong inside one level: invalid polygons, overlaps, unmatched lines."""
    for row in np.flatnonzero(~shapely.is_valid(layer.geometries)):
        reason = shapely.is_valid_reason(layer.geometries[row])
        codes = _codes(layer, [row])
        yield Finding(Kind.INVALID, layer.level, codes, 0.0, layer.geometries[row], detail=reason)
    shapes = sound(layer.geometries)
    edges = shapely.coverage_invalid_edges(shapes)
    suspects = np.flatnonzero(~shapely.is_empty(edges))
    overlapping: set[int] = set()
    for one, other in _touching_pairs(shapes, suspects):
        common = surface(shapely.intersection(shapes[one], shapes[other]))
        for finding in ruler.ground(Kind.OVERLAP, layer, _codes(layer, [one, other]), common):
            overlapping |= {one, other}
            yield finding
    for row in suspects:
        if row not in overlapping:
            yield Finding(Kind.UNMATCHED, layer.level, _codes(layer, [row]), 0.0, edges[row])


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


def _parts(layer: Layer, ruler: _Ruler) -> Iterator[Finding]:
    """Yield the splinters and exclaves: every separate part but the largest of its area.

    An area that is narrow as a whole is told as a splinter too.
    """
    parts, owners = part_surfaces(layer.geometries)
    sizes = shapely.area(parts)
    largest = np.zeros(len(parts), dtype=bool)
    by_size = np.lexsort((-sizes, owners))
    largest[by_size[np.unique(owners[by_size], return_index=True)[1]]] = True
    possible_m = 2 * sizes / shapely.length(parts) * _LONGEST_DEGREE_M
    around = shapely.STRtree(layer.geometries)
    for at in np.flatnonzero(~largest | (possible_m < ruler.sliver_width_m)):
        codes = _codes(layer, [owners[at]])
        for finding in ruler.ground(Kind.EXCLAVE, layer, codes, parts[at]):
            if finding.is_sliver:
                yield _renamed(finding, Kind.SPLINTER)
            elif not largest[at]:
                neighbours = np.sort(around.query(parts[at], predicate="intersects"))
                others = _codes(layer, neighbours[neighbours != owners[at]])
                yield _renamed(finding, Kind.EXCLAVE, others, detail=_lying(others))


def _renamed(
    finding: Finding, kind: Kind, others: tuple[str, ...] = (), *, detail: str = ""
) -> Finding:
    return Finding(
        kind,
        finding.level,
        finding.codes + others,
        finding.size_m2,
        finding.geometry,
        finding.width_m,
        finding.is_sliver,
        detail,
    )


def _lying(others: tuple[str, ...]) -> str:
    if not others:
        return " that touches no other area"
    return f" inside {others[0]}" if len(others) == 1 else f" between {', '.join(others)}"


def _enclosed(layer: Layer, ruler: _Ruler) -> Iterator[Finding]:
    """Yield the gaps that the areas of the top level enclose between them."""
    if len(layer) == 1:  # the hole of a lone area is its own, such as another city's enclave
        return
    tree = shapely.STRtree(sound(layer.geometries))
    for part in shapely.get_parts(shapely.union_all(tree.geometries)):
        for ring in part.interiors:
            yield from _gaps(layer, tree, shapely.polygons(ring), (), ruler)


def _against(above: Layer, layer: Layer, ruler: _Ruler) -> Iterator[Finding]:
    """Yield what is wrong between the ground of a level and the next coarser one."""
    shapes, parents = sound(layer.geometries), sound(above.geometries)
    tree = shapely.STRtree(shapes)
    rows_by_parent = np.argsort(layer.parents, kind="stable")
    parent_codes, parent_starts = np.unique(above.codes, return_index=True)
    parent_ends = np.append(parent_starts[1:], len(above))
    starts = np.searchsorted(layer.parents[rows_by_parent], parent_codes, side="left")
    ends = np.searchsorted(layer.parents[rows_by_parent], parent_codes, side="right")
    for code, first, last, start, end in zip(
        parent_codes.tolist(), parent_starts, parent_ends, starts, ends, strict=True
    ):
        # A code that stands twice is told as such; here its areas are one parent.
        parent = parents[first] if last == first + 1 else shapely.union_all(parents[first:last])
        rows = rows_by_parent[start:end]
        if _is_exact_union(parent, shapes[rows]):
            continue
        missing = surface(shapely.difference(parent, shapely.union_all(shapes[rows])))
        # What the children of others have there is told as theirs, outside, and no gap.
        foreign = np.setdiff1d(tree.query(missing, predicate="intersects"), rows)
        if len(foreign):
            missing = shapely.difference(missing, shapely.union_all(shapes[foreign]))
        yield from _gaps(layer, tree, missing, (code,), ruler)
        for row in rows:
            beyond = surface(shapely.difference(shapes[row], parent))
            codes = (*_codes(layer, [row]), code)
            yield from ruler.ground(Kind.OUTSIDE, layer, codes, beyond)


def _is_exact_union(parent: BaseGeometry, children: NDArray[np.object_]) -> bool:
    """Tell whether the children make the parent vertex for vertex."""
    if not len(children) or not shapely.coverage_is_valid(children):
        return False
    whole = shapely.normalize(shapely.coverage_union_all(children))
    return bool(shapely.equals_exact(whole, shapely.normalize(parent)))


def _gaps(
    layer: Layer,
    tree: shapely.STRtree,
    ground: BaseGeometry,
    parent: tuple[str, ...],
    ruler: _Ruler,
) -> Iterator[Finding]:
    for part in shapely.get_parts(surface(ground)):
        near = np.sort(tree.query(part, predicate="intersects"))
        common = shapely.length(shapely.intersection(part, tree.geometries[near]))
        # Who only meets it in a corner is no neighbour, where others have a line with it.
        near = near[common > 0] if (common > 0).any() else near
        yield from ruler.ground(Kind.GAP, layer, parent + _codes(layer, near), part)


def _codes(layer: Layer, rows: Sequence[int | np.integer] | NDArray[np.int64]) -> tuple[str, ...]:
    return tuple(str(layer.codes[row] or layer.names[row]) for row in rows)
