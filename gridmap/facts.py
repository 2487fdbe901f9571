"""Know polygons by their published extents and areas, where a file's attributes do not tell.

The table is a CSV with ``code, name, west, south, east, north, area_km2``, degrees of WGS 84
with four decimals. It is also the check that a file is the one the definition describes.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray

from gridmap.errors import FactsMismatchError
from gridmap.measure import areas_m2

# The extents are rounded to four decimals: half a unit, and some for a publisher's own rounding.
EXTENT_TOLERANCE_DEG = 1e-4
# Areas are rounded to 0.001 km2, and their way of measuring is not stated.
AREA_TOLERANCE = 0.005
AREA_TOLERANCE_KM2 = 0.001


@dataclass(frozen=True)
class Facts:
    """What is published about n areas, as parallel arrays; ``extents`` has shape (n, 4)."""

    path: str
    codes: NDArray[np.str_]
    names: NDArray[np.str_]
    extents: NDArray[np.float64]  # west, south, east, north
    areas_km2: NDArray[np.float64]


def load(path: Path) -> Facts:
    """Return the table at ``path``.

    Raises
    ------
    FactsMismatchError
        The file is missing, or a column or number of it.
    """
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            rows = list(csv.DictReader(lines))
        sides = ("west", "south", "east", "north")
        return Facts(
            path=str(path),
            codes=np.array([row["code"] for row in rows], dtype=np.str_),
            names=np.array([row["name"] for row in rows], dtype=np.str_),
            extents=np.array([[float(row[side]) for side in sides] for row in rows]),
            areas_km2=np.array([float(row["area_km2"]) for row in rows]),
        )
    except OSError as error:
        raise FactsMismatchError(facts=str(path), why=f"it cannot be read: {error}") from error
    except (KeyError, ValueError) as error:
        raise FactsMismatchError(facts=str(path), why=f"a column is wrong: {error}") from error


def identified(polygons: NDArray[np.object_], facts: Facts) -> NDArray[np.int64]:
    """Return for each polygon (EPSG:4490) the row of the facts that describe it.

    Every polygon must match exactly one row and every row one polygon.

    Raises
    ------
    FactsMismatchError
        The numbers differ, or a polygon's extent or area is in no row: another edition of the
        file, another CRS, or a damaged download.
    """
    if len(polygons) != len(facts.codes):
        why = f"it lists {len(facts.codes)} areas and the file has {len(polygons)} polygons"
        raise FactsMismatchError(facts=facts.path, why=why)
    found = shapely.bounds(polygons)
    areas_km2 = areas_m2(polygons) / 1e6
    rows = np.array([_row(found[at], areas_km2[at], facts) for at in range(len(polygons))])
    if len(missing := np.setdiff1d(np.arange(len(facts.codes)), rows)):
        first = facts.names[missing[0]]
        raise FactsMismatchError(facts=facts.path, why=f"no polygon of the file is {first}")
    return rows


def _row(extent: NDArray[np.float64], area_km2: float, facts: Facts) -> int:
    off_deg = np.abs(facts.extents - extent).max(axis=1)
    best = int(np.argmin(off_deg))
    allowed_km2 = max(AREA_TOLERANCE * area_km2, AREA_TOLERANCE_KM2)
    if off_deg[best] > EXTENT_TOLERANCE_DEG or abs(facts.areas_km2[best] - area_km2) > allowed_km2:
        west, south, east, north = (round(float(side), 4) for side in extent)
        why = (
            f"it has no area with the extent {west}, {south}, {east}, {north} and "
            f"{area_km2:.3f} km² that a polygon of the file has; the nearest is {facts.names[best]}"
        )
        raise FactsMismatchError(facts=facts.path, why=why)
    return best
