"""Cut a simple ring in two along one straight chord, at a wanted share of its area.

Rings are arrays of ``(n, 2)`` degrees, longitude first, counter-clockwise, not closed. A single
chord of a ring without holes always leaves two connected pieces, however bent the ring is, which
a full straight cut does not.

The same ring gives the same cut on every machine: sums are numpy's own, because BLAS and the
vectorised functions of numpy round differently from one processor to the next, and choices
between equals are made after rounding.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import atan2, cos, pi, sin

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import Polygon

from gridmap.tiling import GRID_DECIMALS

Ring = NDArray[np.float64]

# A piece may differ by a quarter from its fair area before another direction is tried: that
# keeps pieces compact, and cell areas within about a factor of two of each other after ten cuts.
TOLERANCE = 0.25
# Halvings of the ring's width when the position of a cut is sought: 2^-20 of it is far below the
# width that matters for an area share.
HALVINGS = 20
# Errors (relative) and squared sides (square degrees) that differ by less are equal: above the
# rounding of sums over a ring, below what the grid lets differ.
TIE_DECIMALS = 12


@dataclass(frozen=True)
class Cut:
    """Two rings that together are the one cut, how many pieces each still holds, and the error.

    ``error`` is the larger relative deviation of the two from their fair areas.
    """

    first: Ring
    second: Ring
    first_count: int
    second_count: int
    error: float


def ring_area(ring: Ring) -> float:
    """Return the signed area in square degrees; above zero when counter-clockwise."""
    x, y = ring.T - ring[0][:, None]
    return float((x * np.roll(y, -1) - np.roll(x, -1) * y).sum()) / 2


def best_cut(ring: Ring, count: int, *, lng_scale: float) -> Cut | None:
    """Return the first good cut of a ring that holds ``count`` pieces; ``None`` without any.

    Cuts run across the longer axis first, then across the shorter, then diagonally; the ring is
    halved if possible. ``lng_scale`` is the length of a degree of longitude in degrees of
    latitude (the cosine of the latitude). Without a cut within `TOLERANCE` the best is taken.
    """
    best: Cut | None = None
    for share_count in dict.fromkeys((count // 2, count // 3, 1)):
        for angle in _directions(ring, lng_scale):
            for cut in _cuts(ring, angle, count, max(1, share_count), lng_scale):
                if best is None or cut.error < best.error:
                    best = cut
            if best is not None and best.error <= TOLERANCE:
                return best
    return best


def _directions(ring: Ring, lng_scale: float) -> tuple[float, ...]:
    """Return angles of the axes along which cuts are placed, longest side of the box first."""
    plane = shapely.polygons(ring * (lng_scale, 1.0))
    box = shapely.get_coordinates(shapely.oriented_envelope(plane))
    if len(box) < 4:  # noqa: PLR2004 - a degenerate box has no two sides
        return (0.0, pi / 2)
    sides = box[1:3] - box[0:2]
    side = sides[int(np.argmax((sides**2).sum(axis=1).round(TIE_DECIMALS)))]
    # A box has no direction of its own: fold the angle, so that the vertex order cannot matter.
    angle = atan2(side[1], side[0]) % pi
    return (angle, angle + pi / 2, angle + pi / 4, angle - pi / 4)


def _cuts(
    ring: Ring, angle: float, count: int, share_count: int, lng_scale: float
) -> Iterator[Cut]:
    x, y = ring[:, 0] * lng_scale, ring[:, 1]
    along, across = x * cos(angle) + y * sin(angle), y * cos(angle) - x * sin(angle)
    position = _position(along, across, share_count / count)
    crossings = _crossings(ring, along, across, position)
    for one, two in zip(crossings[::2], crossings[1::2], strict=False):
        (start, first_point), (end, second_point) = sorted((one, two), key=lambda cross: cross[0])
        first = _tidy(np.vstack([first_point, ring[start + 1 : end + 1], second_point]))
        second = _tidy(np.vstack([second_point, ring[end + 1 :], ring[: start + 1], first_point]))
        if cut := _weighed(first, second, count):
            yield cut


def _position(along: NDArray[np.float64], across: NDArray[np.float64], share: float) -> float:
    """Return where a straight line leaves ``share`` of the ring's area on its lower side.

    Green's theorem: the area below ``t`` is the integral of ``min(along, t)`` over ``across``
    around the ring, and the mean of that minimum over one edge has a closed form.
    """
    ahead = np.roll(along, -1)
    low, high = np.minimum(along, ahead), np.maximum(along, ahead)
    width = np.where(high > low, high - low, 1.0)
    middle = (low + high) / 2
    rise = np.roll(across, -1) - across

    def area_below(position: float) -> float:
        mean = np.where(position >= high, middle, position - (position - low) ** 2 / (2 * width))
        return float((np.where(position <= low, position, mean) * rise).sum())

    bottom, top = float(along.min()), float(along.max())
    whole = area_below(top)
    tie = abs(whole) * 10.0**-TIE_DECIMALS
    for _ in range(HALVINGS):
        position = (bottom + top) / 2
        missing = share * whole - area_below(position)
        if (
            abs(missing) <= tie
        ):  # the middle of a box is found at once, not approached from one side
            return position
        bottom, top = (position, top) if missing > 0 else (bottom, position)
    return (bottom + top) / 2


def _crossings(
    ring: Ring, along: NDArray[np.float64], across: NDArray[np.float64], position: float
) -> list[tuple[int, Ring]]:
    """Return (edge, point on the grid) for every crossing of the line, in order along it.

    An edge crosses when exactly one of its ends lies beyond the line, so a vertex on the line
    counts once and the crossings pair up into chords inside the ring.
    """
    ahead = np.roll(along, -1)
    edges = np.flatnonzero((along > position) != (ahead > position))
    part = (position - along[edges]) / (ahead[edges] - along[edges])
    points = ring[edges] + part[:, None] * (np.roll(ring, -1, axis=0)[edges] - ring[edges])
    heights = across[edges] + part * (np.roll(across, -1)[edges] - across[edges])
    order = np.argsort(heights, kind="stable")
    return [(int(edges[row]), np.round(points[row], GRID_DECIMALS)) for row in order]


def _tidy(ring: Ring) -> Ring:
    """Return the ring without vertices that repeat the one before."""
    return ring[np.any(ring != np.roll(ring, 1, axis=0), axis=1)]


def _weighed(first: Ring, second: Ring, count: int) -> Cut | None:
    """Return the cut with pieces allotted by area; ``None`` when a side is no proper polygon."""
    if min(len(first), len(second)) < 3:  # noqa: PLR2004 - a polygon has three corners
        return None
    one, two = ring_area(first), ring_area(second)
    if min(one, two) <= 0 or not (Polygon(first).is_valid and Polygon(second).is_valid):
        return None
    fair = (one + two) / count
    first_count = min(max(round(one / fair), 1), count - 1)
    second_count = count - first_count
    error = max(abs(one / first_count - fair), abs(two / second_count - fair)) / fair
    return Cut(first, second, first_count, second_count, round(error, TIE_DECIMALS))
