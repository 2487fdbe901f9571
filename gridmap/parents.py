"""Whose an area is: told by its code, or by the coarser area that holds most of its ground."""

from collections.abc import Collection, Iterable

import numpy as np
import shapely
from numpy.typing import NDArray

from gridmap import codes
from gridmap.level import Level
from gridmap.measure import areas_m2
from gridmap.surface import sound

# Shares that differ by less are equal: areas of the same ground, cut otherwise, differ by 1e-13.
SHARE_DECIMALS = 9


def by_prefix(code: str, parent: Level, among: Collection[str]) -> str:
    """Return the parent's code that a code begins with, "" when there is none."""
    if parent is not Level.CITY:
        stem = code[: codes.DIGITS[parent]]
        return stem if stem in among else ""
    return next((one for one in sorted(among) if codes.is_parent(one, code)), "")


def by_code(children: Iterable[str], parent: Level, among: Collection[str]) -> NDArray[np.str_]:
    """Return for each child's code its parent's, "" where there is none."""
    return np.array([by_prefix(str(code), parent, among) for code in children], dtype=np.str_)


def by_containment(
    shapes: NDArray[np.object_],
    parent_codes: NDArray[np.str_],
    parent_shapes: NDArray[np.object_],
) -> NDArray[np.str_]:
    """Return for each shape the parent that holds the largest share of its ground.

    Parameters
    ----------
    shapes, parent_shapes
        Polygons or multipolygons in EPSG:4490; invalid ones are read as `shapely.make_valid`
        reads them.

    Returns
    -------
    codes
        Same length as ``shapes``; the lowest code where two hold equally much, "" where no
        parent holds a billionth of its ground. A shape that only touches a parent is not in it.
    """
    children, above = sound(shapes), sound(parent_shapes)
    rows, candidates = shapely.STRtree(above).query(children, predicate="intersects")
    names = np.asarray(parent_codes, dtype=np.str_)
    shares = np.ones(len(rows))
    # An area with one candidate inside which it lies needs no overlay: that is nearly all.
    alone = np.bincount(rows, minlength=len(children))[rows] == 1
    inside = np.zeros(len(rows), dtype=bool)
    inside[alone] = shapely.covers(above[candidates[alone]], children[rows[alone]])
    cut = shapely.intersection(children[rows[~inside]], above[candidates[~inside]])
    shares[~inside] = np.round(areas_m2(cut) / areas_m2(children[rows[~inside]]), SHARE_DECIMALS)
    found = np.full(len(children), "", dtype=names.dtype if len(names) else np.str_)
    # The best of each row is written last: least ground first, and among equals the highest code.
    order = np.lexsort((-np.argsort(np.argsort(names[candidates])), shares, rows))
    with_ground = order[shares[order] > 0]
    found[rows[with_ground]] = names[candidates[with_ground]]
    return found
