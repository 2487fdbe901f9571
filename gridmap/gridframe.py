"""Where the coarse pixels of a grid lie on the ground."""

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from gridmap.pixels import MARGIN

Floats = NDArray[np.float64]

# Coarse pixels for each area. Few enough for the second-level cache, enough to tell dense
# quarters from empty ones.
_PIXELS_PER_AREA = 5
_FEWEST_PIXELS, _MOST_PIXELS = 1 << 8, 1 << 22
_LONGEST_SIDE = 1 << 13

# Fine pixels are at least this part of the largest coordinate, so that rounding (2^-53 of it)
# stays far below `MARGIN` of a pixel.
_SMALLEST_PIXEL = 2.0**-26


@dataclass(frozen=True)
class Frame:
    """Square coarse pixels in degrees, with a ring of empty ones around the layer's extent."""

    west: float
    south: float
    per_degree: float
    columns: int
    rows: int
    max_shift: int  # fine pixels may be 2^max_shift times smaller

    @staticmethod
    def around(
        polygons: NDArray[np.object_], *, max_shift: int, pixels_per_area: int = _PIXELS_PER_AREA
    ) -> "Frame | None":
        """Return the frame of a layer; None where it has no extent that pixels could divide."""
        bounds = shapely.bounds(polygons[~shapely.is_empty(polygons)])
        if not len(bounds) or not np.isfinite(bounds).all():
            return None
        west, south = (float(side) for side in bounds[:, :2].min(axis=0))
        east, north = (float(side) for side in bounds[:, 2:].max(axis=0))
        width, height = east - west, north - south
        pixels = min(max(pixels_per_area * len(polygons), _FEWEST_PIXELS), _MOST_PIXELS)
        smallest = float(np.abs(bounds).max()) * _SMALLEST_PIXEL
        side = max(
            np.sqrt(width) * np.sqrt(height) / np.sqrt(pixels),
            max(width, height) / _LONGEST_SIDE,
            smallest * 4,
        )
        if not 1e-100 < side < 1e100:  # noqa: PLR2004 - products of coordinates stay finite
            return None
        return Frame(
            west=west - side,
            south=south - side,
            per_degree=1 / side,
            columns=int(np.ceil(width / side)) + 2,
            rows=int(np.ceil(height / side)) + 2,
            max_shift=int(min(max_shift, np.log2(side / smallest))),
        )

    @staticmethod
    def nowhere() -> "Frame":
        """Return the frame of one pixel for layers without an extent."""
        return Frame(west=0, south=0, per_degree=1, columns=1, rows=1, max_shift=0)

    def pixels(self, lnglat: Floats) -> Floats:
        return (lnglat - [self.west, self.south]) * self.per_degree

    def degrees(self, pixels: Floats) -> Floats:
        return pixels / self.per_degree + [self.west, self.south]

    def window(self, box: Floats) -> tuple[slice, slice]:
        """Return the rows and columns that a box in degrees touches."""
        low = np.floor(self.pixels(box[:2]) - MARGIN).astype(int)
        high = np.floor(self.pixels(box[2:]) + MARGIN).astype(int) + 1
        return slice(max(low[1], 0), high[1]), slice(max(low[0], 0), high[0])
